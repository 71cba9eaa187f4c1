"""Deployments of one cloud held to the rules: good ones, and ways to spoil them.

A cloud has its own in `tests/policies/clouds/<cloud>.py`, which ends in `CASE = Case(...)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, cast

from infra import platforms
from infra.tiers import TIERS, tier_on
from policies import stack_settings
from policies.facts.graph import Graph
from policies.facts.model import Deployment, Spending
from policies.facts.stack import Asked
from policies.rules import RULES
from policies.runner import violations
from pricing import book
from pricing.plans import priced
from pricing.tariffs import Terms
from tests.policies import assembly
from tests.policies.changes import Resources
from tests.policies.mutants import Mutant

TODAY = date(2026, 11, 22)
KEY = "test-0123456789abcdef"
"""Of an LLM provider; no real one looks like it."""
_KEYS = {name: {"api_key": KEY} for name in ("anthropic", "openai")}
_BUDGET_USD = 200_000
Stacks = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Name -> tier, and what the tier's stack file is made to say besides."""


def _as_it_is(_stack: str, resources: Resources) -> Resources:
    return resources


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What tests of the rules know of a cloud."""

    cloud: str
    mutants: tuple[Mutant, ...]
    accepted: Mapping[str, frozenset[str]]
    """Stack -> rules that it breaks by design: what its stack file waives, and advice."""
    stacks: Stacks = field(default_factory=lambda: {tier: (tier, {}) for tier in TIERS})
    let_through: frozenset[str] = frozenset()
    """Names of mutants whose property may be unknown in a preview: it counts as there, or the
    cloud makes it up and it is looked at when it is known."""
    budgets_usd: Mapping[str, int] = field(default_factory=dict)
    """Stack -> most that a month may cost; so much that it never matters, where none is given."""
    complete: Callable[[str, Resources], Resources] = _as_it_is
    """Stack and its resources -> the same with what there is still to say against it put right,
    such as a sandbox for tools."""

    @staticmethod
    def with_keys(overrides: Mapping[str, Any]) -> dict[str, Any]:
        """What a stack file is made to say, with keys of the providers of its models."""
        return {**overrides, "llm": {**overrides.get("llm", {}), "providers": _KEYS}}

    def good(self, stack: str) -> Resources:
        """A stack with nothing left to say against it; models have their providers' keys."""
        return _good(self, stack)

    def spending(self, stack: str) -> Spending:
        """List prices, all as if looked up today: how old they are is not a deployment's fault."""
        return _spending(self, stack)

    def facts(self, stack: str, resources: Resources) -> Deployment:
        """What rules read of the resources."""
        tier, _ = self.stacks[stack]
        read = platforms.module("policies.facts", self.cloud, "reader").read
        found = read(
            Graph(resources),
            Asked(
                tier=tier,
                workload=tier_on(tier, platforms.catalog(self.cloud)).workload,
                spending=self.spending(stack),
            ),
        )
        return cast(Deployment, found)

    def judged(self, stack: str, resources: Resources) -> dict[str, list[str]]:
        """Rule -> messages, of the rules that are broken, but for those that the stack breaks."""
        deployment = self.facts(stack, resources)
        found = {
            rule.name: [one.message for one in violations(rule, deployment, {})] for rule in RULES
        }
        return {
            name: messages
            for name, messages in found.items()
            if messages and name not in self.accepted.get(stack, ())
        }


@cache
def case(cloud: str) -> Case:
    """The case of a cloud."""
    found = importlib.import_module(f"tests.policies.clouds.{cloud}").CASE
    return cast(Case, found)


@cache
def reasons(cloud: str) -> Mapping[str, Mapping[str, str]]:
    """Stack of the cloud -> rule -> why it has nothing to look at there."""
    of = case(cloud)
    return {stack: of.facts(stack, of.good(stack)).inapplicable for stack in of.stacks}


@cache
def _good(of: Case, stack: str) -> Resources:
    tier, overrides = of.stacks[stack]
    return of.complete(stack, assembly.resources(tier, of.with_keys(overrides), of.cloud))


@cache
def _spending(of: Case, stack: str) -> Spending:
    tier, _ = of.stacks[stack]
    settings = stack_settings.load(assembly.stack_file(tier, {}, of.cloud))
    prices = priced(book.load(book.CURRENT), of.cloud, settings.options)
    fresh = tuple(replace(row, as_of=TODAY, trust="api") for row in prices.rows)
    return Spending(
        budget_usd=Decimal(of.budgets_usd.get(stack, _BUDGET_USD)),
        book=replace(prices, rows=fresh),
        terms=Terms(on=TODAY),
        today=TODAY,
    )
