"""The sandbox as a process: started in the background, found again, stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass

from cli.background import Background
from cli.state import State
from tools.setup.common import ROOT, digest, exclusive

SOURCES = ROOT / "sandbox"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 10


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
    if not state.sandbox_record.exists() or not _background(state).lives:
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
    background = _background(state)
    if not background.ends(STOP_TIMEOUT_SECONDS):
        os.kill(sandbox.pid, signal.SIGKILL)
        background.ends(STOP_TIMEOUT_SECONDS)
    state.sandbox_record.unlink(missing_ok=True)
    return True


def _background(state: State) -> Background:
    return Background(what="the sandbox", alive=state.sandbox_alive, log=state.sandbox_log)


def _start(state: State) -> Sandbox:
    state.sandbox_record.unlink(missing_ok=True)
    sources_now = sources()
    command = [sys.executable, "-m", "sandbox", "serve"]
    command += ["--state", str(state.sandbox_objects), "--ready-fd"]
    said = json.loads(_background(state).start(command, seconds=START_TIMEOUT_SECONDS))
    sandbox = Sandbox(
        pid=said["pid"],
        port=said["port"],
        packages=tuple(said["packages"]),
        sources=sources_now,
    )
    state.write_private(state.sandbox_record, json.dumps(asdict(sandbox)).encode())
    return sandbox
