"""How users reach a stack whose one machine faces the internet itself: by the proxy on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.live.containers import Running
from sandbox.live.images import AUTHORITY
from sandbox.live.spec import Objects

RECORD = "aws:route53/record:Record"
ADDRESS = "aws:ec2/eip:Eip"
HTTPS_PORT = 443


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """A name that users call, and where it leads."""

    domain: str
    """The proxy answers to this name alone: a client must call it, and find it at `address`."""
    address: str
    authority: Path
    """Certificate that a client must trust; there once the proxy has started."""

    @property
    def url(self) -> str:
        """What users call."""
        return f"https://{self.domain}"


def read(objects: Objects, running: Iterable[Running]) -> WayIn | None:
    """The name whose record is an address of the stack's own, and the container that takes
    HTTPS there; none where a load balancer is the way in."""
    addresses = {str(item.get("publicIp")) for item in objects.all(ADDRESS)}
    domains = [
        str(item.get("fqdn"))
        for item in objects.all(RECORD)
        if item.get("type") == "A" and addresses & set(item.get("records") or ())
    ]
    takers = [each.container for each in running if HTTPS_PORT in each.container.process.ports]
    if not domains or not takers:
        return None
    return WayIn(domain=domains[0], address=takers[0].address, authority=takers[0].here(AUTHORITY))
