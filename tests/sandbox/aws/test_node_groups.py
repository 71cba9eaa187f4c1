"""Managed node groups: what EKS refuses, and what it fills in."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import GOOD, Estate, Inputs
from tests.sandbox.aws.good_clusters import (
    CLUSTER,
    GPU_TAINT,
    NODES,
    powerless,
    role_with,
    without_network_rights,
)

SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def _template(**changes: object) -> Callable[[Estate], Inputs]:
    """A node group by a launch template that sets nothing but these."""

    def inputs(estate: Estate) -> Inputs:
        bare = {
            name: None
            for name in ("imageId", "instanceType", "iamInstanceProfile", "userData")
            if name not in changes
        }
        made = estate.make(TEMPLATE, "nodes", **{**bare, **changes})
        return {"launchTemplate": {"id": made.id, "version": "1"}}

    return inputs


def _template_version(estate: Estate) -> Inputs:
    given = _template()(estate)
    return {"launchTemplate": {**given["launchTemplate"], "version": "7"}}


def _elsewhere(estate: Estate) -> Inputs:
    other = estate.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.1.0.0/16").id
    subnet = estate.make(SUBNET, "other", vpcId=other, cidrBlock="10.1.0.0/24").id
    return {"subnetIds": [subnet]}


def _in_zone(letter: str, *types: str) -> Callable[[Estate], Inputs]:
    return lambda estate: {
        "subnetIds": [estate.subnet(letter, 30)],
        "instanceTypes": list(types),
    }


def _no_network_plugin(estate: Estate) -> Inputs:
    bare = estate.make(CLUSTER, "bare").id
    return {"clusterName": bare}


NODE_GROUPS = [
    Case(
        "more wanted than allowed",
        NODES,
        {"scalingConfig": {"minSize": 1, "desiredSize": 6, "maxSize": 5}},
        "must be in this order",
    ),
    Case("Amazon Linux 2", NODES, {"amiType": "AL2_x86_64"}, "ended on 26 November 2025"),
    Case(
        "an ARM machine from an Intel image",
        NODES,
        {"instanceTypes": ["m7g.large"]},
        "the machine is arm64",
    ),
    Case(
        "an NVIDIA image without a GPU",
        NODES,
        {"amiType": "AL2023_x86_64_NVIDIA"},
        "the machine has no GPU",
    ),
    Case(
        "eight A100 without drivers",
        NODES,
        {"instanceTypes": ["p4d.24xlarge"]},
        "needs an accelerated image",
    ),
    Case("a machine of nowhere", NODES, {"instanceTypes": ["m5.tiny"]}, "m5.tiny"),
    Case(
        "a machine that the zone does not have",
        NODES,
        _in_zone("e", "t3.medium"),
        "not supported in your requested Availability Zone (us-east-1e)",
    ),
    Case(
        "the default machine where it is not offered",
        NODES,
        lambda estate: {"subnetIds": [estate.subnet("e", 30)], "instanceTypes": None},
        "t3.medium",
    ),
    Case("a taint twice", NODES, {"taints": [GPU_TAINT, GPU_TAINT]}, "Duplicate taint"),
    Case(
        "a taint in Kubernetes' own spelling",
        NODES,
        {"taints": [{**GPU_TAINT, "effect": "NoSchedule"}]},
        "NO_SCHEDULE",
    ),
    Case(
        "a label of Kubernetes",
        NODES,
        {"labels": {"kubernetes.io/role": "api"}},
        "reserved prefixes",
    ),
    Case(
        "a number and a share of missing nodes",
        NODES,
        {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 33}},
        "and not both",
    ),
    Case("subnets elsewhere", NODES, _elsewhere, "the cluster is in vpc-"),
    Case(
        "nodes ahead of the cluster", NODES, {"version": "1.36"}, "does not fit the cluster's 1.35"
    ),
    Case(
        "a role of others",
        NODES,
        lambda estate: {"nodeRoleArn": role_with(estate, "lambda")},
        "ec2.amazonaws.com] were not found",
    ),
    Case("a role that cannot join", NODES, powerless("ec2", "nodeRoleArn"), "they cannot join"),
    Case("nodes without a network plugin", NODES, _no_network_plugin, "make the add-on vpc-cni"),
    Case("a plugin without rights", NODES, without_network_rights, "AmazonEKS_CNI_Policy"),
    Case("a cluster of nowhere", NODES, {"clusterName": "none"}, "ResourceNotFoundException"),
    Case(
        "machines in both places",
        NODES,
        _template(instanceType="m5.large"),
        "both the launch template and the API request",
    ),
    Case(
        "an image in both places",
        NODES,
        _template(imageId="ami-0123456789abcdef0"),
        "other than CUSTOM",
    ),
    Case(
        "an instance profile",
        NODES,
        lambda estate: _template(
            iamInstanceProfile={"arn": estate.get("aws:iam/instanceProfile:InstanceProfile", "arn")}
        )(estate),
        "EKS makes one from nodeRoleArn",
    ),
    Case(
        "spot in the template",
        NODES,
        _template(instanceMarketOptions={"marketType": "spot"}),
        "set capacityType to SPOT",
    ),
    Case(
        "user data that EKS cannot merge",
        NODES,
        _template(userData=base64.b64encode(b"#!/bin/sh").decode()),
        "MIME multipart format",
    ),
    Case(
        "a template by id and by name",
        NODES,
        lambda estate: {
            "launchTemplate": {
                "id": estate.make(TEMPLATE).id,
                "name": estate.get(TEMPLATE, "name"),
                "version": "1",
            }
        },
        "Either provide launch template ID or launch template name",
    ),
    Case("a version of the template to come", NODES, _template_version, "does not exist"),
    Case(
        "a disk beside a template",
        NODES,
        lambda estate: {**_template()(estate), "diskSize": 50},
        "it conflicts with",
    ),
]


@each(NODE_GROUPS)
def test_a_bad_node_group_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_a_node_group_follows_its_launch_template(estate: Estate) -> None:
    template = estate.make(TEMPLATE, "own", iamInstanceProfile=None, userData=None, imageId=None)
    given = {"id": template.id, "version": template.outputs["latestVersion"]}
    nodes = estate.make(NODES, "own", launchTemplate=given, instanceTypes=None)
    assert nodes.outputs["launchTemplate"]["name"] == template.outputs["name"]
    assert nodes.outputs["instanceTypes"] == []
    newer = {**nodes.inputs, "launchTemplate": {"id": template.id, "version": "2"}}
    diff = estate.engine.diff(nodes, newer)
    assert (list(diff.changes), diff.replaces) == (["launchTemplate.version"], [])


def test_a_node_group_says_in_which_auto_scaling_group_it_is(estate: Estate) -> None:
    nodes = estate.make(NODES)
    name = nodes.outputs["nodeGroupName"]
    [found] = nodes.outputs["resources"]
    assert found["autoscalingGroups"][0]["name"].startswith(f"eks-{name}-")
    assert nodes.id == f"{estate.make(CLUSTER).id}:{name}"
    assert nodes.outputs["version"] == "1.35"


def test_a_change_of_machines_is_a_new_group_beside_the_old(estate: Estate) -> None:
    nodes = estate.make(NODES)
    inputs = {**GOOD[NODES](estate), "instanceTypes": ["m5.xlarge"]}
    diff = estate.engine.diff(nodes, inputs)
    assert (diff.replaces, diff.delete_before_replace) == (["instanceTypes"], False)


def test_a_gpu_pool_by_the_accelerated_image_is_accepted(estate: Estate) -> None:
    changes = {
        "amiType": "AL2023_x86_64_NVIDIA",
        "instanceTypes": ["g5.4xlarge"],
        "capacityType": "SPOT",
        "taints": [GPU_TAINT],
        "scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 4},
    }
    assert estate.refusal(NODES, changes) == ""
