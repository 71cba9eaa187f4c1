"""Property values as the engine sends them: secrets, unknowns and assets in plain Python.

A value is None, a bool, an int, a float, a str, a list, a dict with string keys, `Secret` around
a value, or `UNKNOWN`. Assets and archives stay dicts with their signature key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf import struct_pb2

# The wire format of property values, public in Pulumi's sdk/go/common/resource: `sig.go` and
# `plugin/rpc.go` hold these constants.
SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# One sentinel per type; the engine accepts and sends any of them (`plugin/rpc.go`).
UNKNOWN_STRINGS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)

Value: TypeAlias = Any
Properties: TypeAlias = dict[str, Value]


class Unknown:
    """The type of `UNKNOWN`, a value that only the update itself will give."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must stay encrypted in the state."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def unwrap(value: Value) -> Value:
    """The value itself, when a secret is around it."""
    return value.value if isinstance(value, Secret) else value


def plain(value: Value) -> Value:
    """The value with every secret inside it unwrapped."""
    value = unwrap(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def is_asset(value: Value) -> bool:
    """Whether the value is a Pulumi asset or archive."""
    return isinstance(value, dict) and value.get(SIGNATURE_KEY) in (
        ASSET_SIGNATURE,
        ARCHIVE_SIGNATURE,
    )


def has_unknown(value: Value) -> bool:
    """Whether anything inside the value is unknown."""
    return any(isinstance(leaf, Unknown) for leaf in _leaves(value))


def has_secret(value: Value) -> bool:
    """Whether the value or anything inside it is secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return False


def _leaves(value: Value) -> Iterator[Value]:
    value = unwrap(value)
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Properties out of a protobuf struct."""
    return {key: _from_wire(value) for key, value in struct.fields.items()}


def _from_wire(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWN_STRINGS else text
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_wire(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _open_envelope(from_struct(value.struct_value))
    return None


def _open_envelope(value: dict[str, Value]) -> Value:
    if value.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
        return Secret(value.get("value"))
    return value


def to_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """Properties as a protobuf struct; those that are None are left out."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if value is not None:
            _to_wire(value, struct.fields[key])
    return struct


def _to_wire(value: Value, target: struct_pb2.Value) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_STRING
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
        _to_wire(value.value, fields["value"])
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, dict):
        target.struct_value.CopyFrom(to_struct(value))
    elif isinstance(value, list):
        for item in value:
            _to_wire(item, target.list_value.values.add())
        if not value:
            target.list_value.SetInParent()
    else:
        raise TypeError(f"no property value: {type(value).__name__}")


def to_json(properties: Mapping[str, Value]) -> str:
    """Properties as JSON text, secrets in their envelope. Raises TypeError on an unknown."""
    return json.dumps(properties, default=_seal, sort_keys=True)


def _seal(value: Value) -> Value:
    if isinstance(value, Secret):
        return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value.value}
    raise TypeError(f"no stored property value: {value!r}")


def from_json(text: str) -> Properties:
    """The inverse of `to_json`."""
    loaded: Properties = json.loads(text, object_hook=_open_envelope)
    return loaded
