"""Scaling groups behind a load balancer."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

SERVER_GROUP = "alicloud:alb/serverGroup:ServerGroup"
POOL = "alicloud:cs/nodePool:NodePool"
CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"


def attached_by_force(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Machines that are there already are added by force alone (the provider's documentation of
    force_attach)."""
    if not properties["forceAttach"]:
        yield Problem(
            "forceAttach",
            "without it the machines that the group has already answer no requests, and stay in "
            "the server group when this is deleted: set it to true",
        )


def server_group_of_machines(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The server group takes machines, and is in their network."""
    group = cloud.find(SERVER_GROUP, "id", properties["albServerGroupId"])
    if group is None:
        return  # a reference to it is refused already
    if group.get("serverGroupType") != "Instance":
        yield Problem(
            "albServerGroupId", f"InvalidParameter: {group.label} takes no machines of a group"
        )
    pool = cloud.find(POOL, "scalingGroupId", properties["scalingGroupId"])
    cluster = cloud.find(CLUSTER, "id", pool.get("clusterId")) if pool else None
    if cluster is not None and cluster.get("vpcId") != group.get("vpcId"):
        yield Problem("albServerGroupId", f"{group.label} is in another network")
