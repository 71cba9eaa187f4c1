"""Ways to spoil a good deployment, on the resources as the engine sends them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from policies.facts.resource import UNDETERMINED, Resource

Resources = tuple[Resource, ...]
Change = Callable[[Resources], Resources]


@runtime_checkable
class Known(Protocol):
    """A change to what is there, that can be made unknown instead."""

    def unknown(self) -> Change:
        """What it changes, not known yet."""


DEFINITIONS = "containerDefinitions"


@dataclass(frozen=True)
class Where:
    """Resources of a type whose name ends so."""

    type: str
    end: str = ""

    def holds(self, resource: Resource) -> bool:
        """Whether it is one of them."""
        return resource.type.endswith(f":{self.type}") and resource.name.endswith(self.end)


def _each(where: Where, change: Callable[[Resource], Resource | None]) -> Change:
    def apply(resources: Resources) -> Resources:
        assert any(where.holds(one) for one in resources), f"there is no {where}"
        changed = (change(one) if where.holds(one) else one for one in resources)
        return tuple(one for one in changed if one is not None)

    return apply


@dataclass(frozen=True)
class Put:
    """A property is set. With `UNDETERMINED` it is what the engine sends for an unknown."""

    where: Where
    path: str
    value: Any
    wired: bool = False
    """Whether the value is made from another resource: what tells an unknown of the program's
    from one that the cloud fills in by itself."""

    def __call__(self, resources: Resources) -> Resources:
        return _each(self.where, self._changed)(resources)

    def unknown(self) -> Put:
        """The same property, not known yet."""
        return replace(self, value=UNDETERMINED)

    def _changed(self, resource: Resource) -> Resource:
        properties = copy.deepcopy(dict(resource.properties))
        *way, last = self.path.split(".")
        place: Any = properties
        for part in way:
            place = place[int(part)] if part.isdigit() else place[part]
        place[int(last) if last.isdigit() else last] = self.value
        property_dependencies = dict(resource.property_dependencies)
        property_dependencies.pop(self.path, None)
        if self.wired:
            property_dependencies[self.path] = ("urn:pulumi:test::letta::random:X::other",)
        return replace(resource, properties=properties, property_dependencies=property_dependencies)


@dataclass(frozen=True)
class Edit:
    """What stands at a place of the properties is changed."""

    where: Where
    path: str
    change: Callable[[Any], object]

    def __call__(self, resources: Resources) -> Resources:
        return _each(self.where, self._changed)(resources)

    def unknown(self) -> Put:
        """The same place, not known yet."""
        return Put(self.where, self.path, UNDETERMINED)

    def _changed(self, resource: Resource) -> Resource:
        properties = copy.deepcopy(dict(resource.properties))
        place: Any = properties
        for part in self.path.split("."):
            place = place[int(part)] if part.isdigit() else place[part]
        self.change(place)
        return replace(resource, properties=properties)


@dataclass(frozen=True)
class Added:
    """Something more is there."""

    type: str
    name: str
    properties: Mapping[str, Any]

    def __call__(self, resources: Resources) -> Resources:
        added = Resource(
            type=self.type,
            name=self.name,
            urn=f"urn:pulumi:test::letta::{self.type}::{self.name}",
            properties=self.properties,
        )
        return (*resources, added)


@dataclass(frozen=True)
class Containers:
    """The containers of a task are changed."""

    where: Where
    change: Callable[[dict[str, Any]], object]
    named: str = "letta"

    def __call__(self, resources: Resources) -> Resources:
        return _each(self.where, self._changed)(resources)

    def unknown(self) -> Put:
        """All containers of the task, not known yet."""
        return Put(self.where, DEFINITIONS, UNDETERMINED)

    def _changed(self, resource: Resource) -> Resource:
        containers = json.loads(resource.properties[DEFINITIONS])
        found = [one for one in containers if one["name"] == self.named]
        assert found, f"{resource.name} has no container {self.named}"
        for container in found:
            self.change(container)
        properties = {**resource.properties, DEFINITIONS: json.dumps(containers)}
        return replace(resource, properties=properties)


@dataclass(frozen=True)
class Gone:
    """Resources are not there."""

    where: Where

    def __call__(self, resources: Resources) -> Resources:
        return _each(self.where, lambda _: None)(resources)


def apply(resources: Resources, changes: Iterable[Change]) -> Resources:
    """Change after change."""
    for change in changes:
        resources = change(resources)
    return resources


def variable(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Sets a plain variable of a container."""

    def change(container: dict[str, Any]) -> None:
        others = [one for one in container.get("environment", []) if one["name"] != name]
        container["environment"] = [*others, {"name": name, "value": value}]

    return change


def no_variable(name: str) -> Callable[[dict[str, Any]], None]:
    """Takes a plain variable from a container."""

    def change(container: dict[str, Any]) -> None:
        container["environment"] = [
            one for one in container.get("environment", []) if one["name"] != name
        ]

    return change


def reference(name: str) -> Callable[[dict[str, Any]], None]:
    """Gives a container a variable from the secret store."""

    def change(container: dict[str, Any]) -> None:
        container["secrets"] = [
            *container.get("secrets", []),
            {"name": name, "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"},
        ]

    return change


def no_reference(name: str) -> Callable[[dict[str, Any]], None]:
    """Takes a variable of the secret store from a container."""

    def change(container: dict[str, Any]) -> None:
        container["secrets"] = [one for one in container["secrets"] if one["name"] != name]

    return change


def put(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Sets a field of a container's definition."""

    def change(container: dict[str, Any]) -> None:
        container[key] = value

    return change
