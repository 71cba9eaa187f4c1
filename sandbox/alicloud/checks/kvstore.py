"""Tair and Redis."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from components.alicloud import catalog
from components.sizing import CatalogError
from sandbox.alicloud.checks import network
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

POLICIES = (
    "volatile-lru",
    "allkeys-lru",
    "volatile-lfu",
    "allkeys-lfu",
    "volatile-random",
    "allkeys-random",
    "volatile-ttl",
    "noeviction",
)
_PERSISTENT = ("yes", "no")
_LEAST_VERSION_OF_CLOUD_CLASSES = 5.0


def class_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The class is one of Redis, and of the version."""
    name = properties["instanceClass"]
    try:
        catalog.cache_size(name)
    except CatalogError as error:
        yield Problem("instanceClass", f"InvalidInstanceClass.NotFound: {error}")
        return
    version = properties["engineVersion"]
    if version and name.endswith(".ce") and float(version) < _LEAST_VERSION_OF_CLOUD_CLASSES:
        yield Problem("engineVersion", f"InvalidEngineVersion: {name} begins with 5.0")


def reachable(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The white list holds addresses and ranges, and without a password it stays inside."""
    ranges = []
    for text in properties["securityIps"] or []:
        try:
            ranges.append(ipaddress.IPv4Network(text, strict=False))
        except ValueError:
            yield Problem("securityIps", f"InvalidSecurityIPList.Format: {text!r}")
    open_to_all = any(one.prefixlen == 0 for one in ranges)
    if properties["vpcAuthMode"] == "Close" and open_to_all:
        yield Problem(
            "securityIps",
            "InvalidVpcAuthMode: an instance without a password cannot let in 0.0.0.0/0",
        )
    if properties["vpcAuthMode"] == "Close" and properties["sslEnable"] == "Enable":
        yield Problem("sslEnable", "TLS goes with a password: leave vpcAuthMode Open")


def settings(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Parameters that the engine knows."""
    given: Mapping[str, Any] = properties["config"] or {}
    policy = given.get("maxmemory-policy")
    if policy is not None and policy not in POLICIES:
        yield Problem("config", f"maxmemory-policy {policy!r}: use one of {', '.join(POLICIES)}")
    persistent = given.get("appendonly")
    if persistent is not None and persistent not in _PERSISTENT:
        yield Problem("config", f"appendonly {persistent!r}: use yes or no")


def zones(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Two zones of the region, not the same."""
    first, second = properties["zoneId"], properties["secondaryZoneId"]
    for name, zone in (("zoneId", first), ("secondaryZoneId", second)):
        if zone is not None and zone not in cloud.zones:
            yield Problem(name, f"InvalidZoneId.NotFound: {zone} is no zone of {cloud.region}")
    if second is not None and first == second:
        yield Problem("secondaryZoneId", "InvalidSecondaryZoneId: it must be another zone")


def switch_in_zone(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The vSwitch is in the zone of the primary node."""
    found = cloud.find(network.SWITCH, "id", properties["vswitchId"])
    zone = properties["zoneId"]
    if found is not None and zone is not None and found.get("zoneId") != zone:
        yield Problem("vswitchId", f"InvalidvSwitchId: {found.label} is not in {zone}")


def smaller_only_by_order(
    old: Properties, new: Properties, cloud: AlicloudCloud
) -> Iterator[Problem]:
    """A smaller class is an order of its own (the provider's documentation of order_type)."""
    try:
        before = catalog.cache_size(old["instanceClass"])
        after = catalog.cache_size(new["instanceClass"])
    except CatalogError:
        return  # another check says so
    if after < before and new["orderType"] != "DOWNGRADE":
        yield Problem(
            "instanceClass",
            f"InvalidOrderType: {new['instanceClass']} is smaller: set orderType to DOWNGRADE",
        )


def capacity_mib(properties: Properties, cloud: AlicloudCloud) -> int:
    """Memory of the class."""
    return int(catalog.cache_size(properties["instanceClass"]) * 1024)


def private_address(properties: Properties, cloud: AlicloudCloud) -> str:
    """An address of the vSwitch."""
    return network.address_inside(properties["vswitchId"], str(properties["id"]), cloud)
