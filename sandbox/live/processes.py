"""Real processes: started in the background, known again by a later run, and ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.live.spec import LiveError

POLL_SECONDS = 0.1
KILL_SECONDS = 10
"""How long the kernel may take to end a process after SIGKILL."""
LINES_SHOWN = 15
_WHOLE_LOG = "the whole log: "
_STARTED_FIELD = 19
"""Of `/proc/PID/stat`, after the name: proc(5), `starttime`."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Debian's own; what runs here does not get the caller's."""


@dataclass(frozen=True, kw_only=True)
class Handle:
    """A process that this or an earlier run started."""

    name: str
    pid: int
    started: int
    """In clock ticks since boot: a process number given to another program since does not match."""
    log: str

    @property
    def alive(self) -> bool:
        """Whether it still runs; one that ended and was not waited for does not."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return _started(self.pid) == self.started


def _started(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else int(fields[_STARTED_FIELD - 1])


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Handle:
    """Start a process that outlives this one. `environment` is all that it gets.

    The log is for its owner's eyes only: what runs here may print what it was given.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            [str(word) for word in command],
            cwd=directory,
            env=dict(environment) if environment is not None else {"PATH": PATH},
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            user=user,
            group=user_group(user),
            extra_groups=[] if user else None,
        )
    except OSError as error:
        raise LiveError(f"{name} cannot be started: {error}") from error
    finally:
        os.close(descriptor)
    started = _started(child.pid)
    # Its end is looked up in /proc; a subprocess object that goes would warn of it.
    child.returncode = 0
    if started is None:
        raise LiveError(f"{name} ended at once{said(log)}")
    return Handle(name=name, pid=child.pid, started=started, log=str(log))


def user_group(user: str | None) -> int | None:
    """The main group of a user."""
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def wait(
    handle: Handle, ready: Callable[[], bool], *, seconds: float, purpose: str = "ready"
) -> float:
    """Wait until it is ready; the seconds it took. Raises LiveError if it ends or is late."""
    began = time.monotonic()
    while not ready():
        if not handle.alive:
            raise LiveError(f"{handle.name} ended before it was {purpose}{said(Path(handle.log))}")
        if time.monotonic() - began > seconds:
            raise LiveError(
                f"{handle.name} was not {purpose} after {seconds:g} s{said(Path(handle.log))}"
            )
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


def listens(address: str) -> bool:
    """Whether something takes connections at `host:port`."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


def stop(handle: Handle, *, grace_seconds: float, number: signal.Signals = signal.SIGTERM) -> float:
    """Ask a process to end, and its group to go if it does not; the seconds it took."""
    began = time.monotonic()
    if handle.alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(handle.pid, number)
    if not _ends(handle, grace_seconds):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(handle.pid, signal.SIGKILL)
        if not _ends(handle, KILL_SECONDS):
            raise LiveError(f"{handle.name} (process {handle.pid}) does not end")
    return time.monotonic() - began


@contextlib.contextmanager
def ended_if_it_fails(handle: Handle) -> Iterator[None]:
    """What is done with a process inside is to go well, or the process does not stay."""
    try:
        yield
    except BaseException:
        kill(handle)
        raise


def kill(handle: Handle) -> None:
    """End a process and what it started, without a word, as a crash does."""
    stop(handle, grace_seconds=0, number=signal.SIGKILL)


def inside(folders: Sequence[Path]) -> list[int]:
    """The processes that work in one of the folders: what runs here is started in its own."""
    # The kernel names a process's folder without the links that led to it.
    real = [folder.resolve() for folder in folders]
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        # A process that ended while this looked, or that belongs to somebody else.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            place = entry.readlink()
            if any(place.is_relative_to(folder) for folder in real):
                found.append(int(entry.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def clear(folders: Sequence[Path]) -> None:
    """End all that works in the folders, and remove them."""
    end_inside(folders)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end_inside(folders: Sequence[Path]) -> None:
    """End all that works in the folders.

    What is still there had no chance to end: whoever started it was killed.
    """
    deadline = time.monotonic() + KILL_SECONDS
    while left := inside(folders):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            # Those that this process started would else stay, dead, in the table.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            raise LiveError(f"the processes {left} do not end")
        time.sleep(POLL_SECONDS)


def _ends(handle: Handle, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while handle.alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def said(log: Path) -> str:
    """The end of a log, for a message."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
    except FileNotFoundError:
        return ""
    return "\n".join(["; its log ends with:", *lines, f"{_WHOLE_LOG}{log}"])


def with_kept_log(message: str, folder: Path) -> str:
    """The message, with the log that it names copied to the folder before its own is removed."""
    before, found, name = message.rpartition(_WHOLE_LOG)
    log = Path(name)
    if not found or not log.is_file():
        return message
    # With its rights: it may hold secrets.
    return f"{before}{found}{shutil.copy(log, folder / log.name)}"
