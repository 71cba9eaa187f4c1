"""The schema and shape files of all packages, written out of the installed SDKs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sandbox.api_shapes import shape_texts
from sandbox.package import Package
from sandbox.packages import NAMES, package
from sandbox.sdk_schema import SdkReader


def schema_texts() -> Iterator[tuple[Path, str]]:
    """Every schema file that the tables need, and what should be in it."""
    for name in NAMES:
        yield from _of_package(package(name))


def _of_package(found: Package) -> Iterator[tuple[Path, str]]:
    reader = SdkReader(found.name, found.sdk)
    for module in found.modules():
        tokens = found.tables(module).resources
        if tokens:
            described = reader.module(tokens)
            text = json.dumps(described, indent=1, sort_keys=True)
            yield found.schema_file(module), text + "\n"


def write_files() -> None:
    """Write every schema and shape file."""
    for path, text in (*schema_texts(), *shape_texts()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
