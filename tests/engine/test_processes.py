"""What is looked at of processes: those of a run and no others, whatever starts them."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.engine import processes
from tests.engine.processes import Watch

PASSWORD = "correct-horse-battery"
WAITS = "import sys; sys.stdin.read()"


def _started(folder: Path, *command: str, **environment: str) -> subprocess.Popen[bytes]:
    """A command that runs with the mark of a run, and has said its first word."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"STATE": str(folder), **environment},
    )
    _hear(process)
    return process


def _hear(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    process.stdout.readline()


def _watched(folder: Path, *command: str, **environment: str) -> Watch:
    """Look once at a command that runs with the mark of a run."""
    watch = Watch(mark=("STATE", str(folder)))
    with _started(folder, *command, **environment) as process:
        watch.look()
        process.communicate()
    return watch


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", f"print(flush=True); {code}"]


def test_a_secret_in_the_words_of_a_process_is_found(tmp_path: Path) -> None:
    watch = _watched(tmp_path, *_python(WAITS), PASSWORD)
    assert [one.words.endswith(PASSWORD) for one in watch.holding({PASSWORD})] == [True]
    assert watch.holding({"another"}) == []


def test_a_secret_in_its_environment_is_found(tmp_path: Path) -> None:
    watch = _watched(tmp_path, *_python(WAITS), TOKEN=PASSWORD)
    assert len(watch.holding({PASSWORD})) == 1


def test_a_process_that_is_met_between_two_programs_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = tmp_path / "4711"
    process.mkdir()
    (process / "cmdline").write_bytes(b"sandbox\0serve\0")
    (process / "environ").write_bytes(b"")
    monkeypatch.setattr(processes, "PROC", tmp_path)
    watch = Watch(mark=("STATE", "here"))
    watch.look()
    assert watch.seen == set()
    (process / "environ").write_bytes(b"STATE=here\0")
    watch.look()
    assert [one.words for one in watch.seen] == ["sandbox serve"]


def test_what_a_process_starts_is_looked_at_too(tmp_path: Path) -> None:
    child = [sys.executable, "-c", f"print(flush=True); {WAITS}", PASSWORD]
    watch = _watched(tmp_path, sys.executable, "-c", f"import subprocess; subprocess.run({child})")
    # In the child's words, and in those of the one that is to start it.
    assert len(watch.holding({PASSWORD})) == 2


def test_what_a_process_becomes_is_looked_at_too(tmp_path: Path) -> None:
    watch = Watch(mark=("STATE", str(tmp_path)))
    code = f"import os, sys; sys.stdin.readline(); os.execv({sys.executable!r}, sys.argv[1:])"
    with _started(tmp_path, *_python(code), *_python(WAITS), PASSWORD) as process:
        watch.look()
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        _hear(process)
        watch.look()
        process.communicate()
    assert len(watch.seen) == 2


def test_processes_of_others_are_not_looked_at(tmp_path: Path) -> None:
    watch = Watch(mark=("STATE", str(tmp_path / "of another run")))
    with _started(tmp_path, *_python(WAITS)) as process:
        watch.look()
        process.communicate()
    assert watch.seen == set()


class Counted(Watch):
    """Tells of each look."""

    looked = threading.Semaphore(0)

    def look(self) -> None:
        super().look()
        self.looked.release()


def test_it_looks_by_itself_as_long_as_its_context_lasts(tmp_path: Path) -> None:
    with (
        Counted(mark=("STATE", str(tmp_path))) as watch,
        _started(tmp_path, *_python(WAITS)) as one,
    ):
        while watch.looked.acquire(blocking=False):
            """Looks of before."""
        # One may have begun before the process did.
        for _ in range(2):
            watch.looked.acquire()
        one.communicate()
    assert len(watch.seen) == 1
