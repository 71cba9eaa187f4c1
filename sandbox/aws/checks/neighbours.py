"""The other objects around one that is checked."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties


def others(kind: str, properties: Properties, cloud: AwsCloud) -> Iterator[CloudObject]:
    """The objects of a type without the checked one, which has an id only when it is updated."""
    own = properties["id"]
    return (item for item in cloud.all(kind) if item.id != own)


def cluster(name: str, cloud: AwsCloud) -> CloudObject | None:
    """The EKS cluster of that name."""
    return cloud.find("aws:eks/cluster:Cluster", "name", name)


def subnets(ids: list[str] | None, cloud: AwsCloud) -> list[CloudObject]:
    """The subnets of these ids; those that do not exist are left to the references."""
    found = (cloud.find("aws:ec2/subnet:Subnet", "id", subnet) for subnet in ids or [])
    return [subnet for subnet in found if subnet is not None]


def zones(ids: list[str] | None, cloud: AwsCloud) -> set[str]:
    """The availability zones of these subnets."""
    return {subnet.get("availabilityZone") for subnet in subnets(ids, cloud)}


def vpcs(ids: list[str] | None, cloud: AwsCloud) -> set[str]:
    """The VPCs of these subnets."""
    return {subnet.get("vpcId") for subnet in subnets(ids, cloud)}
