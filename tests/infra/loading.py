"""Stack files as the engine hands them over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import platforms
from infra.settings import Settings, SettingsError, load


def values(stack_file: dict[str, Any]) -> dict[str, str]:
    """As the engine hands them over: scalars as text, the rest as JSON."""
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in stack_file.items()
        if value is not None
    }


def loaded(stack_file: dict[str, Any], secret_keys: tuple[str, ...] = ()) -> Settings:
    return load(
        values(stack_file),
        secret_keys=secret_keys,
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )


def refused(stack_file: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(stack_file)
    return str(caught.value)
