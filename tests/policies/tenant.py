"""A stack that is a tenant of somebody's cluster, held to the rules, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from components import postgres
from components.letta.dump import KEPT_DAYS
from infra.tiers import TIERS
from policies.facts.graph import Graph
from policies.facts.kubernetes import reader
from policies.facts.model import Deployment, Spending
from policies.facts.resource import Resource
from policies.rules import RULES
from policies.runner import violations
from policies.stack_settings import load
from pricing import book
from pricing.plans import priced
from pricing.tariffs import Terms
from tests.policies import assembly
from tests.policies.changes import Change, Edit, Gone, Put, Resources, Where

CLOUD = "kubernetes"
TODAY = date(2026, 11, 22)
KEY = "test-0123456789abcdef"
"""Of an LLM provider; no real one looks like it."""
_KEYS = {name: {"api_key": KEY} for name in ("anthropic", "openai")}
ACCEPTED = {
    "small": frozenset({"api-high-availability", "tools-run-in-server"}),
    "medium": frozenset({"tools-run-in-server"}),
    "large": frozenset({"tools-run-in-server"}),
}
"""What small's stack file waives, and advice."""


@cache
def good(tier: str) -> Resources:
    """A tier as its stack file has it, with its models' keys."""
    return assembly.resources(tier, {"llm": {"providers": _KEYS}}, CLOUD)


@cache
def _spending(tier: str) -> Spending:
    settings = load(assembly.stack_file(tier, {}, CLOUD))
    rows = priced(book.load(book.CURRENT), CLOUD, settings.options)
    fresh = tuple(replace(row, as_of=TODAY, trust="api") for row in rows.rows)
    return Spending(
        budget_usd=Decimal(200_000),
        book=replace(rows, rows=fresh),
        terms=Terms(on=TODAY),
        today=TODAY,
    )


def facts(tier: str, resources: Resources) -> Deployment:
    """What rules read of the resources."""
    return reader.read(
        Graph(resources), tier=tier, workload=TIERS[tier].workload, spending=_spending(tier)
    )


def judged(tier: str, resources: Resources) -> dict[str, list[str]]:
    """Rule -> messages, of the rules that are broken, but for those that the tier breaks."""
    deployment = facts(tier, resources)
    found = {rule.name: [one.message for one in violations(rule, deployment, {})] for rule in RULES}
    return {
        name: messages
        for name, messages in found.items()
        if messages and name not in ACCEPTED[tier]
    }


@dataclass(frozen=True)
class Unprotected:
    """The engine may delete it."""

    where: Where

    def __call__(self, resources: Resources) -> Resources:
        def changed(one: Resource) -> Resource:
            return replace(one, protected=False) if self.where.holds(one) else one

        return tuple(map(changed, resources))


@dataclass(frozen=True)
class Spoiled:
    """Changes, and the one rule that must see them."""

    rule: str
    says: str
    changes: tuple[Change, ...]
    tier: str = "medium"


def _drop(*names: str) -> Callable[[Any], None]:
    def change(holder: Any) -> None:  # noqa: ANN401  (any JSON)
        for name in names:
            del holder[name]

    return change


def _words(before: str, after: str) -> Callable[[Any], None]:
    def change(words: Any) -> None:  # noqa: ANN401  (any JSON)
        words[words.index(before) + 1] = after

    return change


def _variable(name: str, value: str) -> Callable[[Any], None]:
    def change(entries: Any) -> None:  # noqa: ANN401  (any JSON)
        [entry] = [one for one in entries if one["name"] == name]
        entry["value"] = value

    return change


def _without_first(items: Any) -> None:  # noqa: ANN401  (any JSON)
    del items[0]


_DATABASE, _GATEWAY = Where("Cluster", "-db"), Where("gateway.networking.k8s.io/v1:Gateway", "-in")
_API, _CACHE = Where("Deployment", "-api"), Where("Deployment", "-cache")
_DUMP = Where("CronJob", "-dump")
_CONTAINER = "spec.template.spec.containers.0"

