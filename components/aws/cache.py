"""Cache: Redis, by ElastiCache or as a container beside a single server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import elasticache, ssm

from components.args import CacheArgs
from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.flows import REDIS_PORT
from components.aws.site import Site
from components.letta.environment import REDIS_HOST
from components.redis import redis_container
from components.roles import Reference, SidecarArgs
from components.sizing import chosen

ENGINE_VERSION = "7.1"
"""Newest Redis OSS version on ElastiCache."""
PARAMETER_FAMILY = "redis7"

DOCKER_GATEWAY = "172.17.0.1"
"""Address of the host on Docker's default bridge, by which containers of one instance reach
each other's published ports."""


class ManagedCache(pulumi.ComponentResource):
    """Redis on ElastiCache (requirement M2): no TLS, no password, no cluster protocol, because
    the server's client speaks none of them; the security group admits the servers only."""

    environment: Mapping[str, str]
    """Empty: where it is, is known only once it exists."""
    references: Mapping[str, Reference]
    """The primary's host name, by variable: a parameter in Systems Manager."""
    sidecars: tuple[SidecarArgs, ...]
    """Empty."""
    address: pulumi.Output[str]
    """Host name of the primary; follows a failover."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        instance_type = chosen(args.instance_type)
        super().__init__(
            "letta:aws:ManagedCache",
            name,
            {"instanceType": instance_type, "nodes": args.nodes},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        replicated = args.nodes > 1
        subnet_group = elasticache.SubnetGroup(
            name,
            description=f"Zones of {name}",
            subnet_ids=list(site.network.database_subnet_ids),
            opts=child,
        )
        parameter_group = elasticache.ParameterGroup(
            f"{name}-{PARAMETER_FAMILY}",
            family=PARAMETER_FAMILY,
            description=f"Eviction of {name}",
            parameters=[
                elasticache.ParameterGroupParameterArgs(
                    name="maxmemory-policy", value=args.eviction_policy
                )
            ],
            opts=child,
        )
        group = elasticache.ReplicationGroup(
            name,
            description=f"Streams, locks and run ids of {name}",
            engine="redis",
            engine_version=ENGINE_VERSION,
            node_type=instance_type,
            num_cache_clusters=args.nodes,
            automatic_failover_enabled=replicated,
            multi_az_enabled=replicated,
            cluster_mode="disabled",
            port=REDIS_PORT,
            parameter_group_name=parameter_group.name,
            subnet_group_name=subnet_group.name,
            security_group_ids=[site.network.security_groups["cache"]],
            at_rest_encryption_enabled=True,
            kms_key_id=site.secrets.key_arn,
            transit_encryption_enabled=False,
            snapshot_retention_limit=args.snapshot_retention_days,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            opts=child,
        )
        self.address = group.primary_endpoint_address
        host = ssm.Parameter(
            f"{name}-host",
            type="String",
            # A host name; as `value` the engine would count it among the secrets.
            insecure_value=self.address,
            description=f"Host of {name}",
            opts=child,
        )
        arn = host.name.apply(lambda named: site.place.arn("ssm", f"parameter/{named}"))
        self.environment = {}
        self.references = {
            REDIS_HOST: Reference(
                name=arn, readable=arn, revision=host.version.apply(str), kind="parameter"
            )
        }
        self.sidecars = ()
        for number in range(1, args.nodes + 1):
            node = pulumi.Output.concat(group.replication_group_id, f"-{number:03}")
            raise_alarms(
                self,
                f"{name}-{number}",
                alarm_tables.cache(node, node_type=instance_type),
                site.alerts.topic_arn,
            )
        self.register_outputs({"address": self.address})


@dataclass(frozen=True, kw_only=True)
class ContainerCache:
    """Redis beside a single server (requirement M2): no resource of its own, lost with the
    instance, reached over Docker's bridge."""

    sidecars: tuple[SidecarArgs, ...]
    """The one container."""
    environment: Mapping[str, str] = field(default_factory=lambda: {REDIS_HOST: DOCKER_GATEWAY})
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
