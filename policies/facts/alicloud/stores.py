"""Where data is kept: databases, caches, buckets and logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from components.alicloud import catalog
from components.alicloud.fixed import CEILING_TAG, DATABASE_EDITION, DATABASE_STORAGE_TYPE
from components.alicloud.parameters import parameters
from components.sizing import CatalogError
from policies.facts.alicloud import network, types
from policies.facts.graph import Graph
from policies.facts.kubernetes.caches import caches as pods_with_redis
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import (
    Bucket,
    Cache,
    Database,
    Lifecycle,
    LogGroup,
    Primary,
)
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_DEFAULT_BACKUP_DAYS = 7
_KEPT = ("Lastest", "All")
"""Backups that outlive a deleted server (provider documentation, `released_keep_policy`)."""
_TLS = "ssl"
"""Parameter of PostgreSQL that RDS sets by a property of its own, `ssl_action`."""
_FOR_EVER = 3650
"""Days that stand for ever (provider documentation, `alicloud_log_store`)."""


def databases(graph: Graph) -> tuple[Primary, ...]:
    """The database servers that are written to, each with its read-only instances."""
    return tuple(_primary(graph, resource) for resource in graph.of(types.DATABASE))


def _primary(graph: Graph, resource: Resource) -> Primary:
    root = resource.root
    policies = [one.root for one in graph.referring(resource, "instanceId", types.BACKUP_POLICY)]
    return Primary(
        **_server(resource, root.text("instanceType")),
        storage_type=root.text("dbInstanceStorageType"),
        expected_storage_type=DATABASE_STORAGE_TYPE,
        storage_gib=root.integer("instanceStorage"),
        max_storage_gib=ceiling_gib(root),
        high_availability=derived(
            lambda edition, first, second: bool(
                edition == DATABASE_EDITION and second and first != second
            ),
            root.text("category", DATABASE_EDITION),
            root.text("zoneId"),
            root.text("zoneIdSlaveA"),
        ),
        backup_retention_days=derived(
            lambda: max((_recoverable(policy) for policy in policies), default=_DEFAULT_BACKUP_DAYS)
        ),
        deletion_protection=root.flag("deletionProtection"),
        final_snapshot=derived(
            lambda: any(policy.text("releasedKeepPolicy") in _KEPT for policy in (*policies, root))
        ),
        # RDS's own key counts: classes that share a machine take no other.
        encrypted=root.given("encryptionKey")
        and (root.undetermined("encryptionKey") or root.text("encryptionKey") != "disabled"),
        parameters=derived(
            lambda given, action: {**given, _TLS: "off" if action == "Close" else "on"},
            _parameters(resource),
            root.text("sslAction", "Close"),
        ),
        expected_parameters=derived(
            lambda name: {**_expected(resource, name), _TLS: "on"}, root.text("instanceType")
        ),
        replicas=tuple(
            Database(**_server(replica, replica.root.text("instanceType")))
            for replica in graph.referring(resource, "masterDbInstanceId", types.REPLICA)
        ),
        sources=derived(
            lambda: tuple(
                rule
                for one in (
                    resource,
                    *graph.referring(resource, "masterDbInstanceId", types.REPLICA),
                )
                for rule in network.listed(graph, one)
            )
        ),
    )


def ceiling_gib(root: Node) -> int:
    """How far a disk grows by itself, GiB; 0: not at all. A tag says it of one that is being made
    larger, which is told of no growth meanwhile."""
    return derived(
        lambda grows, told: (
            root.integer("storageUpperBound")
            if grows == "Enable"
            else int(told)
            if told.isdecimal()
            else 0
        ),
        root.text("storageAutoScale", "Disable"),
        root.child("tags").child(CEILING_TAG).text(""),
    )


def _recoverable(policy: Node) -> int:
    """Days to any second of which the database can be brought back: both the backups and the log
    are needed."""
    days = policy.integer("backupRetentionPeriod", _DEFAULT_BACKUP_DAYS)
    if not policy.flag("enableBackupLog", default=True):
        return 0
    return min(days, policy.integer("logBackupRetentionPeriod", _DEFAULT_BACKUP_DAYS))


def _server(resource: Resource, name: str) -> dict[str, Any]:
    known = derived(lambda text: _class(resource, text), name)
    return {
        "name": resource.name,
        "urn": resource.urn,
        "type": name,
        "memory_gib": derived(lambda found: found.memory_gib, known),
        "max_connections": derived(
            lambda found, given: _max_connections(resource, found, given),
            known,
            _parameters(resource),
        ),
        # A public address is a resource of its own, of a type that no rule knows.
        "public": False,
    }


def _class(resource: Resource, name: str) -> catalog.DatabaseClass:
    try:
        return catalog.any_database_class(name)
    except CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _expected(resource: Resource, name: str) -> Mapping[str, str]:
    try:
        return parameters(name)
    except CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _parameters(resource: Resource) -> Mapping[str, str]:
    return derived(
        lambda entries: {entry.text("name"): entry.text("value") for entry in entries},
        resource.root.nodes("parameters"),
    )


def _max_connections(
    resource: Resource, found: catalog.DatabaseClass, given: Mapping[str, str]
) -> int:
    stated = given.get("max_connections")
    if stated is None:
        return found.max_connections
    if not stated.isdecimal():
        return resource.undecidable(  # type: ignore[no-any-return]
            f"parameter max_connections of `{resource.name}` is {stated}; give it a plain number",
        )
    return int(stated)


def caches(graph: Graph, workloads: Iterable[Workload]) -> tuple[Cache, ...]:
    """The cloud's caches; where there are none, those that are pods."""
    managed = tuple(_cache(graph, resource) for resource in graph.of(types.CACHE))
    return managed or pods_with_redis(workloads)


