"""Division of a network's address range: pure arithmetic.

Subnets of Google Cloud span the zones of their region, so there is one for servers: half of the
range. A quarter is peered with Google's own network, where databases and caches live, and the
first addresses of the last quarter steer a cluster.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

RESERVED_ADDRESSES = 4
"""Addresses of each subnet that Google keeps (VPC documentation, "Unusable addresses in IPv4
subnet ranges")."""
CONTROL_PLANE_PREFIX = 28
"""The range of a private cluster's control plane is a /28 (GKE documentation, "Creating a private
cluster")."""
PODS_CIDR = "100.64.0.0/14"
"""Addresses of pods: a /24 for each of 1024 nodes, out of RFC 6598, which no peered network of
one's own uses (GKE documentation, "VPC-native clusters")."""
SERVICES_CIDR = "100.68.0.0/20"
"""Addresses of the cluster's services."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Address ranges of one network."""

    servers: str
    services: str
    """Peered with Google's services."""
    control_plane: str


def divide(vpc_cidr: str) -> Ranges:
    """The parts of `vpc_cidr`. Raises `ValueError` if it is no IPv4 network."""
    servers, rest = ipaddress.IPv4Network(vpc_cidr).subnets()
    services, last = rest.subnets()
    control_plane = next(iter(last.subnets(new_prefix=CONTROL_PLANE_PREFIX)))
    return Ranges(servers=str(servers), services=str(services), control_plane=str(control_plane))


def nodes(vpc_cidr: str) -> int:
    """Nodes of a cluster that the range has addresses for; pods have addresses of their own.

    Raises `ValueError` if it is no IPv4 network.
    """
    servers = ipaddress.IPv4Network(divide(vpc_cidr).servers)
    pods = ipaddress.IPv4Network(PODS_CIDR)
    return min(servers.num_addresses - RESERVED_ADDRESSES, 1 << (24 - pods.prefixlen))
