"""What the provider tells of the project."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import Properties
from sandbox.gcp.cloud import GcpCloud


def project(arguments: Properties, cloud: GcpCloud) -> dict[str, Any]:
    """The result of getProject."""
    asked = arguments["projectId"] or cloud.project
    return {
        "id": f"projects/{asked}",
        "projectId": asked,
        "name": asked,
        "number": cloud.number,
        "billingAccount": cloud.variables["billing"],
        "orgId": "",
        "folderId": "",
        "autoCreateNetwork": True,
        "deletionPolicy": "PREVENT",
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
    }


def client_config(arguments: Properties, cloud: GcpCloud) -> dict[str, Any]:
    """The result of getClientConfig."""
    return {
        "id": f"projects/{cloud.project}/regions/{cloud.region}",
        "project": cloud.project,
        "region": cloud.region,
        "zone": "",
        "accessToken": "sandbox",
        "defaultLabels": dict(cloud.default_labels),
    }
