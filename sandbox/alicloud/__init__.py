"""The package `alicloud`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.alicloud import catalog
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.configuration import Configuration, ConfigurationError
from sandbox.package import Package


def configure(arguments: Mapping[str, Any], account: Mapping[str, Any]) -> Configuration:
    """Read the arguments of an `alicloud` provider."""
    region = arguments.get("region")
    known = (*catalog.REGIONS, *account["further_regions"])
    if region and region not in known:
        raise ConfigurationError(
            "region", f"there is no region {region!r}: use one of {', '.join(known)}"
        )
    asked = arguments.get("accountId")
    if asked and str(asked) != account["account"]:
        raise ConfigurationError(
            "accountId", f"the credentials are those of the account {account['account']}"
        )
    return Configuration(
        region=region or "",
        variables={"account": str(account["account"]), "partition": "acs"},
    )


PACKAGE = Package(
    name="alicloud",
    sdk="pulumi_alicloud",
    folder=Path(__file__).parent,
    checks="sandbox.alicloud.checks",
    holds_objects=True,
    configure=configure,
    view=AlicloudCloud,
)
