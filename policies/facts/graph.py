"""The engine's resources as a graph: what each holds, who made it, what refers to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from policies.facts.resource import Resource

OWN_TYPES = ("pulumi:pulumi:Stack", "pulumi:providers:")
"""Beginnings of the types by which the engine keeps its own books."""


class Graph:
    """All resources of a run."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        # The engine sends them in the order in which they happened to be ready.
        self.resources = tuple(sorted(resources, key=lambda one: (one.type, one.name, one.urn)))
        self._by_urn = {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    def __getitem__(self, urn: str) -> Resource:
        return self._by_urn[urn]

    def of(self, *types: str) -> list[Resource]:
        """The resources of some types, by name within each."""
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    def referred(
        self, resource: Resource, name: str, kind: str, *, via: tuple[str, ...] = ()
    ) -> list[Resource]:
        """The resources of type `kind` that a property was made from.

        `via`: types to look through, whose outputs stand for what they themselves refer to.
        """
        found: dict[str, Resource] = {}
        for urn in resource.property_dependencies.get(name, ()):
            target = self._by_urn.get(urn)
            if target is None:
                continue
            if target.type == kind:
                found[urn] = target
            elif target.type in via:
                for inner in target.property_dependencies:
                    found |= {one.urn: one for one in self.referred(target, inner, kind, via=via)}
        return list(found.values())

    def referring(self, target: Resource, name: str, kind: str) -> list[Resource]:
        """The resources of type `kind` whose property `name` was made from `target`."""
        return self._users.get((target.urn, name, kind), [])

    @cached_property
    def _users(self) -> dict[tuple[str, str, str], list[Resource]]:
        found: dict[tuple[str, str, str], list[Resource]] = {}
        for resource in self.resources:
            for name, urns in resource.property_dependencies.items():
                for urn in urns:
                    found.setdefault((urn, name, resource.type), []).append(resource)
        return found

    def ancestors(self, resource: Resource) -> Iterator[Resource]:
        """Its parent, the parent's parent and so on."""
        parent = self._by_urn.get(resource.parent)
        while parent is not None:
            yield parent
            parent = self._by_urn.get(parent.parent)

    def waits_for(self, resource: Resource, kind: str) -> list[Resource]:
        """The resources of type `kind` that it depends on, in whatever way."""
        found = (self._by_urn.get(urn) for urn in resource.dependencies)
        return [target for target in found if target is not None and target.type == kind]
