"""Secrets on a cluster: fetched by the operator, made anew after a rotation."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_random import RandomPassword

from components.roles import Reference
from components.workloads.secrets import Secrets, secrets
from tests.components.aws.mock_cloud import UNKNOWN, Run, run
from tests.components.workloads.standin import cluster, server, stored

NAME = "letta-test-api"


def _run(references: dict[str, Reference], *, preview: bool = False) -> Run[Secrets]:
    def program() -> Secrets:
        parent = pulumi.ComponentResource("letta:test:Parent", "parent")
        found = cluster()
        opts = pulumi.ResourceOptions(provider=found.provider)
        return secrets(parent, NAME, "server", references, found, opts)

    return run(program, preview=preview)


def _spec(result: Run[Secrets]) -> dict[str, Any]:
    spec: dict[str, Any] = result.one(":ExternalSecret").inputs["spec"]
    return spec


def _named(revision: str) -> str:
    result = _run(dict(server(revision=revision).references))
    name: str = _spec(result)["target"]["name"]
    assert result.one(":ExternalSecret").inputs["metadata"]["name"] == name
    return name


def test_a_rotated_value_makes_a_second_secret_beside_the_first() -> None:
    assert _named("1") == _named("1")
    assert _named("1") != _named("2")
    assert _named("1").startswith(f"{NAME}-")
    external = _run(dict(server().references)).one(":ExternalSecret")
    assert not external.delete_before_replace


def test_a_secret_never_changes_and_goes_with_what_made_it() -> None:
    spec = _spec(_run(dict(server().references)))
    assert spec["refreshPolicy"] == "CreatedOnce"
    assert spec["target"]["immutable"] is True
    assert spec["target"]["creationPolicy"] == "Owner"


def test_pods_start_once_the_operator_says_that_the_values_are_there() -> None:
    external = _run(dict(server().references)).one(":ExternalSecret")
    annotations = external.inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": "condition=Ready"}


def test_each_value_is_fetched_from_its_own_store_whole_or_by_key() -> None:
    data = _spec(_run(dict(server().references)))["data"]
    assert data == [
        {
            "secretKey": "LETTA_PG_URI",
            "sourceRef": {"storeRef": {"kind": "SecretStore", "name": "secret-store"}},
            "remoteRef": {"key": "arn:LETTA_PG_URI", "property": "uri"},
        },
        {
            "secretKey": "LETTA_REDIS_HOST",
            "sourceRef": {"storeRef": {"kind": "SecretStore", "name": "parameter-store"}},
            "remoteRef": {"key": "arn:LETTA_REDIS_HOST"},
        },
    ]


def test_no_value_passes_through_the_engine() -> None:
    assert not _run(dict(server().references)).all("core/v1:Secret")


def test_a_value_that_is_not_stored_yet_leaves_only_the_name_open() -> None:
    def program() -> Secrets:
        version = RandomPassword("version", length=8)
        wanted = stored("KEY", revision=version.result)
        parent = pulumi.ComponentResource("letta:test:Parent", "parent")
        found = cluster()
        opts = pulumi.ResourceOptions(provider=found.provider)
        return secrets(parent, NAME, "server", {"KEY": wanted}, found, opts)

    inputs = run(program, preview=True).one(":ExternalSecret").inputs
    assert inputs["metadata"]["name"] == UNKNOWN
    assert inputs["spec"]["target"]["name"] == UNKNOWN
    (entry,) = inputs["spec"]["data"]
    assert entry["secretKey"] == "KEY"
    assert entry["remoteRef"] == {"key": "arn:KEY"}


def test_who_refers_to_nothing_has_no_secret() -> None:
    result = _run({})
    assert not result.all(":ExternalSecret")
    assert result.result == Secrets(environment=(), ready=())


def test_the_order_of_references_changes_nothing() -> None:
    one, two = stored("A", revision="1"), stored("B", revision="2")
    forwards = _spec(_run({"A": one, "B": two}))
    backwards = _spec(_run({"B": two, "A": one}))
    assert forwards == backwards
