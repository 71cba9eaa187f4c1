"""Controllers: which there are, how they are set, and what little they may do on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.workloads.servers import GRACE_SECONDS
from tests.components.aws.eks.sites import (
    ALL_FEATURES,
    NAME,
    built,
    cluster,
    full,
    previewed,
    statements,
)
from tests.components.aws.mock_cloud import ACCOUNT, REGION, Registered

ALWAYS = {"cluster-autoscaler", "aws-load-balancer-controller", "external-secrets"}
EXISTING = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shared/openai"


def _release(name: str) -> Registered:
    return full().one("helm.sh/v3:Release", f"{NAME}-{name}")


def _values(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _release(name).inputs["values"]
    return found


def _installed(features: frozenset[Any]) -> set[str]:
    result = built(features=features)
    return {each.inputs["name"] for each in result.all("helm.sh/v3:Release")}


@pytest.mark.parametrize(
    ("features", "more"),
    [
        (frozenset(), set()),
        (frozenset({"gpu"}), {"nvidia-device-plugin"}),
        (frozenset({"queue_scaling"}), {"keda"}),
        (frozenset({"multi_node"}), {"lws"}),
        (ALL_FEATURES, {"nvidia-device-plugin", "keda", "lws"}),
    ],
)
def test_a_cluster_has_the_controllers_that_its_features_need(
    features: frozenset[Any], more: set[str]
) -> None:
    assert _installed(features) == ALWAYS | more


def test_every_controller_stands_twice_asks_for_what_it_uses_and_comes_before_workloads() -> None:
    parts = {
        "cluster-autoscaler": ((),),
        "aws-load-balancer-controller": ((),),
        "external-secrets": ((), ("webhook",), ("certController",)),
        "keda": (("operator",), ("metricsServer",), ("webhooks",)),
        "lws": ((),),
    }
    for name, paths in parts.items():
        values = _values(name)
        for path in paths:
            part = values[path[0]] if path else values
            assert part["replicaCount"] == 2, (name, path)
        assert values["priorityClassName"] == "system-cluster-critical", name
        assert values["nodeSelector"] == {"letta.cloud/pool": "api"}, name
        assert "requests" in json.dumps(values["resources"]), name


def test_controllers_wait_for_nodes_names_and_their_rights() -> None:
    for name in ALWAYS:
        waits = _release(name).depends_on
        assert {f"NodeGroup {NAME}-api", f"Addon {NAME}-coredns"} <= waits
        assert f"PodIdentityAssociation {NAME}-{name}" in waits


def test_everything_in_the_cluster_is_made_by_the_clusters_own_provider() -> None:
    inside = [each for each in full().resources if each.type.startswith("kubernetes:")]
    assert len(inside) > 15
    assert {each.provider for each in inside} == {NAME}


def test_rights_are_those_of_one_service_account() -> None:
    namespaces = {
        "cluster-autoscaler": "kube-system",
        "aws-load-balancer-controller": "kube-system",
        "external-secrets": "external-secrets",
    }
    for name, namespace in namespaces.items():
        values = _values(name)
        account = values.get("rbac", values)["serviceAccount"]["name"]
        association = full().one(":PodIdentityAssociation", f"{NAME}-{name}").inputs
        assert association["namespace"] == _release(name).inputs["namespace"] == namespace
        assert association["serviceAccount"] == account
        role = full().one("iam/role:Role", f"{NAME}-{name}")
        [trust] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
        tags = trust["Condition"]["StringEquals"]
        assert tags["aws:RequestTag/kubernetes-namespace"] == namespace
        assert tags["aws:RequestTag/kubernetes-service-account"] == association["serviceAccount"]


def test_the_autoscaler_moves_the_groups_of_its_own_cluster_alone() -> None:
    name = full().value(cluster(full()).name)
    _, move, look = statements(full(), f"{NAME}-cluster-autoscaler")
    assert move["Condition"] == {"StringEquals": {"autoscaling:ResourceTag/eks:cluster-name": name}}
    assert look["Resource"] == [f"arn:aws:eks:{REGION}:{ACCOUNT}:nodegroup/{name}/*"]
    assert _values("cluster-autoscaler")["autoDiscovery"] == {"clusterName": name}


def test_the_autoscaler_empties_nodes_and_leaves_pods_their_time_to_drain() -> None:
    arguments = _values("cluster-autoscaler")["extraArgs"]
    assert arguments["skip-nodes-with-local-storage"] is False
    assert arguments["max-graceful-termination-sec"] == GRACE_SECONDS


def test_the_load_balancer_controller_registers_pods_and_makes_nothing() -> None:
    look, register = statements(full(), f"{NAME}-aws-load-balancer-controller")
    assert all(action.split(":")[1].startswith("Describe") for action in look["Action"])
    assert set(register["Action"]) == {
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:RegisterTargets",
    }
    assert register["Condition"] == {
        "StringEquals": {"aws:ResourceTag/letta:site": full().value(cluster(full()).name)}
    }
    values = _values("aws-load-balancer-controller")
    assert values["createIngressClassResource"] is False
    assert not any(values["controllerConfig"]["featureGates"].values())


def test_the_controller_is_told_what_it_cannot_ask_its_node() -> None:
    values = _values("aws-load-balancer-controller")
    assert values["region"] == REGION
    assert values["vpcId"] == full().value(full().result.network.vpc_id)


def test_secrets_are_fetched_for_the_workloads_namespace_alone() -> None:
    values = _values("external-secrets")
    assert (values["scopedNamespace"], values["scopedRBAC"]) == ("letta", True)
    assert f"Namespace {NAME}" in _release("external-secrets").depends_on


def test_secrets_of_the_stack_and_those_that_are_named_are_read_and_no_others() -> None:
    result = built(existing_secrets={"OPENAI_API_KEY": f"{EXISTING}:key::"})
    read, parameters, decrypt = statements(result, f"{NAME}-external-secrets")
    assert read["Resource"] == [
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:letta-test-*",
        f"{EXISTING}-??????",
    ]
    assert parameters["Resource"] == [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/letta-test-*"]
    alias = result.value(result.result.secrets.key_alias)
    assert decrypt["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
        "StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"},
    }


def test_the_device_plugin_reaches_every_gpu_node() -> None:
    tolerated = {each["key"] for each in _values("nvidia-device-plugin")["tolerations"]}
    assert {"nvidia.com/gpu", "letta.cloud/pool"} <= tolerated


def test_what_a_policy_reads_of_releases_is_known_at_preview() -> None:
    for each in previewed().all("helm.sh/v3:Release"):
        unknown = {key for key, value in each.inputs["values"].items() if value == "<unknown>"}
        assert unknown <= {"vpcId"}, each.name
