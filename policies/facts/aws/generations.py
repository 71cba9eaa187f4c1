"""Machine types of former generations, and what took their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from components.aws import catalog
from policies.facts.aws import types
from policies.facts.aws.machines import size_of
from policies.facts.graph import Graph
from policies.facts.model import MachineType
from policies.facts.resource import Resource
from policies.facts.unknown import derived

SUCCESSORS: Mapping[str, tuple[str, ...]] = {
    "c5": ("c6i",),
    "g5": ("g6",),
    "m5": ("m7i", "m8g", "m7g"),
    "m6i": ("m7i",),
    "r5": ("r8g", "r6g"),
    "r7g": ("r8g", "r6g"),
}
"""Family of the catalog that is not current -> those that follow it, the nearest first."""

_WHERE: tuple[tuple[str, str, str, Callable[[str], object]], ...] = (
    (types.LAUNCH_TEMPLATE, "instanceType", "", catalog.instance_type),
    (types.NODE_GROUP, "instanceTypes", "", catalog.instance_type),
    (types.DATABASE, "instanceClass", "db.", catalog.database_class),
    (types.CACHE, "nodeType", "cache.", catalog.cache_node_type),
)
"""Type of resource, its property that names a machine type, how the name begins, and what finds
it in the catalog."""


def machine_types(graph: Graph) -> tuple[MachineType, ...]:
    """The machine types that the stack's resources name."""
    return derived(
        lambda: tuple(
            _machine_type(resource, name, prefix, find)
            for kind, named, prefix, find in _WHERE
            for resource in graph.of(kind)
            for name in resource.root.texts(named)
        )
    )


def _machine_type(
    resource: Resource, name: str, prefix: str, find: Callable[[str], object]
) -> MachineType:
    return MachineType(
        name=resource.name,
        urn=resource.urn,
        type=name,
        current=derived(
            lambda known: size_of(resource, known.removeprefix(prefix)).current_generation, name
        ),
        successor=derived(lambda known: next(_successors(known, prefix, find), ""), name),
    )


def _successors(name: str, prefix: str, find: Callable[[str], object]) -> Iterator[str]:
    family, _, size = name.removeprefix(prefix).partition(".")
    for following in SUCCESSORS.get(family, ()):
        other = f"{prefix}{following}.{size}"
        try:
            find(other)
        except catalog.CatalogError:
            continue
        yield other
