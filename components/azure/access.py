"""Who may open connections to whom: the rules of each subnet's security group, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from components.args import IngressArgs
from components.azure.fixed import HTTPS_PORT, POOLER_PORT, POSTGRES_PORT, REDIS_PORT
from components.azure.subnets import PODS_CIDR, Ranges

ANY = "*"
EVERYONE = "0.0.0.0/0"
GATEWAY_MANAGER_PORTS = "65200-65535"
"""Ports by which Azure steers an application gateway of the second generation (Application Gateway
documentation, "Infrastructure configuration")."""
HTTP_PORT = 80
API_SERVER_PORTS = ("443", "4443")
"""Ports of an API server inside the network (AKS documentation, "API Server VNet Integration")."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a security group."""

    name: str
    sources: tuple[str, ...]
    """Address ranges, or one of Azure's service tags."""
    ports: tuple[str, ...] = (ANY,)
    destination: str = ANY
    protocol: Literal["Tcp", "*"] = "Tcp"
    direction: Literal["Inbound", "Outbound"] = "Inbound"
    access: Literal["Allow", "Deny"] = "Allow"


_NOBODY_ELSE = Rule(name="nobody-else", sources=(ANY,), protocol="*", access="Deny")
_PROBES = Rule(name="probes", sources=("AzureLoadBalancer",), protocol="*")


def rules_of(use: str, ranges: Ranges, args: IngressArgs) -> tuple[Rule, ...]:
    """Rules of the subnet of a use, the first that fits counts."""
    return (*_inbound(use, ranges, args), _NOBODY_ELSE)


def _inbound(use: str, ranges: Ranges, args: IngressArgs) -> Iterator[Rule]:
    servers = (ranges.nodes, ranges.proxy, ranges.balancer, ranges.control_plane)
    callers = ("Internet",) if EVERYONE in args.allowed_cidrs else args.allowed_cidrs
    https = (str(HTTPS_PORT),)
    if use == "database":
        # The servers of a standby talk to each other, and backups go to Azure's storage.
        yield Rule(name="servers", sources=servers, ports=(str(POSTGRES_PORT),))
        yield Rule(
            name="standby",
            sources=(ranges.database,),
            ports=(str(POSTGRES_PORT), str(POOLER_PORT)),
        )
        yield Rule(
            name="backups",
            sources=(ranges.database,),
            ports=https,
            destination="Storage",
            direction="Outbound",
        )
    elif use == "endpoints":
        yield Rule(
            name="servers", sources=(*servers, ranges.gateway), ports=(*https, str(REDIS_PORT))
        )
    elif use == "gateway":
        yield Rule(name="callers", sources=callers, ports=(*https, str(HTTP_PORT)))
        yield Rule(name="azure", sources=("GatewayManager",), ports=(GATEWAY_MANAGER_PORTS,))
        yield _PROBES
    elif use == "control_plane":
        yield Rule(name="own", sources=(ranges.control_plane,), protocol="*")
        yield Rule(name="nodes", sources=(ranges.nodes,), ports=API_SERVER_PORTS)
        yield _PROBES
    elif use == "nodes":
        # What pods send each other bears their own addresses and passes these rules too.
        within = (ranges.nodes, PODS_CIDR, ranges.control_plane)
        yield Rule(name="own", sources=within, protocol="*")
        yield Rule(name="gateway", sources=(ranges.gateway,))
        yield _PROBES
    else:
        own: str = getattr(ranges, use)
        yield Rule(name="own", sources=(own,), protocol="*")
        # Callers of an environment with a public address pass no subnet: its apps tell who may
        # call (Container Apps documentation, "Securing a virtual network").
        if use != "proxy":
            yield Rule(name="gateway", sources=(ranges.gateway,))
        yield _PROBES
