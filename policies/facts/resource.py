"""One resource of the engine, and how its properties are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeVar

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import deserialize, proxy

from policies.facts.unknown import Unknown, derived

T = TypeVar("T")


class Mark(Enum):
    """What stands in place of a value."""

    UNDETERMINED = "undetermined"
    """The engine does not know it yet."""


UNDETERMINED: Final = Mark.UNDETERMINED

_MARKS: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)


@dataclass(frozen=True)
class Secret:
    """A value that the engine keeps encrypted in the state."""

    value: Any


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as stack validation sees it: its outputs, which hold its inputs too."""

    type: str
    name: str
    """Logical name."""
    urn: str
    properties: Mapping[str, Any]
    """Values; `UNDETERMINED` and `Secret` may stand at any depth."""
    parent: str = ""
    """URN; empty for the stack."""
    provider: str = ""
    """URN of the provider that makes it; empty for a component."""
    protected: bool = False
    """Whether the engine refuses to delete it."""
    dependencies: tuple[str, ...] = ()
    """URNs of what it waits for."""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Property -> URNs of the resources whose outputs it was made from."""

    @property
    def root(self) -> Node:
        """The properties as a node to read from."""
        return Node(self, self.properties)

    def undecidable(self, reason: str) -> Any:  # noqa: ANN401  (stands for any type)
        """For a fact about it that cannot be told."""
        return Unknown(self.name, self.urn, reason)


def from_message(
    message: analyzer_pb2.AnalyzerResource, inputs: struct_pb2.Struct | None = None
) -> Resource:
    """A resource as the engine sends it for stack validation.

    `inputs`: what it is made from; stands for its outputs as long as there are none.
    """
    properties = message.properties
    if inputs is not None and not properties.fields:
        properties = inputs
    return Resource(
        type=message.type,
        name=message.name,
        urn=message.urn,
        properties=decoded(MessageToDict(properties)),
        parent=message.parent,
        provider=message.provider.urn,
        protected=message.options.protect,
        dependencies=tuple(message.dependencies),
        property_dependencies={
            name: tuple(found.urns) for name, found in message.propertyDependencies.items()
        },
    )


def decoded(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """A property as the engine sends it, with its marks of unknowns and secrets understood."""
    if isinstance(value, str):
        return UNDETERMINED if value in _MARKS else value
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict):
        if value.get(deserialize.SPECIAL_SIG_KEY) == deserialize.SPECIAL_SECRET_SIG:
            return Secret(decoded(value.get("value")))
        return {key: decoded(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def plain(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """A value without its secret mark."""
    while isinstance(value, Secret):
        value = value.value
    return value


class Node:
    """Properties of a resource, or a part of them, read with the cloud's defaults.

    An undetermined value comes back as an `Unknown`, whatever type was asked for; so does
    one of another type.
    """

    def __init__(self, resource: Resource, value: Any, path: str = "") -> None:  # noqa: ANN401
        self.resource = resource
        self._value = value
        self._path = path

    def text(self, path: str, default: str = "") -> str:
        """A string; a number or a flag as the cloud would write it."""
        return self._read(path, default, _text)

    def integer(self, path: str, default: int = 0) -> int:
        """A whole number, also one that the cloud keeps as a string."""
        return self._read(path, default, _integer)

    def number(self, path: str, default: float = 0) -> float:
        """A number, also one that the cloud keeps as a string."""
        return self._read(path, default, _number)

    def flag(self, path: str, *, default: bool = False) -> bool:
        """A flag, also one that the cloud keeps as a string."""
        return self._read(path, default, _flag)

    def texts(self, path: str) -> tuple[str, ...]:
        """A list of strings; a single one counts as a list. Elements may be `Unknown`."""
        return derived(
            lambda elements: tuple(element.text("") for element in elements), self.nodes(path)
        )

    def mapping(self, path: str) -> dict[str, str]:
        """A map of strings. Values may be `Unknown`."""
        found: Any = self._read(path, dict[str, Any](), _mapping)
        if isinstance(found, Unknown):
            return found  # type: ignore[return-value]
        whole = self.node(path)
        return {key: whole.child(key).text("") for key in found}

    def node(self, path: str) -> Node:
        """A part of it."""
        return Node(self.resource, self._raw(path), self._joined(path))

    def child(self, key: str) -> Node:
        """What stands under a key that may hold dots, such as a label."""
        value = self._raw("")
        if isinstance(value, Mapping):
            value = value.get(key)
        elif value is not UNDETERMINED:
            value = None
        return Node(self.resource, plain(value), self._joined(key))

    def nodes(self, path: str) -> tuple[Node, ...]:
        """A list of objects; a single one counts as a list."""
        found: Any = self._read(path, [], _list)
        if isinstance(found, Unknown):
            return found  # type: ignore[return-value]
        return tuple(
            Node(self.resource, plain(item), f"{self._joined(path)}[{index}]")
            for index, item in enumerate(found)
        )

    def given(self, path: str) -> bool:
        """Whether anything stands there. A value that is not known yet does."""
        value = self._raw(path)
        return value is UNDETERMINED or value not in (None, "", [], {})

    def undetermined(self, path: str) -> bool:
        """Whether the engine does not know it yet."""
        return self._raw(path) is UNDETERMINED

    def left_out(self, path: str) -> bool:
        """Whether the program says nothing about a property that the cloud fills in itself.

        Such a property is undetermined at the first preview without depending on anything.
        """
        value = self._raw(path)
        whole = re.split(r"[.[]", self._joined(path), maxsplit=1)[0]
        return value is None or (
            value is UNDETERMINED and not self.resource.property_dependencies.get(whole)
        )

    def stated(self, path: str) -> bool:
        """Whether the program, or the cloud in its place, says something about a property."""
        return self.given(path) and not self.left_out(path)

    def unreadable(self, path: str, what: str) -> Any:  # noqa: ANN401  (stands for any type)
        """For a property that is known but makes no sense."""
        return self.resource.undecidable(
            f"property `{self._joined(path)}` of `{self.resource.name}` is no {what}"
        )

    def _read(self, path: str, default: T, understand: Callable[[Any], T]) -> T:
        value = self._raw(path)
        unknown: Any
        if value is UNDETERMINED:
            unknown = self.resource.undecidable(
                f"property `{self._joined(path)}` of `{self.resource.name}` is unknown at preview; "
                "give it a plain value"
            )
        elif value is None:
            return default
        else:
            try:
                return understand(value)
            except (TypeError, ValueError):
                unknown = self.unreadable(path, understand.__name__.removeprefix("_"))
        return unknown  # type: ignore[no-any-return]

    def _raw(self, path: str) -> Any:  # noqa: ANN401
        value = plain(self._value)
        for part in path.split(".") if path else ():
            if isinstance(value, list) and part.isdigit():
                value = value[int(part)] if int(part) < len(value) else None
            elif isinstance(value, Mapping):
                value = value.get(part)
            elif value is not UNDETERMINED:
                return None
            value = plain(value)
        return value

    def _joined(self, path: str) -> str:
        return ".".join(part for part in (self._path, path) if part)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError


def _integer(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool | float):
        raise TypeError
    return int(value)


def _number(value: Any) -> float:  # noqa: ANN401
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _flag(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise TypeError
    return bool(value == "true")


def _mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]
