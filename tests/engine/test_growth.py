"""A stack that grows from tier to tier keeps its data, and on the first cloud also as it changes
who serves its models; after each step there is nothing left to do, and in the end nothing is
left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pulumi_policy import deserialize

from infra import checkout, platforms
from infra.tiers import TIERS, tier_on
from policies.facts.graph import Graph
from policies.facts.model import Deployment, Spending
from policies.facts.resource import Resource, decoded
from policies.facts.stack import Asked
from pricing import book
from pricing.tariffs import Terms
from tests.engine.engine import Shell

MODELS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("large", {"llm": "vllm"}),
    (
        "large",
        {
            "llm": {
                "hosting": "vllm",
                "vllm": {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge"},
            }
        },
    ),
    ("large", {"llm": "ollama", "embedding": "cpu", "worker": {"capacity": "spot"}}),
)
"""Tier, and what the stack file says besides; machines are the first cloud's."""
PASSWORDS = "random:index/randomPassword:RandomPassword"
KEPT_TOO: Mapping[str, tuple[str, ...]] = {
    platforms.DEFAULT: (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:ssm/parameter:Parameter",
    ),
}
"""Cloud -> types of which nothing is lost, beside databases, buckets, stored secrets and
passwords."""


def steps(cloud: str) -> list[tuple[str, dict[str, Any]]]:
    """The tiers that have a stack file, smallest first, and what comes after them."""
    tiers = [tier for tier in TIERS if checkout.name_on(tier, cloud) in checkout.names()]
    return [*((tier, {}) for tier in tiers), *(MODELS if cloud == platforms.DEFAULT else ())]


def file_of(cloud: str, step: int, folder: Path) -> Path:
    """The committed file of a step's tier, as the one stack's, under the name its users call."""
    first, (tier, overrides) = steps(cloud)[0][0], steps(cloud)[step]
    path = folder / str(step) / f"Pulumi.{checkout.name_on(first, cloud)}.yaml"
    config = _committed(tier, cloud)
    config["letta:ingress"]["domain"] = _committed(first, cloud)["letta:ingress"]["domain"]
    config.update({f"letta:{key}": value for key, value in overrides.items()})
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return path


def _committed(tier: str, cloud: str) -> dict[str, Any]:
    text = checkout.file(checkout.name_on(tier, cloud)).read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def kept(shell: Shell, tier: str, cloud: str) -> dict[str, tuple[str, str]]:
    """URN -> id of all that holds data or opens it, and when it was made."""
    exported = json.loads(shell.pulumi("stack", "export", "--show-secrets").output)
    resources = exported["deployment"]["resources"]
    deployment = platforms.module("policies.facts", cloud, "reader").read(
        Graph(map(as_seen, resources)),
        Asked(
            tier=tier,
            workload=tier_on(tier, platforms.catalog(cloud)).workload,
            spending=_any_spending(),
        ),
    )
    stores = {*_stores(deployment)}
    assert stores
    return {
        each["urn"]: (each["id"], each["created"])
        for each in resources
        if each["urn"] in stores or each["type"] in (PASSWORDS, *KEPT_TOO.get(cloud, ()))
    }


def _stores(deployment: Deployment) -> Iterator[str]:
    for database in deployment.databases:
        yield database.urn
        yield from (replica.urn for replica in database.replicas)
    yield from (store.urn for store in (*deployment.buckets, *deployment.secrets))


def as_seen(exported: Mapping[str, Any]) -> Resource:
    """A resource of the state as policies see it."""
    return Resource(
        type=exported["type"],
        name=exported["urn"].rpartition("::")[2],
        urn=exported["urn"],
        properties=decoded(in_clear(exported.get("outputs", {}))),
        parent=exported.get("parent", ""),
        provider=exported.get("provider", "").rpartition("::")[0],
        protected=exported.get("protect", False),
        dependencies=tuple(exported.get("dependencies", ())),
        property_dependencies={
            name: tuple(urns or ())
            for name, urns in exported.get("propertyDependencies", {}).items()
        },
    )


def in_clear(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """A property with its secrets as policies get them, not as the state does."""
    if isinstance(value, list):
        return [in_clear(item) for item in value]
    if isinstance(value, dict):
        if "plaintext" in value:
            return {
                deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG,
                "value": json.loads(value["plaintext"]),
            }
        return {key: in_clear(item) for key, item in value.items()}
    return value


def _any_spending() -> Spending:
    today = datetime.now(UTC).date()
    prices = book.load(book.CURRENT)
    return Spending(budget_usd=Decimal(0), book=prices, terms=Terms(on=today), today=today)


def test_no_store_is_replaced_or_lost(cloud: str, tmp_path: Path) -> None:
    stack = checkout.name_on(steps(cloud)[0][0], cloud)
    shell = Shell.open(stack, tmp_path / "state")
    try:
        before: dict[str, tuple[str, str]] = {}
        for step, (tier, _) in enumerate(steps(cloud)):
            file = file_of(cloud, step, tmp_path)
            up = shell.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
            assert up, up.output
            assert "can't run policy" not in up.output
            after = kept(shell, tier, cloud)
            assert before.items() <= after.items()
            again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
            assert again, again.output
            before = after
        types = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in before}
        assert types > {PASSWORDS, *KEPT_TOO.get(cloud, ())}
        destroyed = shell.letta_cloud("destroy", "--stack", stack)
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
