"""The values of the stack file, as the engine hands them to the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypedDict

import pulumi
import yaml
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from infra import checkout
from infra.settings import NAMESPACE


class StackFile(TypedDict):
    """Keyword arguments of `settings.load` that come from the engine."""

    values: dict[str, str]
    secret_keys: set[str]
    written: dict[str, Any]


def from_engine() -> StackFile:
    """All keys of the `letta:` namespace, decrypted, and which of them hold secrets.

    `pulumi.Config` reads only keys that are named; unknown ones would go unnoticed.
    """
    return StackFile(
        values={_short(key): value for key, value in get_config_env().items() if _ours(key)},
        secret_keys={_short(key) for key in get_config_secret_keys_env() if _ours(key)},
        written=_written(),
    )


def _written() -> dict[str, Any]:
    """The values as they stand in the file, encrypted ones still encrypted; none if the file was
    named in a way that the program is not told (`--config-file`)."""
    named = os.environ.get("PULUMI_OPTION_CONFIG_FILE")
    file = Path(named or checkout.file(pulumi.get_stack()))
    if not file.is_file():
        return {}
    config = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {}
    return {_short(key): value for key, value in config.items() if _ours(key)}


def _ours(key: str) -> bool:
    return key.startswith(f"{NAMESPACE}:")


def _short(key: str) -> str:
    return key.removeprefix(f"{NAMESPACE}:")
