"""Names and basic types of inputs and outputs, from the files written out of the SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

TypeName: TypeAlias = Any
"""string, boolean, integer, number, asset, archive, any, or document (JSON text, which may also be
given as an object); {"array": T}, {"map": T} and {"object": name} are built of them."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input, of a resource or of an object inside it."""

    type: TypeName
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceSchema:
    """What the SDK says of one resource type."""

    inputs: Mapping[str, Field]
    outputs: Mapping[str, TypeName]
    objects: Mapping[str, Mapping[str, Field]]


def load(path: Path) -> dict[str, ResourceSchema]:
    """The schemas in one file, by type token."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, ResourceSchema]:
    """The schemas in the text of such a file."""
    loaded = json.loads(text)
    objects = {name: _fields(fields) for name, fields in loaded["objects"].items()}
    return {
        token: ResourceSchema(
            inputs=_fields(entry["inputs"]), outputs=entry["outputs"], objects=objects
        )
        for token, entry in loaded["resources"].items()
    }


def _fields(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Field]:
    return {name: Field(**field) for name, field in described.items()}
