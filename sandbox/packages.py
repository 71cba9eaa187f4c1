"""The packages that the sandbox answers for. A new one is a folder and its name here."""

from __future__ import annotations

import importlib
from functools import cache
from importlib import metadata
from typing import Final

from sandbox.errors import Refusal
from sandbox.package import Package

NAMES: Final = ("aws", "kubernetes", "random")


def newest_sdk_version() -> str:
    """The highest version among the installed SDKs of the packages."""
    versions = [metadata.version(package(name).sdk) for name in NAMES]
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


@cache
def package(name: str) -> Package:
    """The package of that name. Raises Refusal."""
    if name not in NAMES:
        raise Refusal.unknown(
            f"the sandbox has no package {name!r}",
            "add it as sandbox/README.md shows; there are " + ", ".join(NAMES),
        )
    found: Package = importlib.import_module(f"sandbox.{name}").PACKAGE
    return found
