"""A secret in what a process is started with is found, however a cloud describes that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.commands import commands

PASSWORD = "correct-horse-battery"
_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
_STARTED = ["sh", "-c", f"psql postgresql://letta:{PASSWORD}@db"]


def _hidden(value: object) -> dict[str, Any]:
    """A value as an exported state has what it keeps encrypted."""
    return {**_SECRET, "plaintext": json.dumps(value)}


SHAPES: dict[str, dict[str, Any]] = {
    "task of ECS": {
        "containerDefinitions": json.dumps([{"name": "boot", "command": _STARTED}]),
    },
    "task of ECS, hidden as a whole": {
        "containerDefinitions": _hidden(json.dumps([{"name": "boot", "entryPoint": _STARTED}])),
    },
    "job of Cloud Run": {
        "template": {"template": {"containers": [{"commands": ["sh"], "args": _STARTED[1:]}]}}
    },
    "job of Container Apps": {"template": {"containers": [{"command": _STARTED}]}},
    "script of Azure": {"arguments": _hidden(_STARTED[2]), "scriptContent": "exit"},
    "pod": {"spec": {"template": {"spec": {"initContainers": [{"args": _hidden(_STARTED)}]}}}},
    "probe of a pod": {
        "spec": {"containers": [{"livenessProbe": {"exec": {"command": _STARTED}}}]}
    },
    "word of its own": {"spec": {"containers": [{"command": ["psql", _hidden(PASSWORD)]}]}},
}
"""Where a password could stand on the clouds."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_password_is_found_in_whatever_starts_a_process(shape: str) -> None:
    assert [word for word in commands(SHAPES[shape]) if PASSWORD in word]


def test_a_password_that_a_process_reads_by_itself_is_not_found() -> None:
    described = {"containers": [{"command": ["boot"], "env": [{"value": _hidden(PASSWORD)}]}]}
    assert [*commands(described)] == ["boot"]
