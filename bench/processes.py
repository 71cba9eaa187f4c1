"""Commands as whole processes: how long they take, and the peak memory of the programs in them."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SAMPLE_SECONDS = 0.1
"""How often memory is read. The kernel keeps each peak, so what goes unseen is at most the growth
of a process in the last of these intervals."""

LINES_SHOWN = 40
"""How much of what a failed command printed is told."""

PROC = Path("/proc")
MARK = "LETTA_BENCH_RUN"
"""Variable by which the processes of a run are told from others of the machine."""
MIB_PER_KIB = 1 / 1024


class CommandError(RuntimeError):
    """A measured command that failed: its figures would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one run took."""

    seconds: float
    """Wall time."""
    peaks_mib: Mapping[str, float]
    """Program -> its peak resident memory, MiB."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is run, and where."""

    words: Sequence[str | Path]
    cwd: Path
    environment: Mapping[str, str]

    def output(self) -> str:
        """Run it and return what it prints. Raises `CommandError` if it fails."""
        done = subprocess.run(
            [*map(str, self.words)],
            cwd=self.cwd,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            command = " ".join(map(str, self.words))
            said = "\n".join(f"{done.stdout}\n{done.stderr}".splitlines()[-LINES_SHOWN:])
            raise CommandError(f"`{command}` ended with status {done.returncode}:\n{said}")
        return done.stdout

    def seconds(self) -> float:
        """Run it and return its wall time. Raises `CommandError` if it fails."""
        started = time.perf_counter()
        self.output()
        return time.perf_counter() - started

    def measured(self, programs: Mapping[str, str]) -> Measured:
        """Run it, and watch the memory of programs that it starts.

        `programs`: name -> how a word of the program's command line ends. Raises `CommandError` if
        the command fails or one of them was not seen.
        """
        mark = f"{MARK}={uuid.uuid4()}"
        name, _, value = mark.partition("=")
        marked = replace(self, environment={**self.environment, name: value})
        peaks: dict[str, float] = {}
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(SAMPLE_SECONDS):
                for program, peak in _peaks_mib(programs, mark.encode()):
                    peaks[program] = max(peaks.get(program, 0.0), peak)

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            seconds = marked.seconds()
        finally:
            ended.set()
            sampler.join()
        missing = programs.keys() - peaks.keys()
        if missing:
            raise CommandError(f"no process of {', '.join(sorted(missing))} was seen")
        return Measured(seconds=seconds, peaks_mib=peaks)


def _peaks_mib(programs: Mapping[str, str], mark: bytes) -> Iterator[tuple[str, float]]:
    """Peaks of the programs' processes that are alive now and have the mark."""
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        # It may end while it is looked at.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            for name, end in programs.items():
                known = any(word.endswith(end) for word in words)
                if known and mark in (entry / "environ").read_bytes():
                    yield name, _high_water_mib((entry / "status").read_text())


def _high_water_mib(status: str) -> float:
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * MIB_PER_KIB
    return 0.0
