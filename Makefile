# One line per task; what they do is in tools/setup (set-up) and cli (the letta-cloud command).
PYTHON ?= python3
STACK ?= medium
CLOUD ?= aws

SETUP = @$(PYTHON) -m tools.setup
TARGET = --stack '$(STACK)' --cloud '$(CLOUD)'

.PHONY: help up preview destroy env test lint format

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  \1|/p' $(MAKEFILE_LIST) | column -t -s '|'
	@echo "  STACK=$(STACK) CLOUD=$(CLOUD) choose what is deployed"

up: ## deploy STACK into the sandbox, with its preview and the policies
	$(SETUP) letta-cloud up $(TARGET)

preview: ## show what `make up` would do
	$(SETUP) letta-cloud preview $(TARGET)

destroy: ## delete what STACK deployed
	$(SETUP) letta-cloud destroy $(TARGET)

env: ## print the exports under which plain `pulumi` works: eval "$$(make env)"
	$(SETUP) letta-cloud env $(TARGET)

lint: ## style, format and types
	$(SETUP) --development
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: ## rewrite the code in the project's format
	$(SETUP) --development
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

test: lint ## everything that CI checks
	.venv/bin/pytest
