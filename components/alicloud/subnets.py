"""Division of a network's address range into vSwitches: pure arithmetic.

Each zone has an eighth of the range, so a zone that is added later moves no other. Of a zone's
eighth, half is for pods, each of which has an address of the network, a quarter each for machines,
with the load balancer among them, and for databases and caches.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

MAX_ZONES = 8
"""Zones that a range has room for."""
RESERVED_ADDRESSES = 4
"""Addresses of each vSwitch that Alibaba Cloud keeps (VPC user guide, "vSwitches")."""
PODS_PER_NODE = 30
"""Addresses that are counted for the pods of one machine: more than the stack's own pods and those
of the cluster's own programs ever take together."""
BALANCER_ADDRESSES = 8
"""Addresses that the load balancer takes in each zone (ALB user guide, "Limits": 8 at least)."""
SERVICES_CIDR = "172.30.0.0/16"
SERVICES_CIDR_OTHERWISE = "10.254.0.0/16"
"""Addresses of services inside the cluster: the first of the two that the network does not
overlap."""


@dataclass(frozen=True, kw_only=True)
class ZoneRanges:
    """Address ranges of one zone."""

    pods: str
    nodes: str
    stores: str


def divide(vpc_cidr: str, zones: int) -> tuple[ZoneRanges, ...]:
    """Address ranges of the first `zones` zones. Raises `ValueError` if `vpc_cidr` is no IPv4
    network."""
    blocks = ipaddress.IPv4Network(vpc_cidr).subnets(prefixlen_diff=3)
    return tuple(_zone(block) for block, _ in zip(blocks, range(zones), strict=False))


def nodes_per_zone(vpc_cidr: str) -> int:
    """Machines of a cluster that one zone has addresses for. Raises `ValueError` if `vpc_cidr` is
    no IPv4 network."""
    (first,) = divide(vpc_cidr, 1)
    pods, nodes = (ipaddress.IPv4Network(cidr).num_addresses for cidr in (first.pods, first.nodes))
    return min(
        (pods - RESERVED_ADDRESSES) // PODS_PER_NODE,
        nodes - RESERVED_ADDRESSES - BALANCER_ADDRESSES,
    )


def services(vpc_cidr: str) -> str:
    """Addresses for services inside the cluster, outside the network's."""
    taken = ipaddress.IPv4Network(vpc_cidr)
    overlaps = taken.overlaps(ipaddress.IPv4Network(SERVICES_CIDR))
    return SERVICES_CIDR_OTHERWISE if overlaps else SERVICES_CIDR


def _zone(block: ipaddress.IPv4Network) -> ZoneRanges:
    pods, rest = block.subnets()
    nodes, stores = rest.subnets()
    return ZoneRanges(pods=str(pods), nodes=str(nodes), stores=str(stores))
