"""Who may talk to whom inside the network, on which port and why: the whole matrix.

Security groups are stateful, so an entry is the direction in which a connection is opened.
What is not here is refused. DNS, time and container metadata come from link-local addresses
that security groups do not filter (VPC user guide, "Security groups").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from components.letta.environment import PORT

Group = Literal["load_balancer", "server", "model", "machine", "database", "cache", "bootstrap"]
Outside = Literal["clients", "internet"]
"""`clients`: the networks that may call the API (`ingress.allowed_cidrs`). `internet`: any
address, outwards only."""

POSTGRES_PORT = 5432
REDIS_PORT = 6379
HTTP_PORT = 80
HTTPS_PORT = 443


@dataclass(frozen=True, kw_only=True)
class Flow:
    """TCP connections that `source` may open to `target`."""

    source: Group | Outside
    target: Group | Outside
    ports: tuple[int, int]
    """First and last port."""
    reason: str
    """Written into the rule's description: letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`."""

    @property
    def slug(self) -> str:
        """Part of the rule's logical name."""
        first, last = self.ports
        port = str(first) if first == last else f"{first}-{last}"
        return f"{self.source}-{self.target}-{port}".replace("_", "-")


def _flow(source: Group | Outside, target: Group | Outside, port: int, reason: str) -> Flow:
    return Flow(source=source, target=target, ports=(port, port), reason=reason)


_SERVER = (
    _flow("server", "database", POSTGRES_PORT, "Agents, messages and passages"),
    _flow("server", "cache", REDIS_PORT, "Streams, locks and run ids"),
    Flow(
        source="server",
        target="internet",
        ports=(1, 65535),
        reason="Model endpoints, MCP servers and tools choose their own ports",
    ),
)
_CALLED = (
    _flow("clients", "load_balancer", HTTPS_PORT, "The API"),
    _flow("clients", "load_balancer", HTTP_PORT, "Redirected to HTTPS"),
    _flow("load_balancer", "server", PORT, "The API, and its health checks"),
)
_INSIDE = (
    *_SERVER,
    _flow("bootstrap", "database", POSTGRES_PORT, "Extension, role and migration; dumps"),
    _flow("bootstrap", "cache", REDIS_PORT, "A PING, since the server hides a missing cache"),
    _flow("bootstrap", "internet", HTTPS_PORT, "Image registry, secrets and logs"),
)

Kind = Literal["load_balancer", "proxy", "kubernetes"]

FLOWS: dict[Kind, tuple[Flow, ...]] = {
    "load_balancer": (
        *_CALLED,
        _flow("machine", "internet", HTTPS_PORT, "Image registry and container agent"),
        *_INSIDE,
    ),
    "proxy": (
        _flow("clients", "server", HTTPS_PORT, "The API"),
        _flow("clients", "server", HTTP_PORT, "Redirected to HTTPS; also proves the domain"),
        *_INSIDE,
    ),
    "kubernetes": (
        *_CALLED,
        *_SERVER,
        _flow("model", "internet", HTTPS_PORT, "Image registry, weights of models and logs"),
    ),
}
"""Kind of ingress, or `kubernetes` -> all connections that are let through.

On Kubernetes the groups are those of nodes: `server` where servers and the bootstrap run, `model`
where models do. Nodes and control plane are also in the group that EKS makes for a cluster, whose
members reach each other on every port; the network policies of the cluster narrow it down pod by
pod."""


def groups(flows: tuple[Flow, ...]) -> tuple[str, ...]:
    """Security groups that the flows need, in order of first mention."""
    ends = (end for flow in flows for end in (flow.source, flow.target))
    return tuple(dict.fromkeys(end for end in ends if end in get_args(Group)))
