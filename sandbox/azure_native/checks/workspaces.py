"""Log Analytics."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Refusal

WORKSPACE = "azure-native:operationalinsights:Workspace"


def soft_deleted(properties: Properties, cloud: AzureCloud) -> Iterator[tuple[str, str]]:
    """A workspace can be brought back for 14 days (Log Analytics documentation, "Delete and recover
    a workspace")."""
    yield "log analytics workspace", str(properties["id"])


def shared_keys(arguments: Properties, cloud: AzureCloud) -> dict[str, Any]:
    """The result of getSharedKeys: the same whenever it is asked for."""
    name = arguments["workspaceName"]
    found = cloud.find(WORKSPACE, "workspaceName", name)
    if found is None:
        raise Refusal.missing(f"ResourceNotFound: there is no workspace {name}")
    return {kind: _key(kind, found.id) for kind in ("primarySharedKey", "secondarySharedKey")}


def _key(kind: str, owner: str) -> str:
    return base64.b64encode(hashlib.sha512(f"{kind} of {owner}".encode()).digest()).decode()
