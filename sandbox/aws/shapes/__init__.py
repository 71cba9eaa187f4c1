"""Shapes of documents inside properties, written out of botocore's models of the AWS APIs."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from sandbox.schema import ResourceSchema, parse

# File of this folder -> service and shape of the API, as botocore names them.
SOURCES: Final = {"container_definition.json": ("ecs", "ContainerDefinition")}


@cache
def shape(file: str) -> ResourceSchema:
    """The shape in one file, as the inputs of a schema."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return parse(text)["shape"]
