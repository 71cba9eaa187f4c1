"""The package `azure-native`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from components.azure import catalog
from sandbox.azure_native.cloud import AzureCloud
from sandbox.configuration import Configuration, ConfigurationError
from sandbox.package import Package

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """Read the arguments of an `azure-native` provider."""
    location = arguments.get("location")
    if location and location not in catalog.REGIONS:
        raise ConfigurationError(
            "location",
            f"there is no location {location!r}: use one of {', '.join(catalog.REGIONS)}",
        )
    subscription = arguments.get("subscriptionId")
    if not subscription:
        raise ConfigurationError(
            "subscriptionId", "there is none: set `azure-native:subscriptionId`"
        )
    if not _UUID.fullmatch(str(subscription)):
        raise ConfigurationError("subscriptionId", f"{subscription!r} is no UUID")
    return Configuration(
        region=location or "",
        variables={
            "subscription": str(subscription),
            "tenant": str(arguments.get("tenantId") or account["tenant"]),
            "deployer": str(account["deployer"]),
        },
    )


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Collection[str]:
    """Objects do not move between subscriptions; each says itself where it is."""
    names = ("subscriptionId", "tenantId")
    return [name for name in names if old.get(name) != new.get(name)]


PACKAGE = Package(
    name="azure-native",
    sdk="pulumi_azure_native",
    folder=Path(__file__).parent,
    checks="sandbox.azure_native.checks",
    holds_objects=True,
    configure=configure,
    view=AzureCloud,
    replacing=_moved,
)
