"""The package `random`: values that live in Pulumi's state alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.configuration import Configuration
from sandbox.package import Package


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """A `random` provider has no arguments."""
    return Configuration()


PACKAGE = Package(
    name="random",
    sdk="pulumi_random",
    folder=Path(__file__).parent,
    checks="sandbox.random.checks",
    holds_objects=False,
    configure=configure,
)
