"""Networks and their ways out."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from typing import Any

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

NETWORK = "alicloud:vpc/network:Network"
SWITCH = "alicloud:vpc/switch:Switch"
NAT = "alicloud:vpc/natGateway:NatGateway"
ENTRY = "alicloud:vpc/snatEntry:SnatEntry"
ADDRESS = "alicloud:ecs/eipAddress:EipAddress"
ASSOCIATION = "alicloud:ecs/eipAssociation:EipAssociation"
PRIVATE = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
NETWORK_PREFIXES = (8, 28)
SWITCH_PREFIXES = (16, 29)
_KINDS = {"ngw": "Nat", "alb": "SlbInstance", "lb": "SlbInstance", "i": "EcsInstance"}
_MOST_MBPS = 200


def private_range(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A network has a private range (CreateVpc in the VPC API reference, CidrBlock)."""
    text = properties["cidrBlock"]
    if text is None:
        return
    found = _range(text)
    if found is None:
        yield Problem("cidrBlock", f"{text!r} is no range of addresses")
    elif not any(found.subnet_of(one) for one in PRIVATE):
        yield Problem("cidrBlock", f"InvalidCidrBlock: {text} is not private: {_listed(PRIVATE)}")
    elif not NETWORK_PREFIXES[0] <= found.prefixlen <= NETWORK_PREFIXES[1]:
        yield Problem("cidrBlock", f"InvalidCidrBlock: {text} must be a /8 to a /28")


