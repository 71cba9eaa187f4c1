"""Cache: Redis, by Memorystore or as a container beside a single server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_gcp import redis

from components.args import CacheArgs
from components.gcp import alarm_tables, catalog
from components.gcp.alarms import raise_alarms
from components.gcp.site import Site
from components.letta.environment import REDIS_HOST
from components.redis import redis_container
from components.roles import Reference, SidecarArgs
from components.sizing import chosen

VERSION = "REDIS_7_2"
"""Newest Redis version of Memorystore."""
LOOPBACK = "127.0.0.1"
"""Where containers of one instance of Cloud Run reach each other."""
MOST_PLAIN_NODES = 2
"""Primary and standby; more are read replicas, which Memorystore counts apart."""


class ManagedCache(pulumi.ComponentResource):
    """Redis on Memorystore (requirement M2): no TLS, no password, no cluster protocol, because
    the server's client speaks none of them; only the stack's own network reaches it."""

    environment: Mapping[str, str]
    """Empty: where it is, is known only once it exists."""
    references: Mapping[str, Reference]
    """The primary's address, by variable. It is no secret, but the store of secrets is the only
    one that Cloud Run reads variables from."""
    sidecars: tuple[SidecarArgs, ...]
    """Empty."""
    address: pulumi.Output[str]
    """Private address of the primary; follows a failover."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        instance_type = chosen(args.instance_type)
        super().__init__(
            "letta:gcp:ManagedCache",
            name,
            {"instanceType": instance_type, "nodes": args.nodes},
            opts,
        )
        read_replicas = args.nodes > MOST_PLAIN_NODES
        instance = redis.Instance(
            name,
            region=site.place.region,
            tier="STANDARD_HA" if args.nodes > 1 else "BASIC",
            memory_size_gb=catalog.cache_size(instance_type),
            redis_version=VERSION,
            redis_configs={"maxmemory-policy": args.eviction_policy},
            replica_count=args.nodes - 1 if args.nodes > 1 else None,
            read_replicas_mode="READ_REPLICAS_ENABLED" if read_replicas else None,
            connect_mode="PRIVATE_SERVICE_ACCESS",
            authorized_network=site.network.path,
            reserved_ip_range=site.network.services_range,
            auth_enabled=False,
            transit_encryption_mode="DISABLED",
            customer_managed_key=site.secrets.key,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[site.network.peering, *site.secrets.ready]
            ),
        )
        self.address = instance.host
        self.environment = {}
        self.references = {REDIS_HOST: site.secrets.keep(self, f"{name}-host", self.address)}
        self.sidecars = ()
        raise_alarms(
            self,
            name,
            alarm_tables.cache(
                instance.name.apply(lambda named: site.place.located(f"instances/{named}"))
            ),
            site.alerts.channels,
        )
        self.register_outputs({"address": self.address})


@dataclass(frozen=True, kw_only=True)
class ContainerCache:
    """Redis beside a single server (requirement M2): no resource of its own, lost with the
    instance."""

    sidecars: tuple[SidecarArgs, ...]
    """The one container."""
    environment: Mapping[str, str] = field(default_factory=lambda: {REDIS_HOST: LOOPBACK})
    """Where the server finds it."""
    references: Mapping[str, Reference] = field(default_factory=dict)
    """Empty: the address is known in advance."""


def cache(
    name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
) -> ManagedCache | ContainerCache:
    """The cache of the kind asked for."""
    if args.kind == "managed":
        return ManagedCache(name, args, site, opts)
    return ContainerCache(sidecars=(redis_container(args),))
