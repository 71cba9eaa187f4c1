# One line per task; what they do is in tools/setup (set-up) and cli (the letta-cloud command).
PYTHON ?= python3
STACK ?= medium
CLOUD ?= aws

SETUP = @$(PYTHON) -m tools.setup
TARGET = --stack '$(STACK)' --cloud '$(CLOUD)'
# LIVE=1 also runs what is deployed; 0 and nothing do not.
LIVE ?=
RUN = $(if $(filter-out 0,$(LIVE)),--live)
# Of test-clouds: the lives of all clouds but the first and the growth of all, unless the caller
# names one.
TESTED = $(if $(filter file,$(origin CLOUD)),others,$(CLOUD))

.PHONY: help setup up preview destroy env cost test test-clouds test-live bench lint format lock

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  STACK=$(STACK) CLOUD=$(CLOUD) choose what is deployed"

setup: ## install what CLOUD needs, and build the engine where there is no release
	$(SETUP) --cloud='$(CLOUD)'

up: ## deploy STACK into the sandbox, with its preview and the policies; LIVE=1 runs it too
	$(SETUP) $(RUN) letta-cloud up $(TARGET) $(RUN)

preview: ## show what `make up` would do
	$(SETUP) letta-cloud preview $(TARGET)

destroy: ## delete what STACK deployed
	$(SETUP) letta-cloud destroy $(TARGET)

env: ## print the exports under which plain `pulumi` works
	$(SETUP) letta-cloud env $(TARGET)

cost: ## what STACK costs a month; ARGS='--compare large --savings' and the like go with it
	$(SETUP) letta-cloud cost $(TARGET) $(ARGS)

lint: ## style, format and types
	$(SETUP) --development
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: ## rewrite the code in the project's format
	$(SETUP) --development
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: ## write the locks anew from pyproject.toml; UPGRADE=NAME lets a package rise
	@$(PYTHON) -m tools.setup.lock $(UPGRADE)

test: lint ## style, types, all units, and the first cloud's stacks on the real engine
	.venv/bin/pytest -n logical --ignore=tests/engine/test_growth.py

test-clouds: ## the other clouds' stacks on the real engine, and growth on all; CLOUD=gcp for one
	$(SETUP) --development
	.venv/bin/pytest tests/engine/test_growth.py tests/engine/test_life.py -n logical --cloud '$(TESTED)'

test-live: ## run deployed stacks for real, with Letta, PostgreSQL and Redis
	$(SETUP) --development --live
	.venv/bin/pytest tests/live

bench: ## measure time and memory, and write docs/benchmark.md
	$(SETUP) --development
	.venv/bin/python -m bench --write
