"""The file of state, and the process that keeps it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox import admin
from sandbox.__main__ import main
from sandbox.errors import Refusal
from sandbox.server import Server
from sandbox.store import Store
from tests.sandbox.engine import Engine, Refused, Resource
from tests.sandbox.toy import packages

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"
QUEUE = "aws:sqs/queue:Queue"


def test_the_file_is_readable_by_its_owner_alone(cloud: Engine, state: Path) -> None:
    cloud.create(HOST, "web", {"image": "base", "password": "p"})
    for path in state.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_objects_outlive_a_restart(state: Path) -> None:
    with _toy(state) as engine:
        host = engine.create(HOST, "web", {"image": "base", "password": "p"})
    with _toy(state) as engine:
        read = engine.read(host)
        assert read is not None
        assert read.outputs == host.outputs


@contextmanager
def _toy(state: Path) -> Iterator[Engine]:
    server = Server(state, packages=packages)
    engine = Engine(server.port, "toy", {"region": "north"})
    engine.configure()
    yield engine
    engine.close()
    server.stop()


def test_a_hundred_creates_at_once_all_succeed(cloud: Engine, state: Path) -> None:
    def create(number: int) -> Resource:
        return cloud.create(HOST, f"host-{number}", {"image": "base"})

    with ThreadPoolExecutor(32) as pool:
        made = list(pool.map(create, range(100)))
    assert len({host.id for host in made}) == 100
    assert admin.status(state, packages)["objects"] == 100


def test_of_many_who_want_one_name_one_gets_it(cloud: Engine) -> None:
    def create(number: int) -> bool:
        try:
            cloud.create(HOST, f"host-{number}", {"image": "base", "name": "web"})
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(create, range(16))) == 1


def test_a_file_of_another_format_is_refused(state: Path) -> None:
    Store(state).close()
    with sqlite3.connect(state) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Refusal, match="has format 99, this sandbox reads 1: move the file away"):
        Store(state)


def test_a_file_that_is_no_state_is_refused(state: Path) -> None:
    state.write_text("no database at all, but long enough to be read as one" * 20)
    with pytest.raises(Refusal, match="is no state file of the sandbox"):
        Store(state)


def test_a_transaction_that_fails_changes_nothing(state: Path) -> None:
    store = Store(state)
    with pytest.raises(ZeroDivisionError):
        _count_and_fail(store)
    assert store.next_number("a") == 1
    store.close()


def _count_and_fail(store: Store) -> None:
    with store.transaction():
        store.next_number("a")
        raise ZeroDivisionError


# The process


@contextmanager
def _process(
    state: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "sandbox", "serve", "--state", str(state), *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=_fds(arguments)
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline() if "--ready-fd" not in arguments else "{}"
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def _fds(arguments: tuple[str, ...]) -> tuple[int, ...]:
    return (int(arguments[-1]),) if "--ready-fd" in arguments else ()


def test_objects_outlive_a_kill_and_the_process_says_where_it_listens(state: Path) -> None:
    with _process(state) as (process, ready):
        assert ready["pid"] == process.pid
        engine = Engine(ready["port"], "aws", {"region": "us-east-1"})
        engine.configure()
        queue = engine.create(QUEUE, "jobs", {})
        engine.close()
        process.kill()
        process.wait()
    assert admin.status(state)["by_type"] == {QUEUE: 1}
    server = Server(state)
    engine = Engine(server.port, "aws", {"region": "us-east-1"})
    engine.configure()
    assert engine.read(queue) is not None
    engine.close()
    server.stop()


def test_the_process_listens_on_loopback_alone_and_ends_when_told(state: Path) -> None:
    reading, writing = os.pipe()
    with _process(state, "--ready-fd", str(writing)) as (process, _):
        os.close(writing)
        with os.fdopen(reading) as stream:
            port = json.loads(stream.readline())["port"]
        with pytest.raises(OSError), socket.create_connection((_own_address(), port), timeout=5):  # noqa: PT011 - refused, or no route
            pass
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


def _own_address() -> str:
    """An address of this machine other than 127.0.0.1; all of 127/8 is this machine."""
    return "127.0.0.2"


def test_a_state_that_cannot_be_used_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--state", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sandbox: ")
    assert captured.err.count("\n") == 1


def test_no_property_value_is_logged(
    connect: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    engine = connect("toy", region="north")
    host = engine.create(HOST, "web", {"image": "base", "password": "hunter2"})
    engine.delete(engine.update(host, {"image": "base", "password": "hunter3"}))
    messages = [
        record.getMessage() for record in caplog.records if record.name == "sandbox.provider"
    ]
    assert len(messages) == 3
    assert not any("hunter" in message for message in messages)


def test_a_latency_scale_that_is_no_number_is_one_message(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LETTA_SANDBOX_LATENCY_SCALE", "slow")
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--state", str(state)])
    assert "argument --latency-scale: invalid float value: 'slow'" in capsys.readouterr().err