SPOILED = (
    Spoiled("database-backups", "0 days", (Gone(Where("ScheduledBackup")),)),
    Spoiled(
        "database-backups", "3 days", (Put(Where("ObjectStore"), "spec.retentionPolicy", "3d"),)
    ),
    Spoiled(
        "database-high-availability",
        "no standby",
        (Edit(_DATABASE, "spec.postgresql", _drop("synchronous")),),
    ),
    Spoiled("database-replicas", "0 read replicas", (Put(_DATABASE, "spec.instances", 2),)),
    Spoiled(
        "database-class",
        "medium needs 16",
        (
            Put(_DATABASE, "spec.resources.requests.memory", "8Gi"),
            *(
                Put(_DATABASE, f"spec.postgresql.parameters.{each.name}", each.value)
                for each in postgres.parameters(8)
            ),
        ),
    ),
    Spoiled("database-storage", "20 GiB", (Put(_DATABASE, "spec.storage.size", "20Gi"),)),
    Spoiled(
        "database-storage",
        "cannot grow",
        (Put(_DATABASE, "spec.storage.resizeInUseVolumes", False),),
    ),
    Spoiled(
        "database-parameters",
        "work_mem is 4096",
        (Put(_DATABASE, "spec.postgresql.parameters.work_mem", "4096"),),
    ),
    Spoiled(
        "connection-budget",
        "of the 100 that",
        (Put(_DATABASE, "spec.postgresql.parameters.max_connections", "100"),),
    ),
    Spoiled("deletion-protection", "one call", (Unprotected(_DATABASE),)),
    Spoiled("deletion-protection", "one call", (Unprotected(_GATEWAY),)),
    Spoiled(
        "cache-eviction",
        "noeviction",
        (Edit(_CACHE, f"{_CONTAINER}.command", _words("--maxmemory-policy", "noeviction")),),
    ),
    Spoiled(
        "cache-no-persistence",
        "disk",
        (Edit(_CACHE, f"{_CONTAINER}.command", _words("--save", "60 1")),),
    ),
    Spoiled(
        "cache-reachable",
        "password",
        (Edit(_CACHE, f"{_CONTAINER}.command", lambda words: words.append("--requirepass")),),
    ),
    Spoiled(
        "cache-size",
        "medium needs 3",
        (Edit(_CACHE, f"{_CONTAINER}.command", _words("--maxmemory", "512mb")),),
    ),
    Spoiled(
        "load-balancer-idle-timeout",
        "after 60 s",
        (Put(Where("HTTPRoute", "-api"), "spec.rules.0.timeouts.request", "60s"),),
    ),
    Spoiled("tls-listener", "no TLS listener", (Edit(_GATEWAY, "spec.listeners", _without_first),)),
    Spoiled("tls-listener", "in plain text", (Gone(Where("HTTPRoute", "-https")),)),
    Spoiled(
        "network-policies",
        "lets anybody call",
        (Put(Where("NetworkPolicy", "-cache"), "spec.ingress.0.from", []),),
    ),
    Spoiled("database-dumped", "no dump of the database", (Gone(Where("CronJob", "-dump")),)),
    Spoiled("database-dumped", "switched off", (Put(_DUMP, "spec.suspend", True),)),
    Spoiled(
        "database-dumped",
        "for 3 days",
        (
            Edit(
                _DUMP,
                "spec.jobTemplate.spec.template.spec.containers.0.env",
                _variable(KEPT_DAYS, "3"),
            ),
        ),
    ),
    Spoiled("pinned-images", "redis", (Put(_CACHE, f"{_CONTAINER}.image", "redis:latest"),)),
)
"""One or more for each rule that reads facts of its own on a tenant's stack; what it reads of pods
is the same as on a cluster of the stack's."""
