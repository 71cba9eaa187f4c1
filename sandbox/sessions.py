"""Which engine is asking: one connection, one package, one configuration.

The engine opens a connection for every provider instance of a program, so two `aws` providers in
two regions are two connections, and so are two engines at work at the same time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from sandbox.configuration import Configuration
from sandbox.errors import Refusal
from sandbox.package import Package

# Connections do not say when they end; the oldest are forgotten.
_MOST = 4096


@dataclass(frozen=True, kw_only=True)
class Session:
    """One engine's use of one package: its configuration, and whether it has cancelled."""

    package: Package
    configuration: Configuration
    cancelled: threading.Event = field(default_factory=threading.Event)


class Sessions:
    """The configured connections by their peer address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_peer: OrderedDict[str, Session] = OrderedDict()

    def open(self, peer: str, package: Package, configuration: Configuration) -> None:
        """Note what the peer configured."""
        with self._lock:
            self._by_peer[peer] = Session(package=package, configuration=configuration)
            while len(self._by_peer) > _MOST:
                self._by_peer.popitem(last=False)

    def get(self, peer: str, package: Package) -> Session:
        """The peer's session. Raises Refusal when it has not configured that package."""
        with self._lock:
            session = self._by_peer.get(peer)
        if session is None or session.package is not package:
            raise Refusal.blocked(
                f"the package {package.name} is not configured on this connection: the sandbox "
                "was restarted, or the engine lost it; run the command again"
            )
        return session

    def package_name(self, peer: str) -> str | None:
        """The package that the peer configured."""
        with self._lock:
            session = self._by_peer.get(peer)
        return session.package.name if session else None

    def cancel_all(self) -> None:
        """End everybody's waits."""
        with self._lock:
            sessions = list(self._by_peer.values())
        for session in sessions:
            session.cancelled.set()

    def cancel(self, peer: str) -> None:
        """End the peer's waits."""
        with self._lock:
            session = self._by_peer.get(peer)
        if session:
            session.cancelled.set()
