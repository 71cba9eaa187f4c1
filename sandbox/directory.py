"""Finding objects: those in the store and those the account holds beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox import paths
from sandbox.cloud import CloudObject
from sandbox.errors import Refusal
from sandbox.package import Package, ResourceType
from sandbox.paths import Place
from sandbox.store import Edge, Store, StoredObject
from sandbox.values import Unknown, Value, plain

_VARIABLE = re.compile(r"\{\$(\w+)\}")
_PATH = re.compile(r"\{([^{}$]+)\}")


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What one reference of an object points to."""

    place: Place
    target: CloudObject
    blocks: bool


class Directory:
    """The objects of one package, as an object in one region finds them."""

    def __init__(
        self, store: Store, package: Package, region: str, variables: Mapping[str, str]
    ) -> None:
        self._store = store
        self._package = package
        self._region = region
        self._variables = {**variables, "region": region}

    def find(self, type_token: str, attribute: str, value: Value) -> CloudObject | None:
        """The object of that type whose attribute has that value, stored or given beforehand."""
        region = self._region_of(type_token, value)
        stored = self._store.find(type_token, region, attribute, value)
        if stored is not None:
            return stored
        others = (*self._beforehand(type_token), *self._made_along(type_token, region))
        return next((item for item in others if item.get(attribute) == value), None)

    def all(self, type_token: str) -> list[CloudObject]:
        """All objects of that type, those given beforehand first."""
        region = self._region_of(type_token, None)
        return [
            *self._beforehand(type_token),
            *self._store.all(type_token, region),
            *self._made_along(type_token, region),
        ]

    def everything(self) -> list[CloudObject]:
        """Every stored object of the package in the region, in the order of creation."""
        own = f"{self._package.name}:"
        found = self._store.all(region=self._region)
        return [item for item in found if item.type.startswith(own)]

    def _region_of(self, type_token: str, value: Value) -> str | None:
        if isinstance(value, str) and value.startswith("arn:"):
            return None
        if self._is_foreign(type_token):
            return None
        return "" if self._package.resource(type_token).table.is_global else self._region

    def _beforehand(self, type_token: str) -> Iterator[CloudObject]:
        for entry in self._package.account.get("objects", ()):
            if entry["type"] == type_token and entry.get("region", "*") in ("*", self._region):
                yield CloudObject(
                    type=type_token,
                    id=self._filled(entry["id"]),
                    region=self._region,
                    inputs={},
                    outputs=self._filled(entry["properties"]),
                )

    def _is_foreign(self, type_token: str) -> bool:
        """Whether it is a type of another package, whose objects are found in every region."""
        return not type_token.startswith(f"{self._package.name}:")

    def _made_along(self, type_token: str, region: str | None) -> Iterator[CloudObject]:
        if self._is_foreign(type_token):
            return
        for maker, made in self._package.resource(type_token).table.made_by.items():
            for item in self._store.all(maker, region):
                yield CloudObject(
                    type=type_token,
                    id=str(_copied(made.id, item)),
                    region=item.region,
                    inputs={},
                    outputs={name: _copied(text, item) for name, text in made.properties.items()},
                )

    def _filled(self, value: Value) -> Value:
        if isinstance(value, str):
            return _VARIABLE.sub(lambda match: self._variables[match[1]], value)
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        return value

    def resolve(self, kind: ResourceType, inputs: Mapping[str, Value]) -> Iterator[Resolved]:
        """What every reference in the inputs points to. Raises Refusal where there is nothing."""
        for path, reference in kind.table.references.items():
            for place, value in paths.find(dict(inputs), path):
                if isinstance(value, Unknown) or value == "":
                    continue
                if reference.exempt and re.fullmatch(reference.exempt, str(value)):
                    continue
                target = self._target(reference.types, reference.by, plain(value))
                if target is None:
                    raise self._nothing_there(place, reference.types, plain(value))
                yield Resolved(place=place, target=target, blocks=reference.blocks)

    def _target(
        self, types: Sequence[str], attributes: Sequence[str], value: Value
    ) -> CloudObject | None:
        for type_token in types:
            for attribute in attributes:
                found = self.find(type_token, attribute, value)
                if found is not None:
                    return found
        return None

    def _nothing_there(self, place: Place, types: Sequence[str], value: Value) -> Refusal:
        word = self._package.resource(types[0]).table.not_found
        where = f" in {self._region}" if self._region else ""
        wanted = " or ".join(types)
        return Refusal.missing(
            f"{word}: {paths.show(place)} {value!r} names no {wanted}{where}: create it first, or "
            "correct the value"
        )

    def follower(
        self, kind: ResourceType, inputs: Mapping[str, Value]
    ) -> Callable[[str], CloudObject | None]:
        """A function that gives the object a reference of these inputs points to."""
        targets: dict[Place, CloudObject] | None = None

        def follow(path: str) -> CloudObject | None:
            nonlocal targets
            if targets is None:
                targets = {item.place: item.target for item in self.resolve(kind, inputs)}
            place = next((place for place, _ in paths.find(dict(inputs), path)), ())
            return targets.get(place)

        return follow


def _copied(text: str, maker: CloudObject) -> Value:
    """A text with what its placeholders name in the object that was made first."""
    whole = _PATH.fullmatch(text)
    if whole:
        return maker.get(whole[1])
    return _PATH.sub(lambda match: str(maker.get(match[1])), text)


def edges(resolved: list[Resolved]) -> list[Edge]:
    """The references to keep: those to objects that could be deleted."""
    return [
        Edge(target=item.target.key, path=paths.show(item.place), blocks=item.blocks)
        for item in resolved
        if isinstance(item.target, StoredObject)
    ]
