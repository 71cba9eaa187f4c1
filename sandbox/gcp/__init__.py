"""The package `gcp`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from components.gcp import catalog
from sandbox.configuration import Configuration, ConfigurationError
from sandbox.gcp.cloud import GcpCloud
from sandbox.package import Package
from sandbox.values import Value


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """Read the arguments of a `gcp` provider."""
    region, project = arguments.get("region"), arguments.get("project")
    if not project:
        raise ConfigurationError("project", "there is none: set `gcp:project`")
    if region and region not in catalog.REGIONS:
        raise ConfigurationError(
            "region", f"there is no region {region!r}: use one of {', '.join(catalog.REGIONS)}"
        )
    return Configuration(
        region=region or "",
        variables={
            "project": str(project),
            "number": str(account["number"]),
            "billing": str(account["billing"]),
            "labels": json.dumps(_decoded(arguments.get("defaultLabels"))),
        },
    )


def _decoded(value: Value) -> Mapping[str, Any]:
    """Structured provider arguments arrive as JSON text."""
    decoded: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return decoded


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Collection[str]:
    """Objects move neither between regions nor between projects."""
    return [name for name in ("project", "region") if old.get(name) != new.get(name)]


PACKAGE = Package(
    name="gcp",
    sdk="pulumi_gcp",
    folder=Path(__file__).parent,
    checks="sandbox.gcp.checks",
    holds_objects=True,
    configure=configure,
    view=GcpCloud,
    replacing=_moved,
)
