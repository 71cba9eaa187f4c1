"""A provider package of its own, small enough to see every rule of the sandbox at work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.configuration import Configuration, ConfigurationError
from sandbox.errors import Refusal
from sandbox.package import Package


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """A toy provider has a region and default tags."""
    region = arguments.get("region")
    if region not in ("north", "south"):
        raise ConfigurationError("region", f"{region!r} is neither north nor south")
    return Configuration(
        region=region,
        variables={"account": account["account"], "partition": "toy"},
        default_tags=arguments.get("defaultTags") or {},
    )


TOY = Package(
    name="toy",
    sdk="toy",
    folder=Path(__file__).parent,
    checks="tests.sandbox.toy.checks",
    holds_objects=True,
    configure=configure,
)


def packages(name: str) -> Package:
    """The registry of the tests that need no other package."""
    if name != TOY.name:
        raise Refusal.unknown(f"the sandbox has no package {name!r}", "there is toy")
    return TOY
