"""Nodes: which machines, where, what they may do, and what pods find on them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_string
from functools import cache
from typing import Any

import pulumi
import pytest
import yaml

from components.aws.site import Site, site
from components.roles import NodePool
from tests.components.aws.eks.sites import NAME, POOL, arguments, cluster, plain
from tests.components.aws.mock_cloud import REGION, ZONES, Registered, Run, offerings, run

OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
GPUS = NodePool(
    role="llm",
    instance_type="p4d.24xlarge",
    initial=0,
    minimum=0,
    maximum=2,
    disk_gib=100,
    gpus=8,
    local_storage=True,
)
WORKER = replace(POOL, role="worker", instance_type="c5.2xlarge", spot=True)


@cache
def _with(pool: NodePool, elsewhere: str = "", zones: tuple[str, ...] = ()) -> Run[Site]:
    """A site with one more pool. `elsewhere`: instance type that only these zones offer."""

    def program() -> Site:
        made = site("letta-test", arguments(), pulumi.ResourceOptions())
        assert made.kubernetes is not None
        made.kubernetes.node_group("letta-test-pool", pool, pulumi.ResourceOptions())
        return made

    def answer(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        everywhere = dict.fromkeys(asked["filters"][0]["values"], ZONES)
        return offerings(asked, {**everywhere, elsewhere: zones})

    return run(program, functions={OFFERINGS: answer})


def _group(result: Run[Any], name: str = "letta-test-pool") -> dict[str, Any]:
    return dict(_made(result, name).inputs)


def _made(result: Run[Any], name: str = "letta-test-pool") -> Registered:
    return result.one("eks/nodeGroup:NodeGroup", name)


def _template(result: Run[Any], name: str = "letta-test-pool") -> dict[str, Any]:
    return dict(result.one(":LaunchTemplate", name).inputs)


def _node_config(template: Mapping[str, Any]) -> dict[str, Any]:
    message = message_from_string(base64.b64decode(template["userData"]).decode())
    [part] = [each for each in message.walk() if not each.is_multipart()]
    assert part.get_content_type() == "application/node.eks.aws"
    config: dict[str, Any] = yaml.safe_load(str(part.get_payload()))
    return config


def test_the_pool_of_the_api_takes_everybody_and_its_bounds_are_the_settings() -> None:
    group = _group(plain(), f"{NAME}-api")
    assert group["labels"] == {"letta.cloud/pool": "api"}
    assert group["taints"] == []
    assert group["scalingConfig"] == {"desiredSize": 8, "minSize": 2, "maxSize": 10}
    assert group["instanceTypes"] == ["m5.2xlarge"]
    assert group["capacityType"] == "ON_DEMAND"
    assert group["amiType"] == "AL2023_x86_64_STANDARD"


def test_the_autoscaler_moves_the_size() -> None:
    assert _made(plain(), f"{NAME}-api").ignore_changes == ("scalingConfig.desiredSize",)


def test_other_pools_keep_strangers_off() -> None:
    group = _group(_with(replace(POOL, role="worker")))
    assert group["labels"] == {"letta.cloud/pool": "worker"}
    assert group["taints"] == [
        {"key": "letta.cloud/pool", "value": "worker", "effect": "NO_SCHEDULE"}
    ]


def test_gpu_nodes_have_drivers_a_second_taint_and_labels_that_programs_look_for() -> None:
    group = _group(_with(GPUS))
    assert group["amiType"] == "AL2023_x86_64_NVIDIA"
    assert {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"} in group["taints"]
    assert group["labels"]["nvidia.com/gpu.present"] == "true"
    assert group["labels"]["k8s.amazonaws.com/accelerator"] == "nvidia-a100"


def test_a_gpu_node_is_given_up_before_its_successor_is_asked_for() -> None:
    assert _group(_with(GPUS))["updateConfig"]["updateStrategy"] == "MINIMAL"
    assert _group(plain(), f"{NAME}-api")["updateConfig"]["updateStrategy"] == "DEFAULT"


def test_arm_machines_get_the_image_for_arm() -> None:
    group = _group(_with(replace(POOL, role="worker", instance_type="m6g.2xlarge")))
    assert group["amiType"] == "AL2023_ARM_64_STANDARD"


def test_spare_capacity_is_drawn_from_like_machines_the_named_one_first() -> None:
    group = _group(_with(WORKER))
    assert group["capacityType"] == "SPOT"
    assert group["instanceTypes"][0] == "c5.2xlarge"
    assert 2 <= len(group["instanceTypes"]) <= 10


def test_a_like_machine_that_not_every_zone_offers_is_left_out() -> None:
    named, other = _group(_with(WORKER))["instanceTypes"][:2]
    assert other not in _group(_with(WORKER, other, (ZONES[0],)))["instanceTypes"]
    assert named in _group(_with(WORKER, other, (ZONES[0],)))["instanceTypes"]


def test_nodes_stand_in_the_private_subnets_of_the_zones_that_offer_the_machine() -> None:
    result = _with(GPUS, GPUS.instance_type, (ZONES[1], ZONES[5]))
    second = result.result.network.private_subnet_ids[1]
    assert _group(result)["subnetIds"] == [result.value(second)]


def test_a_machine_that_no_zone_of_the_stack_offers_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        pulumi.RunError,
        match=rf"llm: p4d.24xlarge .*{REGION}a, {REGION}b, {REGION}c.*in {REGION}f: choose",
    ):
        _with(GPUS, GPUS.instance_type, (ZONES[5],))


def test_a_server_across_machines_keeps_to_one_zone_and_close_together() -> None:
    result = _with(replace(GPUS, close_together=True))
    assert len(_group(result)["subnetIds"]) == 1
    placement = result.one(":PlacementGroup").inputs
    assert placement["strategy"] == "cluster"
    assert _template(result)["placement"]["groupName"].startswith("letta-test-pool-")
    assert not _with(GPUS).all(":PlacementGroup")


def test_machines_of_pods_that_return_to_their_volumes_need_a_zone_and_no_closeness() -> None:
    result = _with(replace(GPUS, one_zone=True))
    assert len(_group(result)["subnetIds"]) == 1
    assert not result.all(":PlacementGroup")


def test_pods_cannot_reach_the_rights_of_their_node() -> None:
    metadata = _template(plain(), f"{NAME}-api")["metadataOptions"]
    assert metadata["httpTokens"] == "required"
    assert metadata["httpPutResponseHopLimit"] == 1


def test_a_node_may_join_and_pull_images_and_no_more() -> None:
    result = plain()
    attached = {
        each.inputs["policyArn"].rpartition("/")[2]
        for each in result.all(":RolePolicyAttachment")
        if each.name.startswith(f"{NAME}-node-")
    }
    assert attached == {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}
    for name in attached:
        assert f"RolePolicyAttachment {NAME}-node-{name}" in _made(result, f"{NAME}-api").depends_on


def test_disks_are_encrypted_and_as_large_as_asked_for() -> None:
    [disk] = _template(plain(), f"{NAME}-api")["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"
    assert (disk["ebs"]["volumeType"], disk["ebs"]["volumeSize"]) == ("gp3", 50)


@pytest.mark.parametrize(
    ("role", "group"), [("api", "server"), ("worker", "server"), ("llm", "model")]
)
def test_a_node_is_in_the_clusters_group_and_in_that_of_its_role(role: str, group: str) -> None:
    result = _with(replace(POOL, role=role))
    groups = result.result.network.security_groups
    assert _template(result)["vpcSecurityGroupIds"] == [
        f"sg-{result.value(cluster(result).name)}",
        result.value(groups[group]),
    ]


def test_disks_of_the_machine_hold_the_files_of_pods_where_that_is_asked_for() -> None:
    template = _template(_with(GPUS))
    assert _node_config(template) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"instance": {"localStorage": {"strategy": "RAID0"}}},
    }
    assert "userData" not in _template(plain(), f"{NAME}-api")


@pytest.mark.parametrize(
    ("pool", "room"), [(GPUS, "7450Gi"), (replace(GPUS, local_storage=False), "100Gi")]
)
def test_the_autoscaler_knows_the_room_on_a_node_that_is_not_there_yet(
    pool: NodePool, room: str
) -> None:
    tags = _group(_with(pool))["tags"]
    assert tags == {"k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage": room}


def test_nodes_wait_for_the_network_plug_in_and_not_for_the_controllers() -> None:
    waits = _made(_with(GPUS)).depends_on
    for addon in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent"):
        assert f"Addon {NAME}-{addon}" in waits
    assert not {each for each in waits if each.startswith("Release ") or "coredns" in each}


def test_nodes_follow_the_version_of_the_control_plane() -> None:
    assert _group(plain(), f"{NAME}-api")["version"] == "1.35"


def test_a_node_that_fails_is_replaced() -> None:
    assert _group(plain(), f"{NAME}-api")["nodeRepairConfig"] == {"enabled": True}
