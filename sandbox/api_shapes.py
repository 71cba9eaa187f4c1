"""Writes the shapes of `aws/shapes` out of the installed botocore; a development dependency."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import botocore.session  # type: ignore[import-untyped]
from botocore.model import (  # type: ignore[import-untyped]
    ListShape,
    MapShape,
    Shape,
    StructureShape,
)

from sandbox.aws import shapes
from sandbox.schema import TypeName

_BASIC = {"integer": "integer", "long": "integer", "boolean": "boolean", "double": "number"}


def shape_texts() -> Iterator[tuple[Path, str]]:
    """Every shape file, and what should be in it."""
    session = botocore.session.get_session()
    for file, (service, name) in shapes.SOURCES.items():
        root = session.get_service_model(service).shape_for(name)
        if not isinstance(root, StructureShape):
            raise TypeError(f"{service} {name} is no structure")
        objects: dict[str, object] = {}
        described = {
            "resources": {"shape": {"inputs": _fields(root, objects), "outputs": {}}},
            "objects": objects,
        }
        text = json.dumps(described, indent=1, sort_keys=True) + "\n"
        yield Path(shapes.__file__).parent / file, text


def _fields(shape: StructureShape, objects: dict[str, object]) -> dict[str, object]:
    required = set(shape.required_members)
    return {
        name: {"type": _type(member, objects)} | ({"required": True} if name in required else {})
        for name, member in shape.members.items()
    }


def _type(shape: Shape, objects: dict[str, object]) -> TypeName:
    if isinstance(shape, ListShape):
        return {"array": _type(shape.member, objects)}
    if isinstance(shape, MapShape):
        return {"map": _type(shape.value, objects)}
    if isinstance(shape, StructureShape):
        if shape.name not in objects:
            objects[shape.name] = {}
            objects[shape.name] = _fields(shape, objects)
        return {"object": shape.name}
    return _BASIC.get(shape.type_name, "string")
