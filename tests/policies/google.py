"""A deployment on Google Cloud held to the rules, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from infra import platforms
from infra.tiers import tier_on
from policies.facts.gcp import reader
from policies.facts.graph import Graph
from policies.facts.model import Deployment, Spending
from policies.facts.resource import UNDETERMINED
from policies.rules import RULES
from policies.runner import violations
from pricing import book
from pricing.tariffs import Terms
from tests.policies import assembly
from tests.policies.changes import Edit, Put, Resources, Where

TODAY = date(2026, 11, 22)
BUDGETS = {"small": 400, "medium": 5000, "large": 85_000}
_KEYS = {name: {"api_key": "test-0123456789abcdef"} for name in ("anthropic", "openai")}
ACCEPTED = {
    "small": frozenset({"api-high-availability"}),
    "medium": frozenset[str](),
    "large": frozenset[str](),
}
"""Rules that a stack breaks by design: what small's stack file waives."""


@cache
def spending(tier: str) -> Spending:
    """List prices, all as if looked up today: how old they are is not a deployment's fault."""
    prices = book.load(book.CURRENT)
    fresh = tuple(replace(row, as_of=TODAY, trust="api") for row in prices.rows)
    return Spending(
        budget_usd=Decimal(BUDGETS[tier]),
        book=replace(prices, rows=fresh),
        terms=Terms(on=TODAY),
        today=TODAY,
    )


@cache
def good(tier: str) -> Resources:
    """A stack with nothing left to say against it: keys of models, and a sandbox for tools."""
    resources = assembly.resources(tier, {"llm": {"providers": _KEYS}}, "gcp")
    for end in ("-api", "-work")[: 1 if tier == "small" else 2]:
        resources = server(reference("E2B_API_KEY"), end)(resources)
    return resources


def facts(tier: str, resources: Resources) -> Deployment:
    """What rules read of the resources."""
    workload = tier_on(tier, platforms.catalog("gcp")).workload
    return reader.read(Graph(resources), tier=tier, workload=workload, spending=spending(tier))


def judged(tier: str, resources: Resources) -> dict[str, list[str]]:
    """Rule -> messages, of the rules that are broken, but for those that the stack breaks."""
    deployment = facts(tier, resources)
    messages = {
        rule.name: [found.message for found in violations(rule, deployment, {})] for rule in RULES
    }
    return {name: found for name, found in messages.items() if found and name not in ACCEPTED[tier]}


@dataclass(frozen=True)
class Server:
    """A change to the container that runs Letta."""

    where: Where
    change: Callable[[dict[str, Any]], object]

    def __call__(self, resources: Resources) -> Resources:
        return Edit(self.where, "template", self._changed)(resources)

    def unknown(self) -> Put:
        """All containers, not known yet."""
        return Put(self.where, "template.containers", UNDETERMINED)

    def _changed(self, template: Mapping[str, Any]) -> None:
        [container] = [one for one in template["containers"] if one["name"] == "server"]
        self.change(container)


def server(change: Callable[[dict[str, Any]], object], end: str = "-api") -> Server:
    """A change to the container that runs Letta in the service whose name ends so."""
    return Server(Where("Service", end), change)


def reference(name: str) -> Callable[[dict[str, Any]], None]:
    """Gives a container a variable from the secret store."""

    def change(container: dict[str, Any]) -> None:
        source = {"secretKeyRef": {"secret": "x", "version": "1"}}
        container["envs"] = [*container["envs"], {"name": name, "valueSource": source}]

    return change


def no_variable(name: str) -> Callable[[dict[str, Any]], None]:
    """Takes a variable from a container."""

    def change(container: dict[str, Any]) -> None:
        container["envs"] = [one for one in container["envs"] if one["name"] != name]

    return change


def variable(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Sets a plain variable of a container."""

    def change(container: dict[str, Any]) -> None:
        no_variable(name)(container)
        container["envs"] = [*container["envs"], {"name": name, "value": value}]

    return change


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Sets a field of a container."""

    def change(container: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place = container
        for part in way:
            place = place[part]
        place[last] = value

    return change
