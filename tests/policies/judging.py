"""A deployment held to the rules, as tests do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from infra.tiers import TIERS
from policies.facts.aws import reader
from policies.facts.graph import Graph
from policies.facts.model import Deployment, Spending
from policies.rules import RULES
from policies.runner import violations
from pricing import book
from pricing.tariffs import Terms
from tests.policies import assembly
from tests.policies.changes import Containers, Resources, Where, reference

KEY = "test-0123456789abcdef"
"""Of an LLM provider; no real one looks like it."""
_KEYS = {name: {"api_key": KEY} for name in ("anthropic", "openai")}
_TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hugging-face-AbCdEf"

STACKS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "small": ("small", {}),
    "medium": ("medium", {}),
    "large": ("large", {}),
    "cpu": ("large", {"embedding": "cpu", "worker": {"capacity": "spot"}}),
    "vllm": (
        "large",
        {
            "embedding": "api",
            "llm": {"hosting": "vllm"},
        },
    ),
    "nodes": (
        "large",
        {
            "embedding": "api",
            "llm": {
                "hosting": "vllm",
                "vllm": {
                    "model": "llama-3.3-70b",
                    "instance_type": "g5.12xlarge",
                    "context_tokens": 8192,
                    "concurrency": 4,
                    "model_cache": "volume",
                    "hugging_face_token_secret": _TOKEN,
                },
            },
        },
    ),
    "ollama": ("large", {"embedding": "api", "llm": {"hosting": "ollama"}}),
}
"""Name -> tier, and what the tier's stack file is made to say besides: the large tier with each
way to serve models. On `nodes` a model lies on several machines."""

_GENERATIONS = "current-machine-types"
_TOOLS = "tools-run-in-server"
ACCEPTED = {
    "small": frozenset({"api-high-availability"}),
    "medium": frozenset({_GENERATIONS}),
    **dict.fromkeys(("large", "cpu", "vllm", "nodes", "ollama"), frozenset({_GENERATIONS, _TOOLS})),
}
"""Rules that a stack breaks by design: what small's stack file waives, and advice that the
machines of the requirements' bills draw."""


TODAY = date(2026, 11, 22)
BUDGETS = {"small": 250, "medium": 4000}
"""Stack -> most that a month may cost, USD: somewhat more than it does."""
LARGE_BUDGET = 200_000


@cache
def spending(stack: str) -> Spending:
    """List prices, all as if looked up today: how old they are is not a deployment's fault."""
    prices = book.load(book.CURRENT)
    fresh = tuple(replace(row, as_of=TODAY, trust="api") for row in prices.rows)
    return Spending(
        budget_usd=Decimal(BUDGETS.get(stack, LARGE_BUDGET)),
        book=replace(prices, rows=fresh),
        terms=Terms(on=TODAY),
        today=TODAY,
    )


@cache
def good(stack: str) -> Resources:
    """A stack with nothing left to say against it: a model's key, and on small and medium a
    sandbox for tools."""
    tier, overrides = STACKS[stack]
    llm = overrides.get("llm", {})
    resources = assembly.resources(tier, {**overrides, "llm": {**llm, "providers": _KEYS}})
    for task in {"small": ("-api",), "medium": ("-api", "-work")}.get(stack, ()):
        sandboxed = Containers(Where("TaskDefinition", task), reference("E2B_API_KEY"), "server")
        resources = sandboxed(resources)
    return resources


def facts(stack: str, resources: Resources) -> Deployment:
    """What rules read of the resources."""
    tier, _ = STACKS[stack]
    return reader.read(
        Graph(resources), tier=tier, workload=TIERS[tier].workload, spending=spending(stack)
    )


def judged(stack: str, resources: Resources) -> dict[str, list[str]]:
    """Rule -> messages, of the rules that are broken, but for those that the stack breaks."""
    deployment = facts(stack, resources)
    messages = {
        rule.name: [found.message for found in violations(rule, deployment, {})] for rule in RULES
    }
    return {
        name: found for name, found in messages.items() if found and name not in ACCEPTED[stack]
    }
