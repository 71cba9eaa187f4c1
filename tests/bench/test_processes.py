"""Commands as whole processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench import processes
from bench.processes import Command, CommandError

MEBIBYTES = 64
UNTIL_SEEN = f"""
import pathlib, sys
held = bytearray({MEBIBYTES} * 2**20)
while not pathlib.Path(sys.argv[1]).exists():
    pass
"""


def python(folder: Path, source: str, *arguments: str) -> Command:
    return Command(
        words=[sys.executable, "-c", source, *arguments], cwd=folder, environment=os.environ
    )


def test_what_it_prints_is_returned(tmp_path: Path) -> None:
    assert python(tmp_path, "import os; print(os.getcwd())").output() == f"{tmp_path}\n"


def test_a_command_that_fails_is_an_error_with_what_it_said(tmp_path: Path) -> None:
    failing = python(tmp_path, "import sys; print('this is why'); sys.exit(3)")
    for run in (failing.output, failing.seconds, lambda: failing.measured({})):
        with pytest.raises(CommandError, match=r"(?s)status 3.*this is why"):
            run()


def test_the_peak_of_a_program_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen.flag"
    look = processes._peaks_mib

    def look_and_tell(programs: Mapping[str, str], mark: bytes) -> Iterator[tuple[str, float]]:
        for name, peak in look(programs, mark):
            yield name, peak
            if peak > MEBIBYTES:
                seen.touch()

    monkeypatch.setattr(processes, "_peaks_mib", look_and_tell)
    measured = python(tmp_path, UNTIL_SEEN, str(seen)).measured({"held": "seen.flag"})
    assert MEBIBYTES < measured.peaks_mib["held"] < 2 * MEBIBYTES
    assert measured.seconds > 0


def test_a_program_that_was_not_seen_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no process of pack was seen"):
        python(tmp_path, "pass").measured({"pack": "no such word"})


def test_the_same_program_of_another_run_does_not_count(tmp_path: Path) -> None:
    # This process is a Python too, and much larger.
    own = Path("/proc/self/cmdline").read_bytes().decode().split("\0")[0]
    assert not list(processes._peaks_mib({"python": own}, b"LETTA_BENCH_RUN=of another"))
