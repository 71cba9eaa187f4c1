"""A Redis that demands TLS and a password, for a client that speaks neither.

The server's client knows a host and a port, and nothing more. Where a cloud's Redis asks for more,
a small process beside each copy of the server adds it (`redis_proxy_script.py`).
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.args import IMAGE
from components.redis import PORT
from components.roles import Reference, SidecarArgs

LOOPBACK = "127.0.0.1"
"""The only address that it listens on: whoever reaches it needs no password."""
HOST = "REDIS_PROXY_HOST"
UPSTREAM_PORT = "REDIS_PROXY_PORT"
PASSWORD = "REDIS_PROXY_PASSWORD"  # noqa: S105  (the variable's name, not a password)
MEMORY_MIB = 256
"""Memory limit, MiB: Python, TLS, and buffers of some hundred connections."""

_CHECK = f"import socket; socket.create_connection(({LOOPBACK!r}, {PORT}))"
_SCRIPT = Path(__file__).with_name("redis_proxy_script.py")


def redis_proxy(host: pulumi.Input[str], port: int, password: Reference) -> SidecarArgs:
    """The container. It runs in the server's own image, which is on the machine anyway."""
    return SidecarArgs(
        name="redis-proxy",
        image=IMAGE,
        command=("python", "-c", _SCRIPT.read_text(encoding="utf-8")),
        port=PORT,
        memory_mib=MEMORY_MIB,
        environment={HOST: host, UPSTREAM_PORT: str(port)},
        references={PASSWORD: password},
        check=("python", "-c", _CHECK),
        upstream_port=port,
    )