def _cache(graph: Graph, resource: Resource) -> Cache:
    root = resource.root
    settings = root.node("config")
    return Cache(
        name=resource.name,
        urn=resource.urn,
        memory_gib=derived(lambda name: _cache_size(resource, name), root.text("instanceClass")),
        eviction_policy=derived(
            lambda policy: policy or "volatile-lru", settings.child("maxmemory-policy").text("")
        ),
        persistent=derived(lambda mode: bool(mode != "no"), settings.child("appendonly").text("")),
        tls=derived(lambda mode: mode in ("Enable", "Update"), root.text("sslEnable", "Disable"))
        if root.stated("sslEnable")
        else False,
        password=derived(lambda mode: bool(mode != "Close"), root.text("vpcAuthMode", "Open")),
        sharded=derived(lambda count: bool(count > 1), root.integer("shardCount", 1)),
        sources=derived(lambda: tuple(network.listed(graph, resource))),
    )


def _cache_size(resource: Resource, name: str) -> float:
    try:
        return catalog.cache_size(name)
    except CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def buckets(graph: Graph) -> tuple[Bucket, ...]:
    """The buckets."""
    return tuple(_bucket(graph, resource) for resource in graph.of(types.BUCKET))


def _bucket(graph: Graph, resource: Resource) -> Bucket:
    def settings(kind: str) -> list[Node]:
        return [one.root for one in graph.referring(resource, "bucket", kind)]

    return Bucket(
        name=resource.name,
        urn=resource.urn,
        versioned=derived(
            lambda: any(
                one.text("status") == "Enabled" for one in settings(types.BUCKET_VERSIONING)
            )
        ),
        encrypted=derived(
            lambda: any(one.given("kmsMasterKeyId") for one in settings(types.BUCKET_ENCRYPTION))
        ),
        public_access_blocked=derived(
            lambda: any(one.flag("blockPublicAccess") for one in settings(types.BUCKET_BLOCK))
        ),
        lifecycle=derived(
            lambda: tuple(
                _lifecycle(resource, rule) for rule in rules(resource) if not rule.text("prefix")
            )
        ),
    )


def rules(bucket: Resource) -> list[Node]:
    """The lifecycle rules of a bucket that are switched on."""
    return [rule for rule in bucket.root.nodes("lifecycleRules") if rule.flag("enabled")]


def days(rule: Node, action: str, storage_class: str = "") -> int:
    """Age at which a rule does something, days; 0: never."""
    return min(
        (
            each.integer("days")
            for each in rule.nodes(action)
            if not storage_class or each.text("storageClass") == storage_class
        ),
        default=0,
    )


def _lifecycle(bucket: Resource, rule: Node) -> Lifecycle:
    return Lifecycle(
        name=bucket.name,
        urn=bucket.urn,
        infrequent_access_days=days(rule, "transitions", "IA"),
        archive_days=days(rule, "transitions", "Archive"),
        noncurrent_expiration_days=days(rule, "noncurrentVersionExpirations"),
        abort_upload_days=days(rule, "abortMultipartUploads"),
    )


def log_groups(graph: Graph) -> tuple[LogGroup, ...]:
    """The stores of the log service."""
    return tuple(
        LogGroup(
            name=resource.name,
            urn=resource.urn,
            retention_days=derived(
                lambda kept: 0 if kept == _FOR_EVER else kept,
                resource.root.integer("retentionPeriod", 30),
            ),
            own_key=derived(
                lambda enabled, root=resource.root: (
                    enabled and root.given("encryptConf.userCmkInfo.cmkKeyId")
                ),
                resource.root.flag("encryptConf.enable"),
            ),
        )
        for resource in graph.of(types.LOG_STORE)
    )
