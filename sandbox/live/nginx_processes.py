"""What Linux tells of nginx's processes and their connections (proc(5))."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

_PROC = Path("/proc")
_ESTABLISHED = "01"
# An entry of another process may vanish while it is read.
_GONE = (FileNotFoundError, ProcessLookupError)


def workers(master: int) -> list[int]:
    """The worker processes of a master, those that are about to end included."""
    with suppress(*_GONE):
        return [int(pid) for pid in _text(master, "task", str(master), "children").split()]
    return []


def is_ending(worker: int) -> bool:
    """Whether the worker finishes what it has and takes no more."""
    with suppress(*_GONE):
        title = _text(worker, "cmdline")
        # A process that has ended and is not yet reaped has no title.
        return not title or "shutting down" in title
    return True


def connections(pid: int, host: str, port: int) -> int:
    """Established connections of the process to that address."""
    own = set(_sockets(pid))
    return sum(inode in own for inode in _established(host, port))


def _sockets(pid: int) -> Iterator[str]:
    """The inodes of the process's sockets."""
    with suppress(*_GONE):
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            with suppress(*_GONE):
                name = str(descriptor.readlink())
                if name.startswith("socket:["):
                    yield name[len("socket:[") : -1]


def _established(host: str, port: int) -> Iterator[str]:
    """The inodes of all connections to that address, of whatever process."""
    # The address is a number in the byte order of the machine.
    remote = f"{int.from_bytes(IPv4Address(host).packed, 'little'):08X}:{port:04X}"
    for line in (_PROC / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[2] == remote and fields[3] == _ESTABLISHED:
            yield fields[9]


def _text(pid: int, *parts: str) -> str:
    return _PROC.joinpath(str(pid), *parts).read_text(encoding="utf-8")
