"""Where data is kept: databases, caches, accounts of blobs, logs and secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.azure import catalog
from components.azure.fixed import DATABASE_STORAGE_TYPE, REDIS_PORT
from components.azure.parameters import parameters
from policies.facts import redis
from policies.facts.azure import locks, types
from policies.facts.azure.ageing import UPLOADS_KEPT_DAYS, rules_for
from policies.facts.graph import Graph
from policies.facts.letta import is_proxy
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
from policies.facts.resource import Resource
from policies.facts.unknown import derived

MOST_STORAGE_GIB = catalog.STORAGE_STEPS[-1]
_GIB = 2**30
_STORAGE_METRIC = "storage_used"
_EVICTION: Mapping[str, str] = {
    "AllKeysLFU": "allkeys-lfu",
    "AllKeysLRU": "allkeys-lru",
    "AllKeysRandom": "allkeys-random",
    "NoEviction": "noeviction",
    "VolatileLFU": "volatile-lfu",
    "VolatileLRU": "volatile-lru",
    "VolatileRandom": "volatile-random",
    "VolatileTTL": "volatile-ttl",
}
"""Azure's word -> that of Redis."""
_ANYWHERE = "0.0.0.0/0"


def databases(graph: Graph) -> tuple[Primary, ...]:
    """The database servers that are written to, each with its replicas."""
    return tuple(
        _primary(graph, resource)
        for resource in graph.of(types.DATABASE)
        if not is_replica(resource)
    )


def is_replica(resource: Resource) -> bool:
    """Whether a server is a copy of another."""
    return resource.root.text("createMode", "Default") == "Replica"


def _primary(graph: Graph, resource: Resource) -> Primary:
    root = resource.root
    return Primary(
        **_server(graph, resource),
        storage_type=root.text("storage.type", DATABASE_STORAGE_TYPE),
        expected_storage_type=DATABASE_STORAGE_TYPE,
        storage_gib=root.integer("storage.storageSizeGB"),
        max_storage_gib=derived(
            lambda mode: most_storage_gib(graph, resource) if mode == "Enabled" else 0,
            root.text("storage.autoGrow", "Disabled"),
        ),
        high_availability=derived(
            lambda mode: bool(mode == "ZoneRedundant"),
            root.text("highAvailability.mode", "Disabled"),
        ),
        backup_retention_days=root.integer("backup.backupRetentionDays", 7),
        deletion_protection=derived(lambda: locks.locked(graph, resource)),
        # Azure keeps the backups of a server that was dropped for five days, unasked.
        final_snapshot=True,
        # Azure encrypts every disk.
        encrypted=True,
        parameters=_parameters(graph, resource),
        expected_parameters=derived(lambda name: _expected(resource, name), root.text("sku.name")),
        replicas=tuple(
            Database(**_server(graph, replica))
            for replica in graph.referring(resource, "sourceServerResourceId", types.DATABASE)
            if is_replica(replica)
        ),
        # Nobody outside the network reaches it; its parts are told apart by their ranges alone.
        sources=(),
    )


