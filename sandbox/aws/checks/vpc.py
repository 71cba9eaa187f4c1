"""Rules of security groups."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_SAME_RULE = (
    "securityGroupId",
    "ipProtocol",
    "fromPort",
    "toPort",
    "cidrIpv4",
    "cidrIpv6",
    "prefixListId",
    "referencedSecurityGroupId",
)


def rule_ports(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """All protocols means all ports; TCP and UDP need a range."""
    protocol = str(properties["ipProtocol"]).lower()
    first, last = properties["fromPort"], properties["toPort"]
    if protocol in ("-1", "all"):
        if first not in (None, -1) or last not in (None, -1):
            yield Problem(
                "fromPort", "with ipProtocol -1 every port is meant: leave fromPort and toPort out"
            )
    elif protocol in ("tcp", "udp", "6", "17"):
        if first is None or last is None:
            yield Problem(
                "fromPort",
                "InvalidParameterValue: Invalid value 'Must specify both from and to ports with "
                "TCP/UDP.' for portRange",
            )
        elif not 0 <= first <= last:
            yield Problem(
                "fromPort",
                "InvalidParameterValue: Invalid TCP/UDP port range "
                f"({first}:{last}): from 0 upward, and fromPort not above toPort",
            )


def rule_addresses(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Addresses are networks, written with no bits set beside the prefix."""
    for name, kind in (
        ("cidrIpv4", ipaddress.IPv4Network),
        ("cidrIpv6", ipaddress.IPv6Network),
    ):
        if properties[name]:
            try:
                kind(properties[name])
            except ValueError as error:
                yield Problem(
                    name,
                    f"InvalidParameterValue: CIDR block {properties[name]} is malformed: {error}",
                )


def groups_share_a_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A rule can name a group of its own VPC only."""
    own = cloud.find(_GROUP, "id", properties["securityGroupId"])
    other = (
        cloud.find(_GROUP, "id", properties["referencedSecurityGroupId"])
        if properties["referencedSecurityGroupId"]
        else None
    )
    if own and other and own.get("vpcId") != other.get("vpcId"):
        yield Problem(
            "referencedSecurityGroupId",
            f"InvalidGroup.NotFound: You have specified two resources that belong to different "
            f"networks: {own.id} and {other.id}",
        )


def ingress_rule_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A group has each ingress rule once."""
    yield from _duplicates(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", properties, cloud
    )


def egress_rule_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A group has each egress rule once."""
    yield from _duplicates(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", properties, cloud
    )


def _duplicates(kind: str, properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    for other in cloud.all(kind):
        if other.id != properties["id"] and all(
            other.get(name) == properties[name] for name in _SAME_RULE
        ):
            yield Problem(
                "securityGroupId",
                f"InvalidPermission.Duplicate: the specified rule already exists: {other.label}",
            )
