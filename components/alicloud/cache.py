"""Cache: Redis, by Tair (Redis OSS-compatible) or as a pod (requirement M2)."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_alicloud import kvstore

from components.alicloud import alarm_tables
from components.alicloud.alerts import raise_alarms
from components.alicloud.site import Site
from components.args import CacheArgs
from components.letta.environment import REDIS_HOST
from components.roles import Reference, SidecarArgs
from components.sizing import chosen
from components.workloads import kept
from components.workloads.cluster import BASE_PLACEMENT
from components.workloads.redis import redis_pod

VERSION = "7.0"
CREATE_TIMEOUT = "45m"
"""An instance in two zones, and its settings after it: the provider itself gives up after 20."""


class ManagedCache(pulumi.ComponentResource):
    """A primary and its standby in a second zone: no TLS, no password, no cluster protocol, because
    the server's client speaks none of them; only machines and pods of the stack reach it."""

    environment: Mapping[str, str]
    """Empty: where it is, is known only once it exists."""
    references: Mapping[str, Reference]
    """The primary's host name, by variable."""
    sidecars: tuple[SidecarArgs, ...]
    """Empty."""
    address: pulumi.Output[str]
    """Private host name; follows a failover."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        kind = chosen(args.instance_type)
        super().__init__(
            "letta:alicloud:ManagedCache",
            name,
            {"instanceType": kind, "nodes": args.nodes},
            opts,
        )
        network = site.network
        instance = kvstore.Instance(
            name,
            db_instance_name=name,
            instance_type="Redis",
            engine_version=VERSION,
            instance_class=kind,
            payment_type="PostPaid",
            zone_id=network.zones[0],
            secondary_zone_id=network.zones[1],
            vswitch_id=network.store_switches[0],
            # Without a password inside the network.
            vpc_auth_mode="Close",
            security_ips=[*network.node_cidrs, *network.pod_cidrs],
            shard_count=1,
            config={"maxmemory-policy": args.eviction_policy, "appendonly": "no"},
            instance_release_protection=False,
            is_auto_upgrade_open="1",
            tags=site.place.tags,
            opts=pulumi.ResourceOptions(
                parent=self, custom_timeouts=pulumi.CustomTimeouts(create=CREATE_TIMEOUT)
            ),
        )
        self.address = instance.connection_domain
        self.environment = {}
        host = kept.tell(self, f"{name}-host", {REDIS_HOST: self.address}, site.kept)
        self.references = {REDIS_HOST: kept.told(host, REDIS_HOST)}
        self.sidecars = ()
        raise_alarms(self, name, alarm_tables.cache(instance.id), site.alerts, site.place)
        self.register_outputs({"address": self.address})


class PodCache(pulumi.ComponentResource):
    """One pod that all servers share, on the machines that are there before any; lost with it."""

    environment: Mapping[str, str]
    """Where the server finds it."""
    references: Mapping[str, Reference]
    """Empty: the address is known in advance."""
    sidecars: tuple[SidecarArgs, ...]
    """Empty."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:alicloud:PodCache", name, {"memoryGib": args.memory_gib}, opts)
        address = redis_pod(self, name, args, site.cluster.workloads, BASE_PLACEMENT)
        self.environment = {REDIS_HOST: address}
        self.references = {}
        self.sidecars = ()
        self.register_outputs({})


def cache(
    name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
) -> ManagedCache | PodCache:
    """The cache of the kind asked for."""
    kind = ManagedCache if args.kind == "managed" else PodCache
    return kind(name, args, site, opts)
