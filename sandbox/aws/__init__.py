"""The package `aws`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.aws import catalog
from sandbox.aws.cloud import AwsCloud
from sandbox.configuration import Configuration, ConfigurationError
from sandbox.package import Package
from sandbox.values import Value

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """Read the arguments of an `aws` provider."""
    region = arguments.get("region")
    if not region:
        raise ConfigurationError("region", "there is none: set `aws:region`")
    if region not in catalog.REGIONS:
        raise ConfigurationError(
            "region", f"there is no region {region!r}: use one of {', '.join(catalog.REGIONS)}"
        )
    partition = next(
        (name for prefix, name in _PARTITIONS.items() if region.startswith(f"{prefix}-")), "aws"
    )
    return Configuration(
        region=region,
        variables={"account": str(account["account"]), "partition": partition},
        default_tags=_decoded(arguments.get("defaultTags")).get("tags") or {},
    )


def _decoded(value: Value) -> Mapping[str, Any]:
    """Structured provider arguments arrive as JSON text."""
    decoded: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return decoded


PACKAGE = Package(
    name="aws",
    sdk="pulumi_aws",
    folder=Path(__file__).parent,
    checks="sandbox.aws.checks",
    holds_objects=True,
    configure=configure,
    view=AwsCloud,
)
