"""Where data is kept: databases, caches, buckets, logs and secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.aws import catalog
from components.aws.fixed import DATABASE_STORAGE_TYPE
from components.aws.parameters import postgres_parameters
from policies.facts import redis
from policies.facts.aws import network, types
from policies.facts.aws.compute import machine_groups
from policies.facts.graph import Graph
from policies.facts.model import (
    Bucket,
    Cache,
    Database,
    InboundRule,
    Lifecycle,
    LogGroup,
    Primary,
    Service,
    StoredSecret,
)
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_REDIS_PORT = 6379
_PUBLIC_BLOCKS = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_INFREQUENT_ACCESS = ("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING")
_ARCHIVES = ("GLACIER", "GLACIER_IR", "DEEP_ARCHIVE")


def databases(graph: Graph, rules: network.Rules) -> tuple[Primary, ...]:
    """The database servers that are written to, each with its replicas."""
    return tuple(
        _primary(graph, resource, rules)
        for resource in graph.of(types.DATABASE)
        if not resource.root.given("replicateSourceDb")
    )


def _primary(graph: Graph, resource: Resource, rules: network.Rules) -> Primary:
    root = resource.root
    parameters = _parameters(graph, resource, "parameterGroupName", types.DATABASE_PARAMETERS)
    size = derived(lambda name: _class(resource, name), root.text("instanceClass"))
    memory_gib = derived(lambda found: found.memory_gib, size)
    return Primary(
        **_server(resource, size, parameters),
        storage_type=root.text("storageType", "gp2"),
        expected_storage_type=DATABASE_STORAGE_TYPE,
        storage_gib=root.integer("allocatedStorage"),
        max_storage_gib=root.integer("maxAllocatedStorage"),
        high_availability=root.flag("multiAz"),
        backup_retention_days=root.integer("backupRetentionPeriod"),
        deletion_protection=root.flag("deletionProtection"),
        final_snapshot=derived(
            lambda skip: not skip and root.given("finalSnapshotIdentifier"),
            root.flag("skipFinalSnapshot"),
        ),
        encrypted=root.flag("storageEncrypted"),
        parameters=parameters,
        expected_parameters=derived(
            lambda gib: {one.name: one.value for one in postgres_parameters(gib)}, memory_gib
        ),
        replicas=tuple(
            Database(
                **_server(
                    replica,
                    derived(
                        lambda name, owner=replica: _class(owner, name),
                        replica.root.text("instanceClass"),
                    ),
                    parameters,
                )
            )
            for replica in graph.referring(resource, "replicateSourceDb", types.DATABASE)
        ),
        sources=network.admitted(graph, resource, "vpcSecurityGroupIds", rules),
    )


def _server(
    resource: Resource, size: catalog.DatabaseClass, parameters: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "name": resource.name,
        "urn": resource.urn,
        "type": resource.root.text("instanceClass"),
        "memory_gib": derived(lambda found: found.memory_gib, size),
        "max_connections": derived(
            lambda found, values: _max_connections(resource, found.name, values), size, parameters
        ),
        "public": resource.root.flag("publiclyAccessible"),
    }


def _class(resource: Resource, name: str) -> catalog.DatabaseClass:
    try:
        return catalog.database_class(name)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _max_connections(resource: Resource, kind: str, parameters: Mapping[str, str]) -> int:
    stated = parameters.get("max_connections")
    if stated is None:
        return catalog.default_max_connections(kind)
    if not stated.isdecimal():
        return resource.undecidable(  # type: ignore[no-any-return]
            f"parameter max_connections of `{resource.name}` is {stated}; give it a plain number",
        )
    return int(stated)


def _parameters(graph: Graph, resource: Resource, name: str, kind: str) -> Mapping[str, str]:
    """Parameters that a resource is given by its groups."""
    return derived(
        lambda *groups: {
            entry.text("name"): entry.text("value") for entries in groups for entry in entries
        },
        *(group.root.nodes("parameters") for group in graph.referred(resource, name, kind)),
    )


def caches(graph: Graph, services: tuple[Service, ...], rules: network.Rules) -> tuple[Cache, ...]:
    """The cloud's caches; where there are none, those that are containers beside a server."""
    managed = tuple(_managed(graph, resource, rules) for resource in graph.of(types.CACHE))
    return managed or derived(lambda: tuple(_beside(graph, services, rules)))


def _beside(graph: Graph, services: tuple[Service, ...], rules: network.Rules) -> Iterator[Cache]:
    for service in services:
        for container in redis.containers(service.task.containers):
            reached = _machine_rules(graph, service, rules)
            yield redis.contained(
                container, tuple(rule for rule in reached if _covers(rule, _REDIS_PORT))
            )


