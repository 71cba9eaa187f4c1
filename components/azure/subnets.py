"""Division of a network's address range: pure arithmetic.

Subnets of Azure span the zones of their region. Half of the range is for the machines of a cluster;
of the other half, each service that needs a subnet of its own has an eighth of the range or less.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from components.azure.sizes import SYSTEM_MACHINES

RESERVED_ADDRESSES = 5
"""Addresses of each subnet that Azure keeps (Virtual Network documentation, "FAQ")."""
PODS_CIDR = "100.64.0.0/14"
"""Addresses of pods in an overlay network: a /24 for each of 1024 nodes, out of RFC 6598, which no
peered network of one's own uses (AKS documentation, "Azure CNI Overlay")."""
SERVICES_CIDR = "100.68.0.0/20"
"""Addresses of the cluster's services."""

DNS_ADDRESS = "100.68.0.10"
"""Of the cluster's own names; it lies among the services'."""
SERVED = ("api", "worker")
"""Tiers that the load balancer calls."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Address ranges of one network."""

    nodes: str
    """Machines of a cluster."""
    proxy: str
    """An environment of Container Apps that faces the internet itself."""
    balancer: str
    """One that a load balancer stands before. It has a range of its own: which of the two an
    environment is cannot change, and two cannot share a subnet."""
    gateway: str
    """The load balancer."""
    database: str
    endpoints: str
    """Private endpoints of the stores."""
    control_plane: str
    """Addresses of a cluster's API server in the network."""


def divide(vpc_cidr: str) -> Ranges:
    """The parts of `vpc_cidr`. Raises `ValueError` if it is no IPv4 network."""
    nodes, rest = ipaddress.IPv4Network(vpc_cidr).subnets()
    proxy, balancer, gateway, last = rest.subnets(prefixlen_diff=2)
    database, stores = last.subnets()
    endpoints, control_plane = stores.subnets()
    parts = (nodes, proxy, balancer, gateway, database, endpoints, control_plane)
    names = ("nodes", "proxy", "balancer", "gateway", "database", "endpoints", "control_plane")
    return Ranges(**dict(zip(names, map(str, parts), strict=True)))


def nodes(vpc_cidr: str) -> int:
    """Nodes of a cluster that the range has addresses for, beside those of its own pods; pods have
    addresses of their own.

    Raises `ValueError` if it is no IPv4 network.
    """
    machines = ipaddress.IPv4Network(divide(vpc_cidr).nodes)
    pods = ipaddress.IPv4Network(PODS_CIDR)
    free = machines.num_addresses - RESERVED_ADDRESSES - len(SERVED)
    return min(free, 1 << (24 - pods.prefixlen)) - SYSTEM_MACHINES


def service_address(ranges: Ranges, role: str) -> str:
    """The address by which the load balancer finds the pods of a tier: one of the last of those
    that machines get from the first on."""
    return str(ipaddress.IPv4Network(ranges.nodes)[-2 - SERVED.index(role)])
