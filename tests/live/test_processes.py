from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.live import processes
from sandbox.live.processes import Handle
from sandbox.live.spec import LiveError

SECONDS = 20
PAUSE = "import pathlib, signal; pathlib.Path('up').touch(); signal.pause()"


def started(folder: Path, code: str) -> Handle:
    return processes.start("it", [sys.executable, "-c", code], log=folder / "log", directory=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "plane"
    folder.mkdir()
    yield folder
    processes.clear([folder])


@pytest.fixture
def running(folder: Path) -> Handle:
    handle = started(folder, PAUSE)
    processes.wait(handle, (folder / "up").exists, seconds=SECONDS)
    return handle


def test_a_process_is_known_by_its_start_not_by_its_number_alone(running: Handle) -> None:
    assert running.alive
    assert not replace(running, started=running.started + 1).alive


def test_a_stopped_process_is_gone_and_stopping_it_again_does_nothing(running: Handle) -> None:
    processes.stop(running, grace_seconds=SECONDS)
    assert not running.alive
    processes.stop(running, grace_seconds=SECONDS)


def test_who_ends_before_being_ready_is_shown_with_its_last_words(folder: Path) -> None:
    handle = started(folder, "raise SystemExit('no such luck')")
    with pytest.raises(LiveError, match=r"ended before it was ready.*\n.*no such luck"):
        processes.wait(handle, lambda: False, seconds=SECONDS)


def test_who_is_not_ready_in_time_is_named(running: Handle) -> None:
    with pytest.raises(LiveError, match="it was not ready after 0 s"):
        processes.wait(running, lambda: False, seconds=0)


def test_a_log_is_for_its_owner_alone(running: Handle) -> None:
    assert Path(running.log).stat().st_mode & 0o777 == 0o600


def test_a_program_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(LiveError, match=r"it cannot be started: .*nosuch"):
        processes.start("it", ["/nosuch"], log=folder / "log", directory=folder)


def test_what_works_in_a_folder_is_found_and_cleared_with_it_whoever_started_it(
    running: Handle, folder: Path
) -> None:
    assert processes.inside([folder]) == [running.pid]
    processes.clear([folder])
    assert not running.alive
    assert not folder.exists()
    assert processes.inside([folder]) == []


def test_what_works_below_a_linked_folder_is_found_by_the_link_too(
    running: Handle, folder: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder.parent)
    linked = link / folder.name
    assert processes.inside([linked]) == [running.pid]
    processes.clear([linked])
    assert not running.alive
    assert not folder.exists()
