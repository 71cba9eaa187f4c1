"""Networks."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud

SUBNET = "gcp:compute/subnetwork:Subnetwork"
CONNECTION = "gcp:servicenetworking/connection:Connection"
LONGEST_PREFIX = 29


def range(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:  # noqa: A001
    """A subnet has an IPv4 range of 8 addresses at least."""
    text = properties["ipCidrRange"]
    try:
        prefix = ipaddress.IPv4Network(text).prefixlen
    except ValueError as error:
        yield Problem("ipCidrRange", f"{text!r} is no range: {error}")
        return
    if prefix > LONGEST_PREFIX:
        yield Problem("ipCidrRange", f"{text} is smaller than a /{LONGEST_PREFIX}")


def ranges_do_not_overlap(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Subnets of one network have nothing in common."""
    own = _ranges(properties)
    for other in cloud.all(SUBNET):
        if other.id == properties["id"] or tail(str(other.get("network"))) != tail(
            properties["network"]
        ):
            continue
        for taken in _ranges(Properties.of(dict(other.outputs))):
            for range_ in own:
                if range_.overlaps(taken):
                    yield Problem(
                        "ipCidrRange",
                        f"Error 400: {range_} overlaps with {taken} of {other.label}",
                    )


def _ranges(properties: Properties) -> list[ipaddress.IPv4Network]:
    secondary = [value for _, value in properties.find("secondaryIpRanges[*].ipCidrRange")]
    return [ipaddress.IPv4Network(text) for text in (properties["ipCidrRange"], *secondary)]


def gateway(properties: Properties, cloud: GcpCloud) -> str:
    """The first address of a subnet."""
    return str(ipaddress.IPv4Network(properties["ipCidrRange"])[1])


def public_address(properties: Properties, cloud: GcpCloud) -> str:
    """An address of 203.0.113.0/24, which is kept for documentation, or of 10/8 inside."""
    digest = hashlib.sha256(str(properties["name"]).encode()).digest()
    if properties["addressType"] == "INTERNAL":
        return f"10.{digest[0]}.{digest[1]}.0"
    return f"203.0.113.{digest[0]}"


def nat_addresses(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Addresses are given if and only if they are not made by Google."""
    manual = properties["natIpAllocateOption"] == "MANUAL_ONLY"
    if manual != bool(properties["natIps"]):
        yield Problem(
            "natIps", "give addresses with natIpAllocateOption MANUAL_ONLY, and only with it"
        )


def peered(network: str | None, where: str, cloud: GcpCloud) -> Iterator[Problem]:
    """What is wrong when a network is not peered with Google's services."""
    if network is None:
        return
    if not any(tail(str(item.get("network"))) == tail(network) for item in cloud.all(CONNECTION)):
        yield Problem(
            where,
            f"Error 400: Invalid request: {network} is not peered with "
            "servicenetworking.googleapis.com: make the connection first, and depend on it",
        )


def range_reserved(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The ranges of a peering are reserved for it, in the same network."""
    for name in properties["reservedPeeringRanges"] or []:
        found = cloud.find("gcp:compute/globalAddress:GlobalAddress", "name", name)
        if found is None or found.get("purpose") != "VPC_PEERING":
            yield Problem(
                "reservedPeeringRanges",
                f"Error 400: {name} is no reserved range with the purpose VPC_PEERING",
            )