def most_storage_gib(graph: Graph, resource: Resource) -> int:
    """How far a disk grows before somebody is told, GiB: it has no other ceiling than the largest
    disk."""
    return min(
        (
            int(condition.number("threshold") // _GIB)
            for alert in graph.referring(resource, "scopes", types.METRIC_ALERT)
            for condition in alert.root.nodes("criteria.allOf")
            if condition.text("metricName") == _STORAGE_METRIC and alert.root.flag("enabled")
        ),
        default=MOST_STORAGE_GIB,
    )


def _server(graph: Graph, resource: Resource) -> dict[str, Any]:
    name = resource.root.text("sku.name")
    return {
        "name": resource.name,
        "urn": resource.urn,
        "type": name,
        "memory_gib": derived(lambda known: _class(resource, known).memory_gib, name),
        "max_connections": derived(
            lambda known, given: _max_connections(resource, known, given),
            name,
            _parameters(graph, resource),
        ),
        "reserved_connections": catalog.RESERVED_CONNECTIONS,
        "public": derived(
            lambda access, inside: bool(access == "Enabled" or not inside),
            resource.root.text("network.publicNetworkAccess", "Disabled"),
            resource.root.given("network.delegatedSubnetResourceId"),
        ),
    }


def _class(resource: Resource, name: str) -> catalog.DatabaseClass:
    try:
        return catalog.database_class(name)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _expected(resource: Resource, name: str) -> Mapping[str, str]:
    try:
        return parameters(name)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _parameters(graph: Graph, resource: Resource) -> Mapping[str, str]:
    return derived(
        lambda: {
            one.root.text("configurationName"): one.root.text("value")
            for one in graph.referring(resource, "serverName", types.PARAMETER)
        }
    )


def _max_connections(resource: Resource, name: str, given: Mapping[str, str]) -> int:
    stated = given.get("max_connections")
    if stated is None:
        return _class(resource, name).max_connections
    if not stated.isdecimal():
        return resource.undecidable(  # type: ignore[no-any-return]
            f"parameter max_connections of `{resource.name}` is {stated}; give it a plain number",
        )
    return int(stated)


def caches(graph: Graph, services: tuple[Service, ...]) -> tuple[Cache, ...]:
    """The cloud's caches; where there are none, those that are containers beside a server."""
    managed = tuple(_managed(graph, resource, services) for resource in graph.of(types.CACHE))
    return managed or derived(lambda: tuple(_beside(services)))


def _managed(graph: Graph, resource: Resource, services: tuple[Service, ...]) -> Cache:
    root = resource.root
    # Cluster and database are two resources; a cluster has one database.
    data = next(iter(graph.referring(resource, "clusterName", types.CACHE_DATABASE)), resource).root
    return Cache(
        name=resource.name,
        urn=resource.urn,
        memory_gib=derived(lambda name: _cache_gib(resource, name), root.text("sku.name")),
        eviction_policy=derived(
            lambda word: _EVICTION.get(word, word), data.text("evictionPolicy", "VolatileLRU")
        ),
        persistent=derived(
            lambda log, snapshots: bool(log or snapshots),
            data.flag("persistence.aofEnabled"),
            data.flag("persistence.rdbEnabled"),
        ),
        # A proxy beside the server speaks TLS and knows the key: the server need not.
        tls=derived(
            lambda protocol: bool(protocol != "Plaintext" and not _bridged(services)),
            data.text("clientProtocol", "Encrypted"),
        ),
        password=derived(lambda: not _bridged(services)),
        sharded=derived(
            lambda policy: bool(policy == "OSSCluster"), data.text("clusteringPolicy", "OSSCluster")
        ),
        # Private endpoints alone lead to it, and have no list of callers.
        sources=(),
    )


def _bridged(services: tuple[Service, ...]) -> bool:
    """Whether every copy has a proxy to Redis beside its server."""
    return bool(services) and all(
        any(is_proxy(container) for container in service.task.containers) for service in services
    )


def _cache_gib(resource: Resource, name: str) -> float:
    try:
        return catalog.cache_sku(name).memory_gib
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def open_caches(graph: Graph) -> tuple[InboundRule, ...]:
    """Caches that the whole internet reaches."""
    return tuple(
        InboundRule(
            name=resource.name,
            urn=resource.urn,
            group=resource.name,
            network=_ANYWHERE,
            protocol="tcp",
            ports=(REDIS_PORT, REDIS_PORT),
            way_in=False,
        )
        for resource in graph.of(types.CACHE)
        if resource.root.text("publicNetworkAccess") != "Disabled"
    )


def _beside(services: tuple[Service, ...]) -> Iterator[Cache]:
    """Only containers of the same copy reach one."""
    for service in services:
        for container in redis.containers(service.task.containers):
            yield redis.contained(container, ())


def buckets(graph: Graph) -> tuple[Bucket, ...]:
    """The accounts of blobs."""
    return tuple(_bucket(graph, resource) for resource in graph.of(types.ACCOUNT))


def _bucket(graph: Graph, resource: Resource) -> Bucket:
    root = resource.root
    return Bucket(
        name=resource.name,
        urn=resource.urn,
        versioned=derived(
            lambda: any(
                service.root.flag("isVersioningEnabled")
                for service in graph.referring(resource, "accountName", types.BLOB_SERVICE)
            )
        ),
        encrypted=derived(
            lambda source: bool(source == "Microsoft.Keyvault"), root.text("encryption.keySource")
        ),
        public_access_blocked=derived(
            lambda blobs, network: not blobs and network == "Disabled",
            root.flag("allowBlobPublicAccess"),
            root.text("publicNetworkAccess", "Enabled"),
        ),
        lifecycle=derived(lambda: tuple(_lifecycles(graph, resource))),
    )


def _lifecycles(graph: Graph, resource: Resource) -> Iterator[Lifecycle]:
    for policy in graph.referring(resource, "accountName", types.LIFECYCLE):
        ages = rules_for(policy, "")
        yield Lifecycle(
            name=policy.name,
            urn=policy.urn,
            infrequent_access_days=ages.cooled_days,
            archive_days=ages.archived_days,
            noncurrent_expiration_days=ages.versions_deleted_days,
            # Azure drops them by itself.
            abort_upload_days=UPLOADS_KEPT_DAYS,
        )


def log_groups(graph: Graph) -> tuple[LogGroup, ...]:
    """The workspaces."""
    return tuple(
        LogGroup(
            name=resource.name,
            urn=resource.urn,
            retention_days=resource.root.integer("retentionInDays", 30),
            own_key=resource.root.given("features.clusterResourceId"),
        )
        for resource in graph.of(types.WORKSPACE)
    )


def secrets(graph: Graph) -> tuple[StoredSecret, ...]:
    """The entries of the vault, whose keys are the vault's own."""
    return tuple(
        StoredSecret(name=resource.name, urn=resource.urn, own_key=True)
        for resource in graph.of(types.SECRET)
    )
