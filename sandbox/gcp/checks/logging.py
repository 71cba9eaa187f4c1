"""Logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms
from sandbox.gcp.cloud import GcpCloud

BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
_HOST = "logging.googleapis.com/"


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Cloud Logging may use the key."""
    key = properties.get("cmekSettings.kmsKeyName")
    yield from kms.usable_by(kms.logging_agent(cloud), key, "cmekSettings", cloud)


def destination_exists(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A bucket that lines are sent to is there."""
    destination = properties["destination"]
    path = destination.removeprefix(_HOST)
    if path.startswith(f"projects/{cloud.project}/") and cloud.find(BUCKET, "id", path) is None:
        yield Problem("destination", f"Error 404: there is no log bucket {path}")


def held_for_a_week(properties: Properties, cloud: GcpCloud) -> Iterator[tuple[str, str]]:
    """A deleted bucket can be restored for seven days, and keeps its name meanwhile."""
    yield "log bucket", str(properties["id"])


def cmek_settings(arguments: Properties, cloud: GcpCloud) -> dict[str, Any]:
    """The result of getProjectCmekSettings."""
    project = arguments["project"] or cloud.project
    return {
        "id": f"projects/{project}/cmekSettings",
        "name": f"projects/{project}/cmekSettings",
        "project": project,
        "kmsKeyName": "",
        "kmsKeyVersionName": "",
        "serviceAccountId": kms.logging_agent(cloud).removeprefix("serviceAccount:"),
    }
