"""A count of steps on stderr: one moving line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from tools.setup.common import UserError

LINES_WITHOUT_TERMINAL = 10
"""Into how many lines the whole of a count is put where no terminal shows a moving one."""
ASSUMED_TOTAL = 500
"""What those lines are a share of while the total is unknown."""
GRACE_SECONDS = 20
"""How long an interrupted command has to put its things away."""
REMEMBERED_LINES = 30
"""How much of a failed command's output is shown."""


class Progress:
    """Counts the steps of one phase."""

    def __init__(self, what: str, total: int | None = None, stream: TextIO | None = None) -> None:
        self._what = what
        self._total = total
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = self._stream.isatty()
        self._every = max(1, (total or ASSUMED_TOTAL) // LINES_WITHOUT_TERMINAL)
        self._count = 0
        self._started = time.monotonic()

    def step(self) -> None:
        """One more step is done."""
        self._count += 1
        if self._terminal:
            width = shutil.get_terminal_size().columns
            self._stream.write(f"\r\x1b[K{self._line()[: width - 1]}")
            self._stream.flush()
        elif self._count % self._every == 0:
            print(self._line(), file=self._stream, flush=True)

    def close(self) -> None:
        """Leave the terminal on a fresh line."""
        if self._terminal and self._count:
            self._stream.write("\n")

    def _line(self) -> str:
        of = f" of {self._total}" if self._total else ""
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"  {self._count}{of} {self._what} ({minutes}:{seconds:02d})"


def _end(process: subprocess.Popen[str]) -> None:
    # Go removes its temporary files on this signal and on no other; a job in the background of a
    # script is deaf to it.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_counted(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    progress: Progress,
    is_step: Callable[[str], bool],
) -> str:
    """Run a command, count the stderr lines that are steps, and return its stdout.

    The command is ended if this process is interrupted. Raises `UserError` with the last lines of
    stderr that were not steps, if it fails.
    """
    rest: deque[str] = deque(maxlen=REMEMBERED_LINES)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            for line in process.stderr or ():
                if is_step(line.rstrip()):
                    progress.step()
                else:
                    rest.append(line.rstrip())
            status = process.wait()
        finally:
            progress.close()
            if process.poll() is None:
                _end(process)
        if status != 0:
            told = "\n".join(rest) or f"it said nothing (exit status {status})"
            raise UserError(f"`{' '.join(map(str, command[:2]))}` failed:\n{told}")
        output.seek(0)
        return output.read()
