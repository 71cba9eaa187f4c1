"""Where data is kept: databases, caches, buckets, logs and secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.gcp import catalog
from components.gcp.fixed import DATABASE_STORAGE_TYPE
from components.gcp.parameters import flags
from policies.facts import redis
from policies.facts.gcp import types
from policies.facts.graph import Graph
from policies.facts.model import (
    Bucket,
    Cache,
    Database,
    Lifecycle,
    LogGroup,
    Primary,
    Service,
    StoredSecret,
)
from policies.facts.resource import Resource
from policies.facts.unknown import derived

_INFREQUENT_ACCESS = ("NEARLINE",)
_ARCHIVES = ("COLDLINE", "ARCHIVE")
_DEFAULT_EVICTION = "volatile-lru"
"""Of Memorystore, where none is stated (Memorystore documentation, "Supported configurations")."""


def databases(graph: Graph) -> tuple[Primary, ...]:
    """The database servers that are written to, each with its replicas."""
    return tuple(
        _primary(graph, resource)
        for resource in graph.of(types.DATABASE)
        if not resource.root.given("masterInstanceName")
    )


def _primary(graph: Graph, resource: Resource) -> Primary:
    settings = resource.root.node("settings")
    parameters = _flags(resource)
    backup = settings.node("backupConfiguration")
    return Primary(
        **_server(resource),
        storage_type=settings.text("diskType", DATABASE_STORAGE_TYPE),
        expected_storage_type=DATABASE_STORAGE_TYPE,
        storage_gib=settings.integer("diskSize"),
        max_storage_gib=derived(
            lambda grows: settings.integer("diskAutoresizeLimit") if grows else 0,
            settings.flag("diskAutoresize", default=True),
        ),
        high_availability=derived(
            lambda kind: bool(kind == "REGIONAL"), settings.text("availabilityType", "ZONAL")
        ),
        backup_retention_days=derived(
            lambda enabled: (
                backup.integer("backupRetentionSettings.retainedBackups", 7) if enabled else 0
            ),
            backup.flag("enabled"),
        ),
        deletion_protection=derived(
            lambda own, api: own and api,
            resource.root.flag("deletionProtection", default=True),
            settings.flag("deletionProtectionEnabled"),
        ),
        final_snapshot=settings.flag("finalBackupConfig.enabled"),
        # Google encrypts every disk.
        encrypted=True,
        parameters=parameters,
        expected_parameters=derived(lambda tier: _expected(resource, tier), settings.text("tier")),
        replicas=tuple(
            Database(**_server(replica))
            for replica in graph.referring(resource, "masterInstanceName", types.DATABASE)
        ),
        # The peered network reaches it, and nobody else: there is no list of who may.
        sources=(),
    )


def _server(resource: Resource) -> dict[str, Any]:
    settings = resource.root.node("settings")
    tier = settings.text("tier")
    return {
        "name": resource.name,
        "urn": resource.urn,
        "type": tier,
        "memory_gib": derived(lambda name: _tier(resource, name).memory_gib, tier),
        "max_connections": derived(
            lambda name, given: _max_connections(resource, name, given), tier, _flags(resource)
        ),
        "public": settings.flag("ipConfiguration.ipv4Enabled", default=True),
    }


def _tier(resource: Resource, name: str) -> catalog.DatabaseTier:
    try:
        return catalog.database_tier(name)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _expected(resource: Resource, tier: str) -> Mapping[str, str]:
    try:
        return flags(tier)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _flags(resource: Resource) -> Mapping[str, str]:
    return derived(
        lambda entries: {entry.text("name"): entry.text("value") for entry in entries},
        resource.root.nodes("settings.databaseFlags"),
    )


def _max_connections(resource: Resource, tier: str, given: Mapping[str, str]) -> int:
    stated = given.get("max_connections")
    if stated is None:
        _tier(resource, tier)
        return catalog.default_max_connections(tier)
    if not stated.isdecimal():
        return resource.undecidable(  # type: ignore[no-any-return]
            f"flag max_connections of `{resource.name}` is {stated}; give it a plain number",
        )
    return int(stated)


def caches(graph: Graph, services: tuple[Service, ...]) -> tuple[Cache, ...]:
    """The cloud's caches; where there are none, those that are containers beside a server."""
    managed = tuple(_managed(resource) for resource in graph.of(types.CACHE))
    return managed or derived(lambda: tuple(_beside(services)))


