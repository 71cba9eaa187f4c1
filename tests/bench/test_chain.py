"""The longest chain of waits in a state."""

from __future__ import annotations

from typing import Any

import pytest

from bench import chain

DATABASE = "aws:rds/instance:Instance"
QUEUE = "aws:sqs/queue:Queue"


def resource(name: str, *dependencies: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"urn": name, "type": QUEUE, "custom": True, "dependencies": [*dependencies], **rest}


def of(seconds: dict[str, float], *resources: dict[str, Any]) -> chain.Chain:
    return chain.longest(chain.graph(resources), lambda urn: seconds[urn])


def test_it_is_the_longest_in_time_not_in_number() -> None:
    found = of(
        {"a": 1, "b": 1, "c": 1, "slow": 10},
        resource("a"),
        resource("b", "a"),
        resource("c", "b"),
        resource("slow", "a"),
    )
    assert found == chain.Chain(seconds=11, urns=("a", "slow"))


def test_properties_and_providers_are_waited_for() -> None:
    provider = "urn:pulumi:s::p::pulumi:providers:aws::aws"
    found = of(
        {provider: 1, "a": 2, "b": 4},
        resource(provider),
        resource("a", provider=f"{provider}::f00d"),
        resource("b", propertyDependencies={"queueUrl": ["a"], "policy": None}),
    )
    assert found == chain.Chain(seconds=7, urns=(provider, "a", "b"))


def test_a_parent_is_not_waited_for() -> None:
    found = of({"parent": 5, "child": 1}, resource("parent"), resource("child", parent="parent"))
    assert found.urns == ("parent",)


def test_it_branches_and_joins() -> None:
    found = of(
        {"a": 1, "left": 2, "right": 3, "join": 1},
        resource("a"),
        resource("left", "a"),
        resource("right", "a"),
        resource("join", "left", "right"),
    )
    assert found == chain.Chain(seconds=5, urns=("a", "right", "join"))


def test_nothing_takes_no_time() -> None:
    assert chain.of_state([]) == chain.Chain(seconds=0, urns=())


def test_latencies_are_those_that_the_sandbox_waits() -> None:
    database = chain.latency_seconds(DATABASE)
    queue = chain.latency_seconds(QUEUE)
    assert database > queue > 0
    found = chain.of_state(
        [
            resource("database", type=DATABASE),
            resource("replica", "database", type=DATABASE),
            resource("queue"),
        ]
    )
    assert found == chain.Chain(seconds=2 * database, urns=("database", "replica"))


@pytest.mark.parametrize(
    "token", ["pulumi:pulumi:Stack", "letta:aws:Network", "pulumi:providers:aws"]
)
def test_what_the_cloud_does_not_create_takes_no_time(token: str) -> None:
    assert chain.of_state([resource("it", type=token)]).seconds == 0
