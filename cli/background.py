"""A process in the background that later commands find again: known by a lock that it holds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from tools.setup.common import ROOT, UserError

LOOK_SECONDS = 0.2
END_SECONDS = 60
"""How long one that is not wanted any more may take to put its things away."""
_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Background:
    """A process and the files by which it is known."""

    what: str
    """What messages call it, with its article."""
    alive: Path
    """Locked by the process from its first moment to its last, however it ends."""
    log: Path
    """What it says; written anew at every start."""
    lines_shown: int = 15
    """Of the log's end, where it did not start."""

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        try:
            with self.alive.open("rb") as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def ends(self, seconds: float) -> bool:
        """Whether it is gone within so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.lives:
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def start(
        self,
        command: Sequence[str],
        *,
        seconds: float,
        environment: Mapping[str, str] | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> bytes:
        """Start it, and return the line that it says when it is ready.

        It says it on the file whose number is put at the end of `command`. `meanwhile` is called
        now and then. Raises `UserError` if it ends or takes longer, and then nothing is left.
        """
        ready, child_ready = os.pipe()
        with (
            os.fdopen(ready, "rb") as answers,
            self.alive.open("w") as alive,
            self.log.open("w") as log,
        ):
            # The lock belongs to the open file, which the child inherits and keeps.
            self._lock(alive)
            try:
                # The shell leaves it behind as nobody's child: none of ours waits for it.
                shell = subprocess.Popen(
                    ["/bin/sh", "-c", '"$@" &', "sh", *command, str(child_ready)],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(child_ready, alive.fileno()),
                    start_new_session=True,
                )
            finally:
                os.close(child_ready)
            shell.wait()
            try:
                return self._first_line(answers, seconds, meanwhile)
            except BaseException:
                # Already gone, most likely: that is why it did not answer.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGTERM)
                alive.close()
                if not self.ends(END_SECONDS):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(shell.pid, signal.SIGKILL)
                raise

    def _lock(self, alive: TextIO) -> None:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"{self.what} of this checkout runs, but nothing says how to reach it; end the "
                f"process that holds {self.alive} (`fuser -k` on it does) and run this again"
            ) from None

    def _first_line(
        self, answers: BinaryIO, seconds: float, meanwhile: Callable[[], None]
    ) -> bytes:
        """What the child writes when it is ready. Raises `UserError` if it ends or is silent."""
        received = b""
        deadline = time.monotonic() + seconds
        while not received.endswith(b"\n"):
            meanwhile()
            left = deadline - time.monotonic()
            readable, _, _ = select.select([answers], [], [], max(0.0, min(left, LOOK_SECONDS)))
            if not readable and left > 0:
                continue
            chunk = os.read(answers.fileno(), 1024) if readable else b""
            if not chunk:
                meanwhile()
                raise UserError(self._trouble())
            received += chunk
        meanwhile()
        return received

    def _trouble(self) -> str:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        told = lines[-self.lines_shown :] if self.lines_shown else []
        end = ["; its log ends with:", *told, f"the whole log: {self.log}"]
        return f"{self.what} did not start" + ("\n".join(end) if told else f"; {end[-1]}")
