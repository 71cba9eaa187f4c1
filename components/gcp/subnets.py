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
POD_RANGES = ("10.64.0.0/14", "172.20.0.0/14")
"""Addresses of pods, of which one is outside any network: a /24 for each of 1024 nodes (GKE
documentation, "VPC-native clusters"). They are of RFC 1918: Cloud SQL answers others only where
they are listed (Cloud SQL documentation, "Connect from non-RFC 1918 IP addresses")."""
SERVICE_RANGES = ("10.68.0.0/20", "172.24.0.0/20")
"""Addresses of the cluster's services, chosen in the same way."""


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


@dataclass(frozen=True, kw_only=True)
class ClusterRanges:
    """Address ranges inside a cluster."""

    pods: str
    services: str


def cluster(vpc_cidr: str) -> ClusterRanges:
    """Ranges beside `vpc_cidr`. Raises `ValueError` if it is no IPv4 network."""
    return ClusterRanges(
        pods=_beside(vpc_cidr, POD_RANGES), services=_beside(vpc_cidr, SERVICE_RANGES)
    )


def _beside(vpc_cidr: str, ranges: tuple[str, ...]) -> str:
    taken = ipaddress.IPv4Network(vpc_cidr)
    return next(each for each in ranges if not taken.overlaps(ipaddress.IPv4Network(each)))


def nodes(vpc_cidr: str) -> int:
    """Nodes of a cluster that the range has addresses for; pods have addresses of their own.

    Raises `ValueError` if it is no IPv4 network.
    """
    servers = ipaddress.IPv4Network(divide(vpc_cidr).servers)
    pods = ipaddress.IPv4Network(cluster(vpc_cidr).pods)
    return min(servers.num_addresses - RESERVED_ADDRESSES, 1 << (24 - pods.prefixlen))
