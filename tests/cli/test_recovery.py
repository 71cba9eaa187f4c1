from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cli import recovery
from cli.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(directory=tmp_path)


def locked(state: State, pid: int, hostname: str) -> Path:
    folder = state.backend / ".pulumi" / "locks" / "organization" / "letta" / "small"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / f"{pid}.json"
    lock.write_text(json.dumps({"pid": pid, "hostname": hostname}), encoding="utf-8")
    return lock


def ended() -> int:
    """The number of a process that is over."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_locks_of_processes_that_ended_on_this_machine_go(state: State) -> None:
    here = socket.gethostname()
    dead = locked(state, ended(), here)
    alive = locked(state, os.getpid(), here)
    elsewhere = locked(state, ended(), "another-machine")
    recovery.clear_remains(state, "letta", "small")
    assert not dead.exists()
    assert alive.exists()
    assert elsewhere.exists()


def test_a_file_of_attributes_that_was_not_filled_goes_and_a_whole_one_stays(state: State) -> None:
    checkpoint = state.checkpoint("letta", "small")
    checkpoint.parent.mkdir(parents=True)
    for name, text in {"small.json": "{}", "small.json.attrs": "", "medium.json.attrs": ""}.items():
        (checkpoint.parent / name).write_text(text, encoding="utf-8")
    backup = checkpoint.parent / "small.json.bak.attrs"
    backup.write_text("{}", encoding="utf-8")
    lock = locked(state, os.getpid(), socket.gethostname())
    recovery.clear_remains(state, "letta", "small")
    assert (checkpoint.parent / "small.json.attrs").exists()
    lock.unlink()
    recovery.clear_remains(state, "letta", "small")
    assert sorted(file.name for file in checkpoint.parent.iterdir()) == [
        "medium.json.attrs",
        "small.json",
        "small.json.bak.attrs",
    ]


def test_an_interrupted_run_is_told_from_a_finished_one(tmp_path: Path) -> None:
    checkpoint = tmp_path / "small.json"
    assert not recovery.is_interrupted(checkpoint)
    latest = {"resources": [{"urn": "urn:a", "id": "i-1"}, {"urn": "urn:component"}]}
    checkpoint.write_text(json.dumps({"checkpoint": {"latest": latest}}), encoding="utf-8")
    assert not recovery.is_interrupted(checkpoint)
    assert recovery.known_objects(checkpoint) == {("urn:a", "i-1")}
    pending = {**latest, "pending_operations": [{"type": "creating"}]}
    checkpoint.write_text(json.dumps({"checkpoint": {"latest": pending}}), encoding="utf-8")
    assert recovery.is_interrupted(checkpoint)


def test_what_the_engine_itself_refuses_to_delete_is_told_by_name(tmp_path: Path) -> None:
    checkpoint = tmp_path / "stack.json"
    resources = [
        {"urn": "urn:pulumi:s::p::kubernetes:a/v1:B::kept", "protect": True},
        {"urn": "urn:pulumi:s::p::kubernetes:a/v1:B::free"},
    ]
    checkpoint.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))
    assert recovery.protected(checkpoint) == ["kept"]
    assert recovery.protected(tmp_path / "absent.json") == []
