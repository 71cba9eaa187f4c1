"""Caches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.aws.checks import ec2, engines, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_PARAMETER_GROUP: Final = "aws:elasticache/parameterGroup:ParameterGroup"
_POLICIES: Final = (
    "allkeys-lfu",
    "allkeys-lru",
    "allkeys-random",
    "noeviction",
    "volatile-lfu",
    "volatile-lru",
    "volatile-random",
    "volatile-ttl",
)
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "activedefrag": ("yes", "no"),
    "activerehashing": ("yes", "no"),
    "cluster-enabled": ("yes", "no"),
    "lazyfree-lazy-eviction": ("yes", "no"),
    "lazyfree-lazy-expire": ("yes", "no"),
    "maxmemory-policy": _POLICIES,
}
_NOT_MODIFIABLE: Final = frozenset({"appendfsync", "appendonly", "databases", "maxmemory"})
"""Parameters that a group cannot set, or not from Redis 2.8.22 on (ElastiCache user guide, "Valkey
and Redis OSS parameters")."""


def node_type_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The node type must exist and the region offer it."""
    name = properties["nodeType"]
    if not cloud.offered("elasticache", name):
        yield Problem("nodeType", ec2.not_offered("elasticache", name, cloud.region))


def failover(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Failover needs a second node, several zones need failover."""
    if properties["multiAzEnabled"] and not properties["automaticFailoverEnabled"]:
        yield Problem(
            "multiAzEnabled",
            "automaticFailoverEnabled must be true if multiAzEnabled is true",
        )
    replicas = properties["replicasPerNodeGroup"]
    nodes = properties["numCacheClusters"] or 1 + (replicas or 0)
    if properties["automaticFailoverEnabled"] and nodes < 2 and not properties["numNodeGroups"]:
        yield Problem(
            "numCacheClusters",
            "must be at least 2 if automaticFailoverEnabled is true: there is nothing to fail "
            f"over to with {nodes}",
        )
    zones = properties["preferredCacheClusterAzs"] or []
    if zones and len(zones) != nodes:
        yield Problem(
            "preferredCacheClusterAzs",
            f"InvalidParameterValue: {len(zones)} zones are given for {nodes} nodes: one for each",
        )
    for zone in zones:
        if zone not in cloud.zones:
            yield Problem(
                "preferredCacheClusterAzs",
                f"InvalidParameterValue: {zone} is not a valid availability zone: "
                f"{', '.join(cloud.zones)}",
            )


def authentication(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Passwords and users need encryption in transit."""
    for name in ("authToken", "authTokenWo", "userGroupIds", "transitEncryptionMode"):
        if properties[name] and not properties["transitEncryptionEnabled"]:
            yield Problem(
                name,
                "InvalidParameterCombination: it needs transitEncryptionEnabled",
            )


def engine_version(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The version must be one that can be created, written as major.minor from 7 on."""
    engine, version = properties["engine"] or "redis", properties["engineVersion"]
    if version and not engines.offered(engine, version.removesuffix(".x")):
        yield Problem("engineVersion", engines.refusal(engine, version, "InvalidParameterValue"))


def subnets_share_a_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """All subnets of a group are in one VPC."""
    if len(neighbours.vpcs(properties["subnetIds"], cloud)) > 1:
        yield Problem("subnetIds", "InvalidSubnet: the subnets are not in one VPC")


def family_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The family must be one of Redis or Valkey."""
    known = engines.families("redis") | engines.families("valkey")
    if properties["family"] not in known:
        yield Problem(
            "family",
            f"InvalidParameterValue: CacheParameterGroupFamily {properties['family']} is not a "
            f"valid parameter group family: use one of {', '.join(sorted(known))}",
        )


def parameters(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Parameters that can be set, with values that exist."""
    for parameter in properties["parameters"] or []:
        name, value = parameter["name"], parameter["value"]
        if name in _NOT_MODIFIABLE:
            yield Problem(
                "parameters",
                f"InvalidParameterValue: The parameter {name} cannot be modified: leave it out",
            )
        elif value not in _VALUES.get(name, (value,)):
            yield Problem(
                "parameters",
                f"InvalidParameterValue: Invalid value {value} for {name}: use one of "
                f"{', '.join(_VALUES[name])}",
            )


def parameter_family_fits(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The parameter group must be of the engine's major version."""
    name = properties["parameterGroupName"]
    group = cloud.find(_PARAMETER_GROUP, "name", name) if name else None
    version = properties["engineVersion"]
    if group is None or not version:
        return
    wanted = engines.family(properties["engine"] or "redis", version)
    if group.get("family") != wanted:
        yield Problem(
            "parameterGroupName",
            "InvalidParameterCombination: Expected a parameter group of family "
            f"{wanted} but found one of family {group.get('family')}",
        )


def actual_version(properties: Properties, cloud: AwsCloud) -> str:
    """The version that the nodes run."""
    version = str(properties["engineVersion"]).removesuffix(".x")
    found = engines.newest(properties["engine"], version) or version
    return found if found.count(".") == 2 else f"{found}.0"


def default_parameter_group(properties: Properties, cloud: AwsCloud) -> str:
    """The group that one gets who names none."""
    return f"default.{engines.family(properties['engine'], properties['engineVersion'])}"


def member_clusters(properties: Properties, cloud: AwsCloud) -> list[str]:
    """A cluster for each node, counted from 001."""
    nodes = properties["numCacheClusters"] or 1
    return [f"{properties['replicationGroupId']}-{number:03}" for number in range(1, nodes + 1)]
