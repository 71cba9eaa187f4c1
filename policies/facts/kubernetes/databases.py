"""Databases that CloudNativePG runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components import postgres
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, quantities, types
from policies.facts.model import Database, Primary
from policies.facts.resource import Resource
from policies.facts.unknown import derived

LARGEST_VOLUME_GIB = 65_536
"""Ceiling of a volume that can be enlarged while it is in use: the most of a stack file."""
_DAYS = re.compile(r"([0-9]+)d")
_PLUGIN_PARAMETER = "barmanObjectName"
_DEFAULT_CONNECTIONS = 100
"""Of a server that is told nothing (PostgreSQL documentation, "Connections")."""


def databases(graph: Graph) -> tuple[Primary, ...]:
    """The clusters of PostgreSQL, each with its standby and its read replicas."""
    return tuple(_primary(graph, resource) for resource in graph.of(types.CLOUD_NATIVE_PG))


def servers(resource: Resource) -> int:
    """Servers of a cluster."""
    return resource.root.integer("spec.instances", 1)


def storage_gib(resource: Resource) -> float:
    """Volume of each server, GiB."""
    return derived(_gib, quantities.mib(resource.root.node("spec.storage"), "size"))


def memory_gib(resource: Resource) -> float:
    """Memory set aside for each server, GiB."""
    return derived(_gib, quantities.mib(resource.root.node("spec.resources.requests"), "memory"))


def vcpus(resource: Resource) -> float:
    """CPU set aside for each server, vCPU."""
    return quantities.vcpus(resource.root.node("spec.resources.requests"), "cpu")


def _gib(mib: float) -> float:
    return mib / 1024


def _primary(graph: Graph, resource: Resource) -> Primary:
    root = resource.root
    memory, cores = memory_gib(resource), vcpus(resource)
    kind = derived(lambda count: f"CloudNativePG on {count:g} vCPU", cores)
    settings = root.node("spec.postgresql.parameters")
    connections = settings.integer("max_connections", _DEFAULT_CONNECTIONS)
    standby = root.given("spec.postgresql.synchronous")
    storage = root.text("spec.storage.storageClass")
    archives = derived(lambda: tuple(_archives(graph, resource)))
    replica = Database(
        name=resource.name,
        urn=resource.urn,
        type=kind,
        memory_gib=memory,
        max_connections=connections,
        public=False,
    )
    return Primary(
        **vars(replica),
        storage_type=storage,
        # Which class is SSD, only the cluster's owner knows.
        expected_storage_type=storage,
        storage_gib=derived(int, storage_gib(resource)),
        max_storage_gib=derived(
            lambda enlarged, gib: LARGEST_VOLUME_GIB if enlarged else int(gib),
            root.flag("spec.storage.resizeInUseVolumes", default=True),
            storage_gib(resource),
        ),
        high_availability=derived(lambda count: standby and count > 1, servers(resource)),
        backup_retention_days=derived(
            lambda reach: max(reach, default=0) if _backed_up(graph, resource) else 0, archives
        ),
        deletion_protection=resource.protected,
        # What is archived outlives the database.
        final_snapshot=derived(bool, archives),
        encrypted=False,
        parameters=root.mapping("spec.postgresql.parameters"),
        expected_parameters=derived(
            lambda gib: {each.name: each.value for each in postgres.parameters(gib)}, memory
        ),
        replicas=derived(
            lambda count: (replica,) * max(0, count - 1 - int(standby)), servers(resource)
        ),
        sources=(),
    )


def _backed_up(graph: Graph, resource: Resource) -> bool:
    """Whether backups are made of a cluster, from which its log can be followed."""
    return any(
        one.root.text("spec.cluster.name") == objects.name(resource)
        for one in graph.of(types.SCHEDULED_BACKUP)
    )


def _archives(graph: Graph, resource: Resource) -> Iterator[int]:
    """Days that each archive of a cluster reaches back."""
    for plugin in resource.root.nodes("spec.plugins"):
        wanted = plugin.mapping("parameters").get(_PLUGIN_PARAMETER)
        for store in graph.of(types.OBJECT_STORE):
            days = derived(_DAYS.fullmatch, store.root.text("spec.retentionPolicy"))
            if objects.name(store) == wanted and days:
                yield int(days[1])
