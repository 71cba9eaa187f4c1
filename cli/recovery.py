"""After a run that was killed: locks of processes that are gone, objects that no state knows."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from cli.state import State
from tools.setup.common import say

_ATTRIBUTES = ".attrs"
"""Ending of the files in which the engine's store keeps attributes of the file of that name."""


def clear_remains(state: State, project: str, stack: str) -> None:
    """Take away what a killed engine left of a stack and would stumble over.

    That is the stack's lock, where its process was one of this machine and has ended, and an empty
    file of attributes. The engine replaces a state as a whole, but not the attributes beside it:
    killed between making and filling that file, it fails from then on ("failed to load
    checkpoint: EOF"). Without the file it works.
    """
    folder = state.backend / ".pulumi" / "locks" / "organization" / project / stack
    for lock in sorted(folder.glob("*.json")):
        owner = json.loads(lock.read_text(encoding="utf-8"))
        if owner["hostname"] == socket.gethostname() and not _lives(owner["pid"]):
            lock.unlink()
            say(f"Lock of an interrupted run (process {owner['pid']}) removed from {stack}.")
    if any(folder.glob("*.json")):
        # Somebody is writing.
        return
    checkpoint = state.checkpoint(project, stack)
    for attributes in checkpoint.parent.glob(f"{checkpoint.name}*{_ATTRIBUTES}"):
        if not attributes.stat().st_size:
            attributes.unlink()


def known_objects(checkpoint: Path) -> set[tuple[str, str]]:
    """URN and id of every object in the engine's state of a stack."""
    return {(one["urn"], one["id"]) for one in _latest(checkpoint, "resources") if "id" in one}


def protected(checkpoint: Path) -> list[str]:
    """Names of the resources that the engine itself refuses to delete."""
    return [
        one["urn"].rpartition("::")[2]
        for one in _latest(checkpoint, "resources")
        if one.get("protect")
    ]


def is_interrupted(checkpoint: Path) -> bool:
    """Whether the last run ended with operations under way."""
    return bool(_latest(checkpoint, "pending_operations"))


def _latest(checkpoint: Path, name: str) -> list[dict[str, str]]:
    """A list of the newest deployment in a checkpoint; empty before the first."""
    if not checkpoint.exists():
        return []
    whole = json.loads(checkpoint.read_text(encoding="utf-8"))
    found: list[dict[str, str]] = (whole["checkpoint"].get("latest") or {}).get(name) or []
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
