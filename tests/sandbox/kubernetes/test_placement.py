"""Pods that find no node: taints, labels, room, GPUs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox import admin
from sandbox.values import Value
from tests.sandbox.engine import Refused
from tests.sandbox.kubernetes.estate import GOOD, Estate, put_nodes

GPU_TAINTS = [
    {"key": "letta.cloud/pool", "value": "llm", "effect": "NO_SCHEDULE"},
    {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"},
]
TOLERATIONS = [
    {"key": "letta.cloud/pool", "value": "llm", "effect": "NoSchedule"},
    {"key": "nvidia.com/gpu", "operator": "Exists"},
]
ALL_TAINTS = {"tolerations": [{"operator": "Exists"}]}


def deployment(*, replicas: int = 1, limits: Value = None, **spec: Value) -> dict[str, Any]:
    """A Deployment that names nothing but nodes."""
    container = {"name": "main", "image": "x:1", "resources": {"limits": limits or {}}}
    labels = {"app": "main"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container], **spec},
            },
        },
    }


def gpu_pool(state: Path, instance_type: str = "g5.xlarge", **more: Value) -> None:
    """A pool of GPU nodes with the taints of the project."""
    put_nodes(
        state,
        "llm",
        instance_type,
        **{"amiType": "AL2023_x86_64_NVIDIA", "taints": GPU_TAINTS, **more},
    )


def plugin(estate: Estate, **values: Value) -> None:
    """The device plugin, installed."""
    inputs = {**GOOD["nvidia-device-plugin"].inputs, "values": values}
    estate.create("helm.sh/v3:Release", inputs)


def said(estate: Estate, inputs: dict[str, Any]) -> str:
    """What the scheduler says."""
    return estate.said("apps/v1:Deployment", inputs)


def test_a_pod_that_no_node_is_large_enough_for_is_not_placed(estate: Estate) -> None:
    words = said(estate, deployment(limits={"cpu": "8", "memory": "1Gi"}))
    assert "0/3 nodes are available: 3 Insufficient cpu" in words
    assert "Insufficient memory" in said(estate, deployment(limits={"memory": "16Gi"}))


def test_what_the_kubelet_keeps_is_not_for_pods(estate: Estate) -> None:
    assert "Insufficient cpu" in said(estate, deployment(limits={"cpu": "4"}))
    assert said(estate, deployment(limits={"cpu": "3900m"})) == ""


def test_pods_that_no_nodes_are_left_for_are_not_placed(estate: Estate) -> None:
    assert said(estate, deployment(replicas=3, limits={"cpu": "3"})) == ""
    assert "3/4 pods fit" in said(estate, deployment(replicas=4, limits={"cpu": "3"}))


def test_all_workloads_of_a_pool_share_its_nodes(estate: Estate) -> None:
    assert said(estate, deployment(replicas=3, limits={"cpu": "3"})) == ""
    words = said(estate, deployment(replicas=3, limits={"cpu": "2"}))
    assert "Insufficient cpu: all pods that run on api ask for 15" in words


def test_pods_that_end_leave_their_room_to_others(estate: Estate) -> None:
    template = deployment(limits={"cpu": "3"}, restartPolicy="Never")["spec"]["template"]
    metadata = {"namespace": "default", "name": "once"}
    job = {"metadata": metadata, "spec": {"parallelism": 3, "template": template}}
    assert estate.said("batch/v1:Job", job) == ""
    assert said(estate, deployment(replicas=3, limits={"cpu": "3"})) == ""


def test_pods_that_keep_apart_need_a_node_each(estate: Estate) -> None:
    term = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": "main"}},
    }
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    assert said(estate, deployment(replicas=3, affinity=apart)) == ""
    assert "3/4 pods fit" in said(estate, deployment(replicas=4, affinity=apart))


def test_a_label_that_no_node_has_is_not_found(estate: Estate) -> None:
    selector = {"letta.cloud/pool": "worker"}
    words = said(estate, deployment(nodeSelector=selector))
    assert "3 node(s) didn't match Pod's node affinity/selector" in words
    term: dict[str, Any] = {
        "matchExpressions": [{"key": "letta.cloud/pool", "operator": "In", "values": ["api"]}]
    }
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    assert said(estate, deployment(affinity={"nodeAffinity": required})) == ""
    term["matchExpressions"][0]["values"] = ["worker"]
    words = said(estate, deployment(affinity={"nodeAffinity": required}))
    assert "didn't match Pod's node affinity/selector" in words


def test_a_taint_keeps_pods_away_that_do_not_tolerate_it(estate: Estate, state: Path) -> None:
    gpu_pool(state)
    on_gpu_nodes = {"letta.cloud/pool": "llm"}
    words = said(estate, deployment(nodeSelector=on_gpu_nodes))
    assert "3 node(s) had untolerated taint {letta.cloud/pool: llm}" in words
    assert said(estate, deployment(nodeSelector=on_gpu_nodes, tolerations=TOLERATIONS)) == ""
    other = [{"key": "letta.cloud/pool", "value": "worker"}, TOLERATIONS[1]]
    assert "untolerated" in said(estate, deployment(nodeSelector=on_gpu_nodes, tolerations=other))


def test_a_gpu_is_there_only_with_image_and_plugin(estate: Estate, state: Path) -> None:
    gpu_pool(state)
    wanted = deployment(limits={"nvidia.com/gpu": 1}, tolerations=TOLERATIONS)
    assert "Insufficient nvidia.com/gpu" in said(estate, wanted)
    plugin(estate, tolerations=[TOLERATIONS[1]])
    assert "Insufficient nvidia.com/gpu" in said(estate, wanted)


def test_a_plugin_that_bears_the_taints_offers_the_gpus(estate: Estate, state: Path) -> None:
    gpu_pool(state)
    plugin(estate, **ALL_TAINTS)
    assert said(estate, deployment(limits={"nvidia.com/gpu": 1}, tolerations=TOLERATIONS)) == ""
    many = deployment(limits={"nvidia.com/gpu": 2}, tolerations=TOLERATIONS)
    assert "Insufficient nvidia.com/gpu" in said(estate, many)


def test_a_standard_image_has_no_driver(estate: Estate, state: Path) -> None:
    gpu_pool(state, amiType="AL2023_x86_64_STANDARD")
    plugin(estate, **ALL_TAINTS)
    wanted = deployment(limits={"nvidia.com/gpu": 1}, tolerations=TOLERATIONS)
    assert "Insufficient nvidia.com/gpu" in said(estate, wanted)


def test_the_pods_exist_although_they_are_not_placed(estate: Estate) -> None:
    with pytest.raises(Refused) as refused:
        estate.create("apps/v1:Deployment", deployment(limits={"cpu": "8"}))
    assert refused.value.partly is not None
    assert refused.value.partly.id.startswith("default/deployment-")


def test_whoever_does_not_wait_is_not_told(estate: Estate) -> None:
    inputs = deployment(limits={"cpu": "8"})
    inputs["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    assert said(estate, inputs) == ""


def test_the_workers_of_a_group_count_as_pods(estate: Estate, state: Path) -> None:
    gpu_pool(state)
    plugin(estate, **ALL_TAINTS)
    estate.make("lws")
    spec = deployment(limits={"nvidia.com/gpu": 1}, tolerations=TOLERATIONS)["spec"]["template"]
    group: dict[str, Any] = {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"namespace": "default"},
        "spec": {"replicas": 1, "leaderWorkerTemplate": {"size": 3, "workerTemplate": spec}},
    }
    token = "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet"
    assert estate.said(token, group) == ""
    group["spec"]["leaderWorkerTemplate"]["size"] = 5
    assert "3/4 pods fit" in estate.said(token, group)


def test_a_chart_needs_a_node_without_a_taint(estate: Estate, state: Path) -> None:
    admin.remove(state, "large:api")
    gpu_pool(state)
    assert "tolerate the taints of no node group" in estate.said(
        "helm.sh/v3:Release", GOOD["keda"].inputs
    )
