"""The sandbox as a process: started in the background, found again, stopped."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from cli.state import State
from tools.setup.common import ROOT, UserError, digest, exclusive

SOURCES = ROOT / "sandbox"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 10
LOG_LINES_SHOWN = 15


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A sandbox that runs, and how the engine reaches it."""

    pid: int
    port: int
    packages: tuple[str, ...]
    sources: str
    """What it was started from; see `sources`."""

    @property
    def debug_providers(self) -> str:
        """`PULUMI_DEBUG_PROVIDERS`: the engine attaches to these instead of starting plugins."""
        return ",".join(f"{package}:{self.port}" for package in self.packages)


def running(state: State) -> Sandbox | None:
    """The checkout's sandbox, if it lives.

    Its process holds a lock from its first moment to its last, so a record left by one that died,
    or a process number given to another program since, cannot deceive.
    """
    if not state.sandbox_record.exists() or not _is_locked(state.sandbox_alive):
        return None
    record = json.loads(state.sandbox_record.read_bytes())
    return Sandbox(**{**record, "packages": tuple(record["packages"])})


def current(state: State) -> Sandbox | None:
    """The checkout's sandbox, if it lives and its sources are still those it was started from."""
    sandbox = running(state)
    return sandbox if sandbox is not None and sandbox.sources == sources() else None


def sources() -> str:
    """A digest that changes when a file of the sandbox does."""
    files = (file for file in SOURCES.rglob("*.*") if file.parent.name != "__pycache__")
    stats = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return digest(repr(stats).encode())


def ensure_running(state: State) -> Sandbox:
    """The checkout's sandbox, started if need be. Raises `UserError` if it does not come up."""
    with exclusive(state.lock, "starting the sandbox"):
        state.prepare()
        sandbox = current(state)
        if sandbox is None:
            stop(state)
            sandbox = _start(state)
        return sandbox


def stop(state: State) -> bool:
    """End the sandbox and wait until it is gone; False if it did not run."""
    sandbox = running(state)
    if sandbox is None:
        return False
    os.kill(sandbox.pid, signal.SIGTERM)
    if not _ends(state, STOP_TIMEOUT_SECONDS):
        os.kill(sandbox.pid, signal.SIGKILL)
        _ends(state, STOP_TIMEOUT_SECONDS)
    state.sandbox_record.unlink(missing_ok=True)
    return True


def _ends(state: State, timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if not _is_locked(state.sandbox_alive):
            return True
        time.sleep(0.02)
    return False


def _is_locked(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _start(state: State) -> Sandbox:
    state.sandbox_record.unlink(missing_ok=True)
    sources_now = sources()
    ready, child_ready = os.pipe()
    with (
        os.fdopen(ready, "rb") as answers,
        state.sandbox_alive.open("w") as alive,
        state.sandbox_log.open("w") as log,
    ):
        # The lock belongs to the open file, which the child inherits and keeps.
        _lock(alive, state)
        command = [sys.executable, "-m", "sandbox", "serve"]
        command += ["--state", str(state.sandbox_objects), "--ready-fd", str(child_ready)]
        try:
            # The shell leaves the sandbox behind as nobody's child: none of ours waits for it.
            shell = subprocess.Popen(
                ["/bin/sh", "-c", '"$@" &', "sh", *command],
                cwd=ROOT,
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
            said = json.loads(_first_line(answers, state))
            sandbox = Sandbox(
                pid=said["pid"],
                port=said["port"],
                packages=tuple(said["packages"]),
                sources=sources_now,
            )
            state.write_private(state.sandbox_record, json.dumps(asdict(sandbox)).encode())
        except BaseException:
            # Already gone, most likely: that is why it did not answer.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            raise
    return sandbox


def _lock(alive: TextIO, state: State) -> None:
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(
            "a sandbox of this checkout runs, but nothing says on which port; end the process that "
            f"holds {state.sandbox_alive} (`fuser -k` on it does) and run this again"
        ) from None


def _first_line(answers: BinaryIO, state: State) -> bytes:
    """What the child writes when it listens. Raises `UserError` if it ends or is silent."""
    received = b""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not received.endswith(b"\n"):
        readable, _, _ = select.select([answers], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(answers.fileno(), 1024) if readable else b""
        if not chunk:
            told = state.sandbox_log.read_text(encoding="utf-8").splitlines()[-LOG_LINES_SHOWN:]
            raise UserError(
                "\n".join(["the sandbox did not start; its log ends with:", *told])
                + f"\nthe whole log: {state.sandbox_log}"
            )
        received += chunk
    return received
