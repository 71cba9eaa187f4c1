"""Endpoints: what each kind takes, and where a private name would clash or lead nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from sandbox.aws.checks.neighbours import others, subnets
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_VPC: Final = "aws:ec2/vpc:Vpc"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_NOT_OF: Final = {
    "Gateway": ("subnetIds", "securityGroupIds", "privateDnsEnabled"),
    "Interface": ("routeTableIds",),
}


def of_its_kind(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A gateway is reached by routes, an interface by addresses in subnets."""
    kind = properties["vpcEndpointType"]
    for name in _NOT_OF.get(kind, ()):
        if properties[name]:
            yield Problem(
                name, f"InvalidParameter: an endpoint of type {kind} does not take {name}"
            )


def one_subnet_a_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An interface endpoint has one address in a zone."""
    zones = Counter(
        subnet.get("availabilityZone") for subnet in subnets(properties["subnetIds"], cloud)
    )
    for zone, count in zones.items():
        if count > 1:
            yield Problem(
                "subnetIds",
                f"DuplicateSubnetsInSameZone: {count} subnets are in {zone}; give one of each zone",
            )


def private_name(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The service's name can lead to one endpoint of a network that answers names."""
    if not properties["privateDnsEnabled"]:
        return
    network = cloud.find(_VPC, "id", properties["vpcId"])
    if network and not (network.get("enableDnsSupport") and network.get("enableDnsHostnames")):
        yield Problem(
            "privateDnsEnabled",
            "InvalidParameter: Enabling private DNS requires both enableDnsSupport and "
            f"enableDnsHostnames VPC attributes set to true for {properties['vpcId']}",
        )
    for other in others(_ENDPOINT, properties, cloud):
        if all(
            other.get(name) == properties[name]
            for name in ("vpcId", "serviceName", "privateDnsEnabled")
        ):
            yield Problem(
                "privateDnsEnabled",
                "InvalidParameter: private-dns-enabled cannot be set because there is already a "
                f"conflicting DNS domain for {properties['serviceName']} in the VPC "
                f"{properties['vpcId']}: {other.id}",
            )
