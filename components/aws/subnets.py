"""Division of a network's address range into subnets: pure arithmetic.

Each zone has an eighth of the range, so a zone that is added later moves no other. Of a
zone's eighth, half is for servers (every task takes an address), a quarter each for what
faces the internet and for databases.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

MAX_ZONES = 8
"""Zones that a range has room for; no AWS region has more than six."""
LARGEST_PREFIX = 22
"""Longest prefix of a range: its smallest subnet is then a /27, the least that a load
balancer takes (ELB user guide, "Subnets for your load balancer")."""
SMALLEST_PREFIX = 16
"""Shortest prefix of a VPC's range (VPC user guide, "VPC CIDR blocks")."""

SERVICE_ZONES = 2
"""Zones that a database subnet group and a load balancer must span, even when the servers
keep to one (RDS user guide, "DB subnet groups"; ELB user guide, "Subnets")."""

RESERVED_ADDRESSES = 5
"""Addresses of each subnet that AWS keeps (VPC user guide, "Subnet CIDR blocks")."""
ADDRESSES_PER_NODE = 1 + 2 * 16
"""Addresses of one EKS node: its own, and with prefix delegation a /28 block in use and a warm
one (EKS user guide, "Assign more IP addresses to Amazon EKS nodes with prefixes")."""


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """Address ranges of one zone."""

    private: str
    public: str
    database: str


def divide(vpc_cidr: str, zones: int) -> tuple[ZoneSubnets, ...]:
    """Address ranges of the first `zones` zones in `vpc_cidr`.

    Raises:
        ValueError: the range is not an IPv4 network, or cannot hold the subnets.
    """
    network = ipaddress.IPv4Network(vpc_cidr)
    if not SMALLEST_PREFIX <= network.prefixlen <= LARGEST_PREFIX:
        raise ValueError(
            f"vpc_cidr {vpc_cidr} has {network.num_addresses} addresses; it must be between "
            f"/{SMALLEST_PREFIX} and /{LARGEST_PREFIX}: choose such a range, "
            "for example 10.0.0.0/16"
        )
    if not 1 <= zones <= MAX_ZONES:
        raise ValueError(f"zones {zones} must be between 1 and {MAX_ZONES}")
    blocks = network.subnets(prefixlen_diff=3)
    return tuple(_divide_zone(block) for block, _ in zip(blocks, range(zones), strict=False))


def nodes_per_zone(vpc_cidr: str) -> int:
    """EKS nodes that the private subnet of one zone has addresses for.

    Raises:
        ValueError: the range is not an IPv4 network, or cannot hold the subnets.
    """
    private = ipaddress.IPv4Network(divide(vpc_cidr, 1)[0].private)
    return (private.num_addresses - RESERVED_ADDRESSES) // ADDRESSES_PER_NODE


def _divide_zone(block: ipaddress.IPv4Network) -> ZoneSubnets:
    private, rest = block.subnets()
    public, database = rest.subnets()
    return ZoneSubnets(private=str(private), public=str(public), database=str(database))
