"""The words that a stack's containers, jobs, tasks and scripts are started with, on any cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator

KEYS = frozenset({"command", "commands", "args", "arguments", "entryPoint", "scriptContent"})
"""Properties that hold them, in the clouds' own words."""
_ENCRYPTED = "plaintext"
"""Where an exported state has what it keeps encrypted, with `--show-secrets`."""


def commands(value: object) -> Iterator[str]:
    """Each word in the properties of a resource, within JSON in a text and within secrets too."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return
    if isinstance(value, dict):
        if isinstance(encrypted := value.get(_ENCRYPTED), str):
            yield from commands(json.loads(encrypted))
        for key, part in value.items():
            yield from _texts(part) if key in KEYS else commands(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from commands(part)


def _texts(value: object) -> Iterator[str]:
    """All texts of a value, what is encrypted in clear."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if isinstance(encrypted := value.get(_ENCRYPTED), str):
            yield from _texts(json.loads(encrypted))
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
