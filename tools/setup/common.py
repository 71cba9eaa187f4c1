"""What set-up and the command line share: the one error, where things are kept, locks."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_STEERING = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of signs that are not seen: control, format, line and paragraph ends."""
ROOT = Path(__file__).resolve().parents[2]


class UserError(Exception):
    """The work cannot go on. The message is for the person who must act, and is all they see."""


def say(message: str) -> None:
    """Tell the user; stdout stays free for what a command prints to be read by a program."""
    # There is none when the caller closed it, and `print` would then take stdout.
    if sys.stderr is not None:
        lines = message.split("\n")
        print("\n".join(map(printable, lines)), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Text of one line with `?` for what would steer a terminal or turn the text around."""
    return "".join("?" if unicodedata.category(sign) in _STEERING else sign for sign in text)


def xdg_directory(variable: str, default: str) -> Path:
    """The project's folder under an XDG base directory (freedesktop.org, Base Directory 0.8).

    A relative value is ignored, as the specification asks.
    """
    base = Path(os.environ.get(variable, ""))
    if not base.is_absolute():
        base = Path.home() / default
    return base / "letta-cloud"


def cache_directory() -> Path:
    """Where things are kept that can be made again: the engine, uv, locks."""
    return xdg_directory("XDG_CACHE_HOME", ".cache")


def platform_tag() -> str:
    """Tells builds apart where several machines share a home directory."""
    return f"{platform.system()}-{platform.machine()}".lower()


def digest(*parts: bytes) -> str:
    """A short, stable name for some content."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(len(part).to_bytes(8, "big"))
        sha.update(part)
    return sha.hexdigest()[:16]


@contextlib.contextmanager
def exclusive(lock: Path, doing: str) -> Iterator[None]:
    """Hold `lock` for a block of work, after any other process that holds it.

    The kernel drops the lock when its process ends, however it ends.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another run is {doing}; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
