"""Ways in."""

from __future__ import annotations

from dataclasses import dataclass

from policies.facts.model.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Listener(Fact):
    """A port that the load balancer answers on."""

    port: int
    tls: bool
    tls_policy: str
    """The cloud's name of the protocols and ciphers; empty without TLS."""
    modern_tls: bool
    """Whether it offers TLS 1.3 and nothing below 1.2."""
    redirects_to_tls: bool


@dataclass(frozen=True, kw_only=True)
class Firewall(Fact):
    """A web application firewall before a load balancer."""

    managed: tuple[str, ...]
    """Groups of rules that the cloud keeps up to date, as far as they do more than count."""
    body_rules: tuple[str, ...]
    """Those of their rules that refuse a request for what its body holds or for its size."""
    rate_limit: int
    """Most requests of one client address in five minutes; 0: any number."""
    logged: bool
    """Whether it writes down what it decides."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Fact):
    """The cloud's way in."""

    idle_timeout_seconds: int
    deletion_protection: bool
    protectable: bool
    """Whether the cloud has such a protection."""
    listeners: tuple[Listener, ...]
    firewalls: tuple[Firewall, ...]


@dataclass(frozen=True, kw_only=True)
class InboundRule(Fact):
    """Who may open connections to the members of a security group."""

    group: str
    """Name of the security group."""
    network: str
    """Address range; empty where the source is another security group."""
    protocol: str
    """`tcp`, `udp`, `icmp`… or `any`."""
    ports: tuple[int, int]
    """First and last port."""
    way_in: bool
    """Whether the group is that of the load balancer or the reverse proxy."""

    @property
    def from_anywhere(self) -> bool:
        """Whether the source is the whole internet."""
        return self.network in ("0.0.0.0/0", "::/0")
