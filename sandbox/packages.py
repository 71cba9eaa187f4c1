"""The packages that the sandbox answers for. A new one is a folder."""

from __future__ import annotations

import importlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from sandbox.errors import Refusal
from sandbox.package import Package

NAMES: Final = tuple(
    sorted(
        types.parent.name.replace("_", "-")
        for types in Path(__file__).parent.glob("*/types")
        if types.is_dir()
    )
)
"""As providers call themselves; the folder of `azure-native` is `azure_native`."""


def newest_sdk_version() -> str:
    """The highest version among the installed SDKs of the packages. A stack's own SDK is always
    among them; those of other clouds need not be there."""
    versions = [version for name in NAMES if (version := _installed(package(name).sdk))]
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


@cache
def package(name: str) -> Package:
    """The package of that name. Raises Refusal."""
    if name not in NAMES:
        raise Refusal.unknown(
            f"the sandbox has no package {name!r}",
            "add it as sandbox/README.md shows; there are " + ", ".join(NAMES),
        )
    found: Package = importlib.import_module(f"sandbox.{name.replace('-', '_')}").PACKAGE
    return found