def _managed(graph: Graph, resource: Resource, rules: network.Rules) -> Cache:
    root = resource.root
    parameters = _parameters(graph, resource, "parameterGroupName", types.CACHE_PARAMETERS)
    shards = 1 if root.left_out("numNodeGroups") else root.integer("numNodeGroups")
    return Cache(
        name=resource.name,
        urn=resource.urn,
        memory_gib=derived(lambda name: _node_gib(resource, name), root.text("nodeType")),
        eviction_policy=derived(lambda found: found.get("maxmemory-policy", ""), parameters),
        persistent=derived(
            lambda days, found: days > 0 or found.get("appendonly", "no") != "no",
            root.integer("snapshotRetentionLimit"),
            parameters,
        ),
        tls=root.flag("transitEncryptionEnabled"),
        password=root.given("authToken") or root.given("userGroupIds"),
        sharded=derived(
            lambda count, cluster: count > 1 or cluster != "disabled",
            shards,
            root.text("clusterMode", "disabled"),
        ),
        sources=network.admitted(graph, resource, "securityGroupIds", rules),
    )


def _node_gib(resource: Resource, name: str) -> float:
    try:
        return catalog.cache_node_type(name).memory_gib
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _covers(rule: InboundRule, port: int) -> bool:
    first, last = rule.ports
    return first <= port <= last


def _machine_rules(graph: Graph, service: Service, rules: network.Rules) -> tuple[InboundRule, ...]:
    return network.of_groups(
        rules,
        (
            group
            for scaling_group in machine_groups(graph, graph[service.urn])
            for group in network.machine_security_groups(graph, scaling_group)
        ),
    )


def buckets(graph: Graph) -> tuple[Bucket, ...]:
    """The buckets, each with the resources that set it up."""
    return tuple(_bucket(graph, resource) for resource in graph.of(types.BUCKET))


def _bucket(graph: Graph, resource: Resource) -> Bucket:
    def settings(kind: str) -> Iterable[Node]:
        return (one.root for one in graph.referring(resource, "bucket", kind))

    return Bucket(
        name=resource.name,
        urn=resource.urn,
        versioned=derived(
            lambda: any(
                one.text("versioningConfiguration.status") == "Enabled"
                for one in settings(types.BUCKET_VERSIONING)
            )
        ),
        encrypted=derived(
            lambda: any(
                rule.text("applyServerSideEncryptionByDefault.sseAlgorithm")
                for one in settings(types.BUCKET_ENCRYPTION)
                for rule in one.nodes("rules")
            )
        ),
        public_access_blocked=derived(
            lambda: any(
                all(one.flag(name) for name in _PUBLIC_BLOCKS)
                for one in settings(types.BUCKET_PUBLIC_BLOCK)
            )
        ),
        lifecycle=derived(
            lambda: tuple(
                _lifecycle(resource, rule)
                for one in settings(types.BUCKET_LIFECYCLE)
                for rule in one.nodes("rules")
                if rule.text("status") == "Enabled"
            )
        ),
    )


def _lifecycle(bucket: Resource, rule: Node) -> Lifecycle:
    transitions = rule.nodes("transitions")
    return Lifecycle(
        name=bucket.name,
        urn=bucket.urn,
        infrequent_access_days=_transition(transitions, _INFREQUENT_ACCESS),
        archive_days=_transition(transitions, _ARCHIVES),
        noncurrent_expiration_days=rule.integer("noncurrentVersionExpiration.noncurrentDays"),
        abort_upload_days=rule.integer("abortIncompleteMultipartUpload.daysAfterInitiation"),
    )


def _transition(transitions: tuple[Node, ...], classes: tuple[str, ...]) -> int:
    return derived(
        lambda nodes: min(
            (node.integer("days") for node in nodes if node.text("storageClass") in classes),
            default=0,
        ),
        transitions,
    )


def log_groups(graph: Graph) -> tuple[LogGroup, ...]:
    """The log groups."""
    return tuple(
        LogGroup(
            name=resource.name,
            urn=resource.urn,
            retention_days=resource.root.integer("retentionInDays"),
            own_key=_own_key(graph, resource),
        )
        for resource in graph.of(types.LOG_GROUP)
    )


def secrets(graph: Graph) -> tuple[StoredSecret, ...]:
    """The entries of Secrets Manager."""
    return tuple(
        StoredSecret(name=resource.name, urn=resource.urn, own_key=_own_key(graph, resource))
        for resource in graph.of(types.SECRET)
    )


def _own_key(graph: Graph, resource: Resource) -> bool:
    """Whether it has a key: one of the stack, which has no name yet, or one by name."""
    if graph.referred(resource, "kmsKeyId", types.KEY):
        return True
    return derived(bool, resource.root.text("kmsKeyId"))