def switch_range(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A vSwitch has 8 to 65,536 addresses (CreateVSwitch in the VPC API reference)."""
    text = properties["cidrBlock"]
    found = _range(text)
    if found is None:
        yield Problem("cidrBlock", f"{text!r} is no range of addresses")
    elif not SWITCH_PREFIXES[0] <= found.prefixlen <= SWITCH_PREFIXES[1]:
        yield Problem("cidrBlock", f"InvalidCidrBlock: {text} must be a /16 to a /29")


def _range(text: Any) -> ipaddress.IPv4Network | None:  # noqa: ANN401 - what the user wrote
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        return None


def _listed(ranges: tuple[ipaddress.IPv4Network, ...]) -> str:
    return ", ".join(str(one) for one in ranges)


def zone_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The zone is one of the region's."""
    if properties["zoneId"] not in cloud.zones:
        yield Problem(
            "zoneId",
            f"InvalidZoneId.NotFound: {properties['zoneId']} is no zone of {cloud.region}: use "
            f"one of {', '.join(cloud.zones)}",
        )


def inside_network(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The range lies in that of the network."""
    network = cloud.find(NETWORK, "id", properties["vpcId"])
    if network is None:
        return  # a reference to it is refused already
    whole = ipaddress.IPv4Network(str(network.get("cidrBlock")))
    own = ipaddress.IPv4Network(properties["cidrBlock"])
    if not own.subnet_of(whole):
        yield Problem(
            "cidrBlock", f"InvalidCidrBlock.Mismatch: {own} does not lie in {whole} of the network"
        )


def ranges_do_not_overlap(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """vSwitches of one network have nothing in common."""
    own = ipaddress.IPv4Network(properties["cidrBlock"])
    for other in cloud.all(SWITCH):
        if other.id == properties["id"] or other.get("vpcId") != properties["vpcId"]:
            continue
        taken = ipaddress.IPv4Network(str(other.get("cidrBlock")))
        if own.overlaps(taken):
            yield Problem(
                "cidrBlock",
                f"InvalidCidrBlock.Overlapped: {own} overlaps with {taken} of {other.label}",
            )


def enhanced(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Only enhanced gateways can still be made, and each stands in a vSwitch."""
    if properties["natType"] != "Enhanced":
        yield Problem(
            "natType",
            "OperationUnsupported.NormalNat: normal NAT gateways are no longer sold; set Enhanced",
        )
    elif properties["vswitchId"] is None:
        yield Problem("vswitchId", "MissingParameter: an enhanced NAT gateway needs a vSwitch")


def switch_of_network(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The gateway's vSwitch is one of its network."""
    found = cloud.find(SWITCH, "id", properties["vswitchId"])
    if found is not None and found.get("vpcId") != properties["vpcId"]:
        yield Problem("vswitchId", f"InvalidVSwitchId: {found.label} is in another network")


def bandwidth(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A whole number of Mbit/s (AllocateEipAddress in the VPC API reference, Bandwidth)."""
    text = properties["bandwidth"]
    if text is not None and (not str(text).isdecimal() or not 1 <= int(text) <= _MOST_MBPS):
        yield Problem("bandwidth", f"{text!r} must be 1 to {_MOST_MBPS} Mbit/s")


def address_free(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """An address belongs to one thing."""
    for other in cloud.all(ASSOCIATION):
        same = other.get("allocationId") == properties["allocationId"]
        if same and other.id != properties["id"]:
            yield Problem(
                "allocationId",
                f"IncorrectEipStatus: the address belongs to {other.get('instanceId')} already",
            )


def kind_of_instance(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The kind fits what the address is given to."""
    kind = _KINDS.get(str(properties["instanceId"]).partition("-")[0])
    stated = properties["instanceType"] or "EcsInstance"
    if kind and kind != stated:
        yield Problem("instanceType", f"InvalidInstanceType: it is {kind}, not {stated}")


def address_bound(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Packets leave by an address that belongs to the gateway."""
    gateway = cloud.find(NAT, "snatTableIds", properties["snatTableId"])
    if gateway is None:
        return  # a reference to it is refused already
    own = {str(one.get("ipAddress")) for one in _addresses(gateway, cloud)}
    for address in str(properties["snatIp"]).split(","):
        if address not in own:
            yield Problem(
                "snatIp",
                f"InvalidIp.NotInNatgw: {address} does not belong to {gateway.label}: associate it "
                "first, and depend on the association",
            )


def _addresses(gateway: CloudObject, cloud: AlicloudCloud) -> Iterator[CloudObject]:
    for one in cloud.all(ASSOCIATION):
        if one.get("instanceId") == gateway.id:
            address = cloud.find(ADDRESS, "id", one.get("allocationId"))
            if address is not None:
                yield address


def source_once(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A vSwitch has one entry in a table."""
    for other in cloud.all(ENTRY):
        if other.id == properties["id"]:
            continue
        for name in ("sourceVswitchId", "sourceCidr"):
            given = properties[name]
            same = other.get("snatTableId") == properties["snatTableId"]
            if given is not None and same and other.get(name) == given:
                yield Problem(name, f"EntryExist: {other.label} is for {given} already")


def no_entry_uses_it(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """An address that packets leave by stays."""
    address = cloud.find(ADDRESS, "id", properties["allocationId"])
    if address is None:
        return
    for entry in cloud.all(ENTRY):
        if address.get("ipAddress") in str(entry.get("snatIp")).split(","):
            yield Problem(
                "allocationId", f"InvalidOperation.EipInUsed: {entry.label} uses the address"
            )


def public_address(properties: Properties, cloud: AlicloudCloud) -> str:
    """An address of 203.0.113.0/24, which is kept for documentation: the first that is free."""
    taken = {one.get("ipAddress") for one in cloud.all(ADDRESS)}
    return next(
        str(address)
        for address in ipaddress.IPv4Network("203.0.113.0/24").hosts()
        if str(address) not in taken
    )


def address_inside(switch: str | None, seed: str, cloud: AlicloudCloud) -> str:
    """An address of a vSwitch; empty where the vSwitch is not known."""
    found = cloud.find(SWITCH, "id", switch)
    if found is None:
        return ""
    whole = ipaddress.IPv4Network(str(found.get("cidrBlock")))
    # The first and the last three addresses of a vSwitch are Aliyun's.
    free = whole.num_addresses - 4
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % free
    return str(whole[1 + number])
