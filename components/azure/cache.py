"""Cache: Azure Managed Redis, or Redis as a container beside a single server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import redisenterprise

from components.args import CacheArgs
from components.azure import alarm_tables
from components.azure.alarms import watch
from components.azure.fixed import REDIS_PORT
from components.azure.network import REDIS_ZONE
from components.azure.place import after
from components.azure.site import Site
from components.letta.environment import REDIS_HOST
from components.redis import redis_container
from components.redis_proxy import LOOPBACK, redis_proxy
from components.roles import Reference, SidecarArgs

DATABASE = "default"
"""The only name that a database of Managed Redis has."""
EVICTION: Mapping[str, str] = {
    "allkeys-lru": "AllKeysLRU",
    "allkeys-lfu": "AllKeysLFU",
    "allkeys-random": "AllKeysRandom",
    "volatile-lru": "VolatileLRU",
    "volatile-lfu": "VolatileLFU",
    "volatile-random": "VolatileRandom",
    "volatile-ttl": "VolatileTTL",
    "noeviction": "NoEviction",
}
"""Redis's own word -> the provider's."""


class ManagedCache(pulumi.ComponentResource):
    """Azure Managed Redis (requirement M2): one shard, for the server's client follows no
    redirects; a private address; TLS and a key, which a proxy beside each copy of the server
    adds."""

    environment: Mapping[str, str]
    """Where the server finds the proxy."""
    references: Mapping[str, Reference]
    """Empty: the key is the proxy's."""
    sidecars: tuple[SidecarArgs, ...]
    """The proxy."""
    address: pulumi.Output[str]
    """Host name of the cache; follows a failover."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        if args.instance_type is None:
            raise ValueError("instance_type is filled in from the size table by the settings")
        super().__init__(
            "letta:azure:ManagedCache",
            name,
            {"instanceType": args.instance_type, "nodes": args.nodes},
            opts,
        )
        place, user = site.place, site.secrets.encryption
        cluster_name = place.named(name)
        cluster = redisenterprise.RedisEnterprise(
            name,
            cluster_name=cluster_name,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": args.instance_type},
            high_availability="Enabled" if args.nodes > 1 else "Disabled",
            public_network_access="Disabled",
            minimum_tls_version="1.2",
            identity={"type": "UserAssigned", "user_assigned_identities": [user.id]},
            encryption={
                "customer_managed_key_encryption": {
                    "key_encryption_key_identity": {
                        "identity_type": "userAssignedIdentity",
                        "user_assigned_identity_resource_id": user.id,
                    },
                    "key_encryption_key_url": site.secrets.key_version_url,
                }
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(user.ready)),
        )
        path = place.of(cluster, f"Microsoft.Cache/redisEnterprise/{cluster_name}")
        database = redisenterprise.Database(
            name,
            database_name=DATABASE,
            cluster_name=after(cluster_name, cluster),
            resource_group_name=place.group,
            port=REDIS_PORT,
            client_protocol="Encrypted",
            clustering_policy="NoCluster",
            eviction_policy=EVICTION[args.eviction_policy],
            access_keys_authentication="Enabled",
            opts=pulumi.ResourceOptions(parent=self),
        )
        # A cluster that one change is made to refuses the next.
        endpoint = site.network.endpoint(
            self,
            name,
            path,
            "redisEnterprise",
            REDIS_ZONE,
            after_=database,
        )
        keys = redisenterprise.list_database_keys_output(
            # The id, and not the name: there is nobody to ask before the database exists.
            cluster_name=database.id.apply(lambda _: cluster_name),
            database_name=DATABASE,
            resource_group_name=place.group,
            opts=pulumi.InvokeOptions(parent=self),
        )
        password: pulumi.Output[str] = pulumi.Output.secret(
            keys.apply(lambda found: str(found.primary_key))
        )
        self.address = after(
            f"{cluster_name}.{place.region}.redis.azure.net", cluster, endpoint.ready
        )
        self.environment = {REDIS_HOST: LOOPBACK}
        self.references = {}
        self.sidecars = (
            redis_proxy(
                self.address, REDIS_PORT, site.secrets.keep(self, f"{name}-password", password)
            ),
        )
        watch(self, name, alarm_tables.cache(), path, place, site.alerts.group)
        self.register_outputs({"address": self.address})


@dataclass(frozen=True, kw_only=True)
class ContainerCache:
    """Redis beside a single server (requirement M2): no resource of its own, lost with the copy."""

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
