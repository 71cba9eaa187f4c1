"""A store that is lost or replaced is seen, whatever its type and its cloud: without the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra import platforms
from tests.engine.clouds import told
from tests.engine.stores import RANDOM, kept, lost
from tests.policies.case import case
from tests.policies.changes import Resources

every_cloud = pytest.mark.parametrize("provider", platforms.CLOUDS)
MADE = "2026-11-20T08:00:00Z"


def _resources(provider: str) -> Resources:
    """Of the tier that has every role."""
    return case(provider).good("large")


def _state(resources: Resources) -> dict[str, Any]:
    """A state that holds the resources, as the engine exports it."""
    return {
        "deployment": {
            "resources": [
                {"urn": one.urn, "type": one.type, "id": f"{one.name}-1", "created": MADE}
                for one in resources
            ]
        }
    }


def _without(state: Mapping[str, Any], urn: str) -> dict[str, Any]:
    rest = [one for one in state["deployment"]["resources"] if one["urn"] != urn]
    return {"deployment": {"resources": rest}}


def _with(state: Mapping[str, Any], urn: str, **values: str) -> dict[str, Any]:
    changed = [
        {**one, **values} if one["urn"] == urn else one for one in state["deployment"]["resources"]
    ]
    return {"deployment": {"resources": changed}}


def _damaged(state: Mapping[str, Any], urn: str) -> Iterator[dict[str, Any]]:
    """The state after each way to lose one of its stores."""
    yield _without(state, urn)
    yield _with(state, urn, id="another")
    # Where the name is the stack's own choice, the new one has the old one's.
    yield _with(state, urn, created="2026-11-20T09:00:00Z")


@pytest.mark.parametrize(
    ("provider", "kind"),
    [(provider, kind) for provider in platforms.CLOUDS for kind in told(provider).data],
)
def test_a_store_of_every_type_is_missed(provider: str, kind: str) -> None:
    resources = _resources(provider)
    state = _state(resources)
    before = kept(state, provider)
    urns = [one.urn for one in resources if one.type == kind]
    assert urns, "no stack has one"
    for urn in urns:
        assert [lost(before, kept(after, provider)) for after in _damaged(state, urn)] == [
            [urn]
        ] * 3


@every_cloud
def test_nothing_is_missed_where_all_is_there(provider: str) -> None:
    state = _state(_resources(provider))
    assert lost(kept(state, provider), kept(state, provider)) == []


@every_cloud
def test_what_comes_or_goes_besides_is_no_loss(provider: str) -> None:
    state = _state(_resources(provider))
    fewer = {
        "deployment": {
            "resources": [
                one
                for one in state["deployment"]["resources"]
                if one["type"] in (*told(provider).data, *RANDOM)
            ]
        }
    }
    assert lost(kept(state, provider), kept(fewer, provider)) == []
    assert lost({}, kept(state, provider)) == []


@every_cloud
def test_whatever_is_protected_from_deletion_or_counts_as_a_store_has_its_type_here(
    provider: str,
) -> None:
    of = case(provider)
    for tier in of.stacks:
        resources = of.good(tier)
        facts = of.facts(tier, resources)
        stores = {store.urn for store in (*facts.buckets, *facts.secrets)}
        for database in facts.databases:
            stores |= {database.urn, *(replica.urn for replica in database.replicas)}
        types = {one.type for one in resources if one.protected or one.urn in stores}
        assert types - {*told(provider).data} <= told(provider).holds_none, tier