def _managed(resource: Resource) -> Cache:
    root = resource.root
    return Cache(
        name=resource.name,
        urn=resource.urn,
        memory_gib=root.number("memorySizeGb"),
        eviction_policy=derived(
            lambda given: given or _DEFAULT_EVICTION,
            root.node("redisConfigs").child("maxmemory-policy").text(""),
        ),
        persistent=derived(
            lambda mode: mode not in ("", "DISABLED"),
            root.text("persistenceConfig.persistenceMode"),
        )
        if root.stated("persistenceConfig")
        else False,
        tls=derived(
            lambda mode: bool(mode != "DISABLED"), root.text("transitEncryptionMode", "DISABLED")
        ),
        password=root.flag("authEnabled"),
        sharded=False,
        sources=(),
    )


def _beside(services: tuple[Service, ...]) -> Iterator[Cache]:
    """Only containers of the same copy reach one."""
    for service in services:
        for container in redis.containers(service.task.containers):
            yield redis.contained(container, ())


def buckets(graph: Graph) -> tuple[Bucket, ...]:
    """The buckets."""
    return tuple(_bucket(resource) for resource in graph.of(types.BUCKET))


def _bucket(resource: Resource) -> Bucket:
    root = resource.root
    return Bucket(
        name=resource.name,
        urn=resource.urn,
        versioned=root.flag("versioning.enabled"),
        encrypted=root.given("encryption.defaultKmsKeyName"),
        public_access_blocked=derived(
            lambda mode, uniform: bool(mode == "enforced" and uniform),
            root.text("publicAccessPrevention", "inherited"),
            root.flag("uniformBucketLevelAccess"),
        ),
        lifecycle=derived(lambda: (_lifecycle(resource),) if _ages(resource) else ()),
    )


def _ages(resource: Resource) -> tuple[tuple[str, str, int, int], ...]:
    """Action, storage class, age and age of a replaced version, of each rule for all objects."""
    return tuple(
        (
            rule.text("action.type"),
            rule.text("action.storageClass"),
            rule.integer("condition.age"),
            rule.integer("condition.daysSinceNoncurrentTime"),
        )
        for rule in resource.root.nodes("lifecycleRules")
        if not rule.given("condition.matchesPrefixes")
        and not rule.given("condition.matchesSuffixes")
    )


def _lifecycle(resource: Resource) -> Lifecycle:
    ages = _ages(resource)

    def moved(classes: tuple[str, ...]) -> int:
        return min((age for _, kind, age, _ in ages if kind in classes), default=0)

    return Lifecycle(
        name=resource.name,
        urn=resource.urn,
        infrequent_access_days=moved(_INFREQUENT_ACCESS),
        archive_days=moved(_ARCHIVES),
        noncurrent_expiration_days=max(
            (days for action, _, _, days in ages if action == "Delete"), default=0
        ),
        abort_upload_days=max(
            (age for action, _, age, _ in ages if action == "AbortIncompleteMultipartUpload"),
            default=0,
        ),
    )


def log_groups(graph: Graph) -> tuple[LogGroup, ...]:
    """The log buckets."""
    return tuple(
        LogGroup(
            name=resource.name,
            urn=resource.urn,
            retention_days=resource.root.integer("retentionDays", 30),
            own_key=resource.root.given("cmekSettings.kmsKeyName"),
        )
        for resource in graph.of(types.LOG_BUCKET)
    )


def secrets(graph: Graph) -> tuple[StoredSecret, ...]:
    """The entries of Secret Manager."""
    return tuple(
        StoredSecret(name=resource.name, urn=resource.urn, own_key=_own_key(resource))
        for resource in graph.of(types.SECRET)
    )


def _own_key(resource: Resource) -> bool:
    return derived(
        lambda replicas: (
            bool(replicas)
            and all(one.given("customerManagedEncryption.kmsKeyName") for one in replicas)
        ),
        resource.root.nodes("replication.userManaged.replicas"),
    )
