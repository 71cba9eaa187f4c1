"""Values that a stack keeps in a key vault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.azure_native.checks.ids import tail
from sandbox.live.spec import LiveError, Objects

SECRET = "azure-native:keyvault:Secret"  # noqa: S105 - a type
_ADDRESS = re.compile(
    r"https://(?P<vault>[^./]+)\.vault\.azure\.net/secrets/(?P<name>[^/]+)(?:/(?P<version>[^/]+))?"
)


def secret(objects: Objects, address: str) -> str:
    """The value of a secret, by its address with or without a version; without, the newest.
    Raises LiveError."""
    if asked := _ADDRESS.fullmatch(address):
        for item in reversed(objects.all(SECRET)):
            held = (item.get("vaultName"), item.get("secretName"))
            version = tail(str(item.get("properties.secretUriWithVersion")))
            if held == (asked["vault"], asked["name"]) and asked["version"] in (None, version):
                return str(item.get("properties.value"))
    raise LiveError(f"no secret of the stack has the address {address}")


def fetched(objects: Objects, store: Mapping[str, Any], remote: Mapping[str, Any]) -> str:
    """What External Secrets finds for a reference in a vault. Raises LiveError."""
    words = [str(store["vaultUrl"]).rstrip("/"), "secrets", str(remote["key"])]
    return secret(objects, "/".join([*words, *filter(None, [remote.get("version")])]))
