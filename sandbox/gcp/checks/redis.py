"""Memorystore for Redis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms, network
from sandbox.gcp.cloud import GcpCloud

LEAST_GIB_OF_READ_REPLICAS = 5
POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)


def replicas(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Only the standard tier has copies; more than one are read replicas (Memorystore for Redis
    documentation, "About read replicas")."""
    count, mode = properties["replicaCount"], properties["readReplicasMode"]
    if properties["tier"] == "BASIC" and count:
        yield Problem("replicaCount", "Error 400: the BASIC tier has no replicas")
    if properties["tier"] == "STANDARD_HA" and count and count > 1:
        if mode != "READ_REPLICAS_ENABLED":
            yield Problem("replicaCount", "Error 400: more than one need READ_REPLICAS_ENABLED")
        if properties["memorySizeGb"] < LEAST_GIB_OF_READ_REPLICAS:
            yield Problem(
                "memorySizeGb",
                f"Error 400: read replicas need {LEAST_GIB_OF_READ_REPLICAS} GB at least",
            )


def settings(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The policy of eviction is one of Redis'."""
    policy = (properties["redisConfigs"] or {}).get("maxmemory-policy")
    if policy is not None and policy not in POLICIES:
        yield Problem("redisConfigs", f"maxmemory-policy {policy!r}: use one of {POLICIES}")


def network_peered(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """With private service access the network is peered first."""
    if properties["connectMode"] == "PRIVATE_SERVICE_ACCESS":
        given = properties["authorizedNetwork"]
        yield from network.peered(given, "authorizedNetwork", cloud)


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Memorystore may use the key."""
    member = kms.agent("cloud-redis", cloud)
    yield from kms.usable_by(member, properties["customerManagedKey"], "customerManagedKey", cloud)


def zone(properties: Properties, cloud: GcpCloud) -> str:
    """The zone that Google chooses."""
    return cloud.zones[0]


def address(properties: Properties, cloud: GcpCloud) -> str:
    """An address of the peered range."""
    digest = hashlib.sha256(str(properties["name"]).encode()).digest()
    return f"10.0.{128 + digest[2] % 64}.{digest[3]}"
