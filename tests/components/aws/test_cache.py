"""The cache: plain Redis for a client that speaks nothing else."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.args import CacheArgs
from components.aws.cache import ContainerCache, ManagedCache, cache
from components.letta.environment import REDIS_HOST
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, Run, run

ARGS = CacheArgs(memory_gib=3, instance_type="cache.t4g.medium")


def _managed(make_site: MakeSite, *, preview: bool = False, **changes: Any) -> Run[ManagedCache]:  # noqa: ANN401
    args = ARGS.model_copy(update=changes)

    def program() -> ManagedCache:
        made = cache("letta-test-cache", args, make_site(), pulumi.ResourceOptions())
        assert isinstance(made, ManagedCache)
        return made

    return run(program, preview=preview)


def _container(make_site: MakeSite, **changes: Any) -> Run[ContainerCache]:  # noqa: ANN401
    args = CacheArgs(kind="container", memory_gib=0.25, **changes)

    def program() -> ContainerCache:
        made = cache("letta-test-cache", args, make_site("proxy"), pulumi.ResourceOptions())
        assert isinstance(made, ContainerCache)
        return made

    return run(program)


def test_elasticache_speaks_plain_redis_and_keeps_nothing(make_site: MakeSite) -> None:
    group = _managed(make_site).one(":ReplicationGroup").inputs
    expected = {
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.t4g.medium",
        "clusterMode": "disabled",
        "transitEncryptionEnabled": False,
        "atRestEncryptionEnabled": True,
        "snapshotRetentionLimit": 0,
        "port": 6379,
    }
    assert {key: group.get(key) for key in expected} == expected
    for forbidden in ("authToken", "userGroupIds", "finalSnapshotIdentifier"):
        assert forbidden not in group


def test_the_eviction_policy_is_a_parameter(make_site: MakeSite) -> None:
    group = _managed(make_site, eviction_policy="volatile-lru").one(":ParameterGroup").inputs
    assert group["family"] == "redis7"
    assert group["parameters"] == [{"name": "maxmemory-policy", "value": "volatile-lru"}]


@pytest.mark.parametrize(("nodes", "replicated"), [(1, False), (2, True)])
def test_two_nodes_fail_over_and_one_cannot(
    make_site: MakeSite, nodes: int, replicated: bool
) -> None:
    group = _managed(make_site, nodes=nodes).one(":ReplicationGroup").inputs
    assert group["numCacheClusters"] == nodes
    assert group["automaticFailoverEnabled"] is replicated
    assert group["multiAzEnabled"] is replicated


def test_servers_find_redis_by_a_parameter_whose_arn_is_known_at_preview(
    make_site: MakeSite,
) -> None:
    result = _managed(make_site, preview=True)
    assert result.result.environment == {}
    assert result.result.sidecars == ()
    reference = result.result.references[REDIS_HOST]
    arn = result.value(reference.name)
    start = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/letta-test-cache-host-"
    assert arn.startswith(start)
    assert result.value(reference.readable) == arn


def test_the_parameter_holds_the_primarys_address(make_site: MakeSite) -> None:
    result = _managed(make_site)
    parameter = result.one(":Parameter").inputs
    assert parameter["type"] == "String"
    assert parameter["insecureValue"] == result.value(result.result.address)
    assert result.value(result.result.references[REDIS_HOST].revision) == "1"


def test_every_node_is_watched(make_site: MakeSite) -> None:
    result = _managed(make_site, nodes=2)
    group = result.one(":ReplicationGroup")
    watched = {
        each.inputs["dimensions"]["CacheClusterId"]
        for each in result.all(":MetricAlarm")
        if each.parent == "letta-test-cache"
    }
    assert {name.rsplit("-", 1)[1] for name in watched} == {"001", "002"}
    assert all(name.startswith(f"{group.name}-") for name in watched)


def test_a_container_beside_the_server_limits_its_memory_and_saves_nothing(
    make_site: MakeSite,
) -> None:
    result = _container(make_site)
    (redis,) = result.result.sidecars
    command = list(redis.command)
    for flag, value in (
        ("--maxmemory", "256mb"),
        ("--maxmemory-policy", "allkeys-lru"),
        ("--save", ""),
        ("--appendonly", "no"),
        ("--protected-mode", "no"),
    ):
        assert command[command.index(flag) + 1] == value
    assert redis.memory_mib > 256
    assert redis.port == 6379
    assert ":" in redis.image
    assert "latest" not in redis.image


def test_the_container_is_reached_over_the_bridge_and_makes_no_resource(
    make_site: MakeSite,
) -> None:
    result = _container(make_site)
    assert result.result.environment == {REDIS_HOST: "172.17.0.1"}
    assert result.result.references == {}
    assert not [each for each in result.resources if "cache" in each.name.split("-")[2:3]]


def test_all_parts_of_the_cache_are_its_children(make_site: MakeSite) -> None:
    result = _managed(make_site)
    parts = [each for each in result.resources if each.name.startswith("letta-test-cache-")]
    assert {each.parent for each in parts} == {"letta-test-cache"}
