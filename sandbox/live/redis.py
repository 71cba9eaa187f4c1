"""A real Redis for every node of a stack's caches."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.live import certificates, processes
from sandbox.live.processes import Handle
from sandbox.live.spec import Addresses, LiveError

MEMORY_LIMIT_MIB = 256
"""What a node here may take for data at most."""
MIB_PER_GIB = 1024
PROGRAM = "redis-server"
SECRETS = "secrets.conf"
CERTIFICATE = "certificate.pem"
START_SECONDS = 20
STOP_SECONDS = 10
TIMEOUT_SECONDS = 2
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Those that Debian trusts; there where its package `ca-certificates` is."""


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
    password: str = field(default="", repr=False)
    """Empty where none is asked for."""
    tls: bool = False
    """Whether TLS alone is spoken."""

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
        self.trusted = home / "trusted.pem"
        """All authorities that a container trusts: everybody's, and the nodes' own certificates.
        There once a node speaks TLS."""

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
        if node.password:
            # Not among the words that start it: everybody may read those.
            said = "".join(f"{name} {node.password}\n" for name in ("requirepass", "masterauth"))
            with open(folder / SECRETS, "w", opener=_private, encoding="utf-8") as stream:
                stream.write(said)
        settings = {
            "bind": addresses.of(node.host),
            **(self._tls(node, addresses) if node.tls else {"port": str(node.port)}),
            # Without a password, the network keeps strangers out, as loopback does here.
            "protected-mode": "no",
            "save": "",
            "appendonly": "no",
            # Nothing waits for more replicas to come along.
            "repl-diskless-sync-delay": "0",
            "maxmemory": f"{node.memory_mib}mb",
            **node.parameters,
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        if node.password:
            words.insert(0, SECRETS)
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
                self._connected(node, addresses) as connection,
                connection.makefile("rb") as answer,
            ):
                if node.password:
                    connection.sendall(f"AUTH {node.password}\r\n".encode())
                    answer.readline()
                connection.sendall(f"{command}\r\nQUIT\r\n".encode())
                return answer.read().decode(errors="replace")
        except OSError:
            return ""

    @contextmanager
    def _connected(self, node: Node, addresses: Addresses) -> Iterator[socket.socket]:
        host = addresses.of(node.host)
        with socket.create_connection((host, node.port), timeout=TIMEOUT_SECONDS) as plain:
            if not node.tls:
                yield plain
                return
            context = ssl.create_default_context(cafile=self.trusted)
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                yield encrypted

    def _tls(self, node: Node, addresses: Addresses) -> dict[str, str]:
        """Settings of a node that speaks TLS alone, whose certificate containers trust from now
        on. Raises LiveError."""
        folder = self.home / node.identifier
        certificate, key = folder / CERTIFICATE, folder / "key.pem"
        if not certificate.exists():
            trouble = certificates.make(
                certificate, key, names=[node.host], addresses=[addresses.of(node.host)]
            )
            if trouble:
                raise LiveError(f"openssl made no certificate for {node.identifier}: {trouble}")
        found = [AUTHORITIES, *sorted(self.home.glob(f"*/{CERTIFICATE}"))]
        self.trusted.write_text(
            "".join(each.read_text(encoding="utf-8") for each in found if each.exists()),
            encoding="utf-8",
        )
        return {
            "port": "0",
            "tls-port": str(node.port),
            "tls-cert-file": str(certificate),
            "tls-key-file": str(key),
            "tls-ca-cert-file": str(self.trusted),
            "tls-auth-clients": "no",
            "tls-replication": "yes",
        }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
