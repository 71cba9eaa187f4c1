"""How users reach a stack whose one machine faces the internet itself: by the proxy on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.live import ports
from sandbox.live.containers import Running
from sandbox.live.images import AUTHORITY, HTTPS_PORT


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """A name that users call, and where it leads."""

    domain: str
    """The proxy answers to this name alone: a client must call it, and find it at `address`."""
    address: str
    port: int
    """Of this machine: another than the stack's where this user may not take that one."""
    authority: Path
    """Certificate that a client must trust; there once the proxy has started."""

    @property
    def url(self) -> str:
        """What users call."""
        return f"https://{self.domain}" + (f":{self.port}" if self.port != HTTPS_PORT else "")


def read(names: Sequence[str], running: Iterable[Running]) -> WayIn | None:
    """The first of the names, at the first container that takes HTTPS on its machine's port."""
    for each in running:
        if names and HTTPS_PORT in each.container.process.ports:
            container = each.container
            return WayIn(
                domain=names[0],
                address=container.address,
                port=ports.here(HTTPS_PORT),
                authority=container.here(AUTHORITY),
            )
    return None
