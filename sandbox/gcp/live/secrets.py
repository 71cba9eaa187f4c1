"""Values that a stack keeps in Secret Manager."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.gcp.checks.links import tail
from sandbox.live.spec import LiveError, Objects

VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
LATEST = "latest"


def secret(objects: Objects, name: str, version: str = LATEST) -> str:
    """A version of a secret, by the secret's id or resource name. Raises LiveError.

    `latest` is the newest that is enabled (Cloud Run documentation, "Configure secrets").
    """
    for item in reversed(objects.all(VERSION)):
        if tail(str(item.get("secret"))) != tail(name) or item.get("enabled") is False:
            continue
        if version in (LATEST, str(item.get("version"))):
            return _value(item)
    raise LiveError(f"no secret of the stack is called {name} and has the version {version}")


def fetched(objects: Objects, _store: Mapping[str, Any], remote: Mapping[str, Any]) -> str:
    """What External Secrets finds for a reference. Raises LiveError."""
    return secret(objects, remote["key"], str(remote.get("version", LATEST)))


def _value(item: CloudObject) -> str:
    data = str(item.get("secretData"))
    return base64.b64decode(data).decode() if item.get("isSecretDataBase64") else data
