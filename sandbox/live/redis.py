"""A real Redis for every node of a stack's caches."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.live import processes
from sandbox.live.processes import Handle
from sandbox.live.spec import Addresses, LiveError

MEMORY_LIMIT_MIB = 256
"""What a node here may take for data at most."""
MIB_PER_GIB = 1024
PROGRAM = "redis-server"
START_SECONDS = 20
STOP_SECONDS = 10
TIMEOUT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of a cache as the stack describes it."""

    identifier: str
    version: str
    host: str
    """The primary's endpoint, or that of the readers."""
    port: int
    source: str
    """Host of the primary; empty for the primary itself."""
    parameters: Mapping[str, str]
    memory_gib: float
    """For data, as its size gives."""

    @property
    def memory_mib(self) -> int:
        """For data, here."""
        return min(MEMORY_LIMIT_MIB, int(self.memory_gib * MIB_PER_GIB))

    @property
    def report(self) -> str:
        """What differs from the node in the cloud, in one line."""
        return f"{self.identifier}: maxmemory {self.memory_mib} MiB of {self.memory_gib:.2f} GiB"


class Redis:
    """Debian's Redis, and the folder under which all its nodes live."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def version(self) -> str:
        """Of the program, such as 7.0.15. Raises LiveError."""
        if shutil.which(PROGRAM) is None:
            raise LiveError(f"there is no {PROGRAM}: install Debian's package of that name")
        said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
        return said.stdout.partition("v=")[2].split()[0]

    def start(self, node: Node, addresses: Addresses) -> Handle:
        """Start a node, empty. Raises LiveError."""
        if self.version.partition(".")[0] != node.version.partition(".")[0]:
            raise LiveError(f"{node.identifier} is Redis {node.version}; here is {self.version}")
        folder = self.home / node.identifier
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {
            "bind": addresses.of(node.host),
            "port": str(node.port),
            # Who asks for a password is refused where it is read; the network keeps strangers
            # out, as loopback does here.
            "protected-mode": "no",
            "save": "",
            "appendonly": "no",
            # Nothing waits for more replicas to come along.
            "repl-diskless-sync-delay": "0",
            "maxmemory": f"{node.memory_mib}mb",
            **node.parameters,
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        if node.source:
            words += ["--replicaof", addresses.of(node.source), str(node.port)]
        handle = processes.start(
            node.identifier,
            [PROGRAM, *words],
            log=self.home / "logs" / f"{node.identifier}.log",
            directory=folder,
        )
        with processes.ended_if_it_fails(handle):
            processes.wait(
                handle,
                lambda: self.ask(node, addresses, "PING") == "+PONG",
                seconds=START_SECONDS,
            )
        return handle

    def stop(self, handle: Handle) -> None:
        """End a node; what it held is gone."""
        processes.stop(handle, grace_seconds=STOP_SECONDS)

    def info(self, node: Node, addresses: Addresses) -> Mapping[str, str]:
        """What a node says of itself (`INFO`); nothing if it does not answer."""
        lines = self._answer(node, addresses, "INFO").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def ask(self, node: Node, addresses: Addresses, command: str) -> str:
        """The first line that a node answers to a command; empty if it does not answer."""
        return self._answer(node, addresses, command).partition("\r\n")[0]

    def _answer(self, node: Node, addresses: Addresses, command: str) -> str:
        try:
            with (
                socket.create_connection(
                    (addresses.of(node.host), node.port), timeout=TIMEOUT_SECONDS
                ) as connection,
                connection.makefile("rb") as answer,
            ):
                connection.sendall(f"{command}\r\nQUIT\r\n".encode())
                return answer.read().decode(errors="replace")
        except OSError:
            return ""
