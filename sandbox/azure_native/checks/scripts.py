"""Scripts that Azure runs once."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import servicebus
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

MOST_RETAINED_SECONDS = 26 * 3600
MOST_RUN_SECONDS = 24 * 3600


def times(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """How long it may run, and how long what it said is kept (Azure Resource Manager documentation,
    "Use deployment scripts")."""
    for name, least, most in (
        ("retentionInterval", 3600, MOST_RETAINED_SECONDS),
        ("timeout", 1, MOST_RUN_SECONDS),
    ):
        given = properties[name]
        found = servicebus.seconds(given) if given else least
        if found is None or not least <= found <= most:
            yield Problem(name, f"{given} must be a period of {least} to {most} s")


def variables(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A variable has one value."""
    for one in properties["environmentVariables"] or []:
        if (one.get("value") is None) == (one.get("secureValue") is None):
            yield Problem(
                "environmentVariables", f"give exactly one of value and secureValue: {one['name']}"
            )
