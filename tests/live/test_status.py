"""What a live sandbox says of itself when something goes wrong."""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
from decimal import InvalidOperation
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sandbox.live import __main__ as process
from sandbox.live.load_balancer import LoadBalancerError
from sandbox.live.plane import Plane
from sandbox.live.spec import LiveError
from sandbox.live.status import StatusFile
from sandbox.store import Store

ERRORS = [
    LiveError("it"),
    LoadBalancerError("it"),
    OSError("it"),
    sqlite3.OperationalError("it"),
    subprocess.CalledProcessError(1, "it"),
    ValueError("it"),
    KeyError("it"),
    TypeError("it"),
]


@pytest.fixture
def options(tmp_path: Path) -> argparse.Namespace:
    Store(tmp_path / "state").close()
    return argparse.Namespace(state=tmp_path / "state", stack="medium")


def plane(error: Exception | None, *, degraded: bool = False) -> Plane:
    """A plane that fails to follow its stack."""

    def follow(_objects: object) -> bool:
        if error is not None:
            raise error
        return False

    made = SimpleNamespace(follow=follow, degraded=degraded, load_balancer=None, way_in=None)
    return cast(Plane, made)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_goes_wrong_with_a_change_is_said_and_ends_nothing(
    error: Exception, options: argparse.Namespace, tmp_path: Path
) -> None:
    status = StatusFile(tmp_path / "status.json")
    process._do(signal.SIGHUP, plane(error), options, status)
    said = json.loads((tmp_path / "status.json").read_text())
    assert (said["state"], said["updates"]) == ("up", 1)
    assert "it" in said["error"]


def test_what_could_not_be_taken_back_is_seen_in_the_state(
    options: argparse.Namespace, tmp_path: Path
) -> None:
    status = StatusFile(tmp_path / "status.json")
    process._do(signal.SIGHUP, plane(LiveError("it"), degraded=True), options, status)
    assert status.fields["state"] == "degraded"


def test_a_fault_of_the_program_itself_is_not_taken_for_one_of_the_stack(
    options: argparse.Namespace, tmp_path: Path
) -> None:
    status = StatusFile(tmp_path / "status.json")
    with pytest.raises(InvalidOperation):
        process._do(signal.SIGHUP, plane(InvalidOperation("it")), options, status)


def test_what_could_not_be_written_is_written_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "status.json"
    status = StatusFile(file)

    def full(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as disk:
        disk.setattr(json, "dump", full)
        with pytest.raises(OSError, match="no room"):
            status.write(state="up")
    assert [*tmp_path.iterdir()] == [file]
    status.write(copies=[])
    assert json.loads(file.read_text())["state"] == "up"


def test_a_state_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    status = StatusFile(tmp_path / "status.json")
    options = argparse.Namespace(state=tmp_path / "gone", stack="medium")
    process._do(signal.SIGHUP, plane(None), options, status)
    assert "there is no sandbox state" in status.fields["error"]
