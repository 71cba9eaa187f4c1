"""The values of the stack file, as the engine hands them to the program."""

from __future__ import annotations

from typing import TypedDict

from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from infra.settings import NAMESPACE


class StackFile(TypedDict):
    """Keyword arguments of `settings.load` that come from the engine."""

    values: dict[str, str]
    secret_keys: set[str]


def from_engine() -> StackFile:
    """All keys of the `letta:` namespace, decrypted, and which of them hold secrets.

    `pulumi.Config` reads only keys that are named; unknown ones would go unnoticed.
    """
    return StackFile(
        values={_short(key): value for key, value in get_config_env().items() if _ours(key)},
        secret_keys={_short(key) for key in get_config_secret_keys_env() if _ours(key)},
    )


def _ours(key: str) -> bool:
    return key.startswith(f"{NAMESPACE}:")


def _short(key: str) -> str:
    return key.removeprefix(f"{NAMESPACE}:")
