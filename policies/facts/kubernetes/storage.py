"""Volumes: what the cluster is asked for, and how it makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from components.workloads.data import DATA_LABEL
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, quantities, types
from policies.facts.kubernetes.pods import CLAIM_TEMPLATES
from policies.facts.kubernetes.workloads import Template
from policies.facts.model import StorageClaim, StorageClass
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

Performance = Literal["standard", "fast", "extreme"]

_MIB_PER_GIB = 1024


@dataclass(frozen=True, kw_only=True)
class Disk:
    """What a cloud makes of a storage class's parameters."""

    performance: Performance
    encrypted: bool


def storage_classes(graph: Graph, disk: Callable[[Resource], Disk]) -> tuple[StorageClass, ...]:
    """The storage classes of the stack."""
    return tuple(_storage_class(resource, disk) for resource in graph.of(types.STORAGE_CLASS))


def _storage_class(resource: Resource, disk: Callable[[Resource], Disk]) -> StorageClass:
    found = disk(resource)
    return StorageClass(
        name=resource.name,
        urn=resource.urn,
        storage_class=objects.name(resource),
        performance=found.performance,
        encrypted=found.encrypted,
        waits_for_pod=derived(
            lambda mode: mode == "WaitForFirstConsumer",
            resource.root.text("volumeBindingMode", "Immediate"),
        ),
    )


def claims(
    graph: Graph, templates: Iterable[Template], classes: Sequence[StorageClass]
) -> tuple[StorageClaim, ...]:
    """The volumes that are asked for: alone, by stateful sets, and by single pods."""
    known = tuple(templates)
    return derived(lambda: tuple(_claim(node, classes) for node in _asked(graph, known)))


def _asked(graph: Graph, templates: Iterable[Template]) -> Iterator[Node]:
    for resource in graph.of(types.CLAIM):
        yield resource.root
    for resource in graph.of(types.STATEFUL_SET, types.LEADER_WORKER_SET):
        for path in CLAIM_TEMPLATES:
            yield from resource.root.nodes(path)
    for template in templates:
        for volume in template.spec.nodes("volumes"):
            if volume.given("ephemeral"):
                yield volume.node("ephemeral.volumeClaimTemplate")


def _claim(node: Node, classes: Sequence[StorageClass]) -> StorageClaim:
    wanted = node.text("spec.storageClassName")
    return StorageClaim(
        name=node.resource.name,
        urn=node.resource.urn,
        data=node.node("metadata.labels").child(DATA_LABEL).text(""),
        gib=derived(
            lambda mib: mib / _MIB_PER_GIB,
            quantities.mib(node.node("spec.resources.requests"), "storage"),
        ),
        storage_class=wanted,
        classes=derived(
            lambda name: tuple(one for one in classes if one.storage_class == name), wanted
        ),
    )
