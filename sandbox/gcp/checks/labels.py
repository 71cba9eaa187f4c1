"""Labels, as the provider puts them together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

MOST = 64
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
"""What the provider adds to every new object by itself."""


def pulumi(properties: Properties, cloud: GcpCloud) -> dict[str, str]:
    """The labels of the program and those of the provider."""
    return {**cloud.default_labels, **(properties["labels"] or {})}


def effective(properties: Properties, cloud: GcpCloud) -> dict[str, str]:
    """All labels that the object has."""
    return {**ATTRIBUTION, **pulumi(properties, cloud)}


def well_formed(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Keys and values have lower-case letters, digits, _ and -, and keys begin with a letter
    (Resource Manager documentation, "Requirements for labels")."""
    found = effective(properties, cloud)
    if len(found) > MOST:
        yield Problem("labels", f"there are {len(found)} labels; at most {MOST} are allowed")
    for key, value in found.items():
        if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
            yield Problem(
                "labels",
                f"{key}={value} is no label: use up to 63 lower-case letters, digits, _ and -, and "
                "begin the key with a letter",
            )
