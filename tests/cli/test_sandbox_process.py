from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from cli import sandbox_process
from cli.sandbox_process import Sandbox
from cli.state import State
from sandbox.packages import NAMES
from tools.setup.common import ROOT, UserError

START = (
    "import sys; from pathlib import Path; from cli import sandbox_process; "
    "from cli.state import State; "
    "print(sandbox_process.ensure_running(State(directory=Path(sys.argv[1]))).pid)"
)


@pytest.fixture
def own(state: State) -> Iterator[State]:
    """A state folder whose sandbox is stopped in the end."""
    yield state
    sandbox_process.stop(state)


def answers(sandbox: Sandbox) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", sandbox.port)) == 0


def test_a_started_sandbox_answers_for_the_project_s_packages(own: State) -> None:
    sandbox = sandbox_process.ensure_running(own)
    assert answers(sandbox)
    assert sandbox.debug_providers == ",".join(f"{name}:{sandbox.port}" for name in NAMES)


def test_a_running_sandbox_is_found_again_and_not_started_twice(own: State) -> None:
    first = sandbox_process.ensure_running(own)
    assert sandbox_process.running(own) == first
    assert sandbox_process.ensure_running(own) == first


def test_two_starts_at_once_make_one_sandbox(own: State) -> None:
    command = [sys.executable, "-c", START, str(own.directory)]
    starters = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    pids = {starter.communicate()[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0]
    assert len(pids) == 1


def test_a_stopped_sandbox_is_gone_and_a_second_stop_says_so(own: State) -> None:
    sandbox = sandbox_process.ensure_running(own)
    assert sandbox_process.stop(own) is True
    assert not answers(sandbox)
    # SQLite removes its journal when it is closed in order.
    assert not own.sandbox_objects.with_name("sandbox.sqlite-wal").exists()
    assert sandbox_process.running(own) is None
    assert sandbox_process.stop(own) is False


def test_a_record_of_a_dead_sandbox_does_not_deceive_even_if_its_number_lives(own: State) -> None:
    stale = Sandbox(pid=os.getpid(), port=1, packages=("aws",), sources=sandbox_process.sources())
    own.write_private(own.sandbox_record, json.dumps(asdict(stale)).encode())
    own.sandbox_alive.touch()
    assert sandbox_process.running(own) is None
    assert sandbox_process.stop(own) is False
    assert sandbox_process.ensure_running(own).pid != os.getpid()


def test_a_sandbox_of_older_sources_is_replaced(
    own: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "sources" / "table.yaml"
    table.parent.mkdir()
    table.write_text("before")
    monkeypatch.setattr(sandbox_process, "SOURCES", table.parent)
    old = sandbox_process.ensure_running(own)
    table.write_text("after and longer")
    new = sandbox_process.ensure_running(own)
    assert new.pid != old.pid
    assert not answers(old)
    assert answers(new)


def test_a_sandbox_that_cannot_start_is_told_with_the_end_of_its_log(own: State) -> None:
    own.sandbox_objects.mkdir()
    with pytest.raises(UserError, match="the sandbox did not start") as refused:
        sandbox_process.ensure_running(own)
    assert str(own.sandbox_log) in str(refused.value)
    assert sandbox_process.running(own) is None
    own.sandbox_objects.rmdir()
    assert answers(sandbox_process.ensure_running(own))


def test_a_sandbox_without_a_record_is_told_and_not_waited_for(own: State) -> None:
    sandbox_process.ensure_running(own)
    record = own.sandbox_record.read_bytes()
    own.sandbox_record.unlink()
    with pytest.raises(UserError, match="nothing says how to reach it"):
        sandbox_process.ensure_running(own)
    own.write_private(own.sandbox_record, record)
