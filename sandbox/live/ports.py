"""Ports that only the administrator may take, and where they are for everyone else."""

from __future__ import annotations

import socket
from functools import cache

MOVED_BY = 10_000
_ANY_ADDRESS_OF_OURS = "127.0.0.1"


@cache
def here(port: int) -> int:
    """The port on this machine that stands for a container's: the same where this user may take
    it. Each container has an address of its own, so one that is moved meets no other."""
    with socket.socket() as probe:
        try:
            probe.bind((_ANY_ADDRESS_OF_OURS, port))
        except PermissionError:
            return port + MOVED_BY
        except OSError:
            # Taken, which is no question of rights.
            return port
    return port
