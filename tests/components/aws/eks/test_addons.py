"""Add-ons: which there are, in what order, with which rights and logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.aws.eks.sites import NAME, cluster, full, plain, previewed, statements
from tests.components.aws.mock_cloud import ACCOUNT, REGION, UNKNOWN, Registered

BEFORE_NODES = ("eks-pod-identity-agent", "kube-proxy", "vpc-cni")
AFTER_NODES = (
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "coredns",
    "metrics-server",
)


def _addon(name: str) -> Registered:
    return plain().one("eks/addon:Addon", f"{NAME}-{name}")


def _configuration(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_addon(name).inputs["configurationValues"])
    return found


def test_a_cluster_has_these_add_ons() -> None:
    names = {each.inputs["addonName"] for each in plain().all("eks/addon:Addon")}
    assert names == {*BEFORE_NODES, *AFTER_NODES}


@pytest.mark.parametrize("name", BEFORE_NODES)
def test_what_makes_a_node_ready_is_there_before_it_and_goes_after_it(name: str) -> None:
    assert f"Addon {NAME}-{name}" in plain().one("eks/nodeGroup:NodeGroup").depends_on
    assert f"NodeGroup {NAME}-api" not in _addon(name).depends_on


@pytest.mark.parametrize("name", AFTER_NODES)
def test_what_runs_as_pods_waits_for_nodes(name: str) -> None:
    assert f"NodeGroup {NAME}-api" in _addon(name).depends_on


def test_network_policies_are_enforced() -> None:
    configuration = _configuration("vpc-cni")
    assert configuration["enableNetworkPolicy"] == "true"
    assert configuration["env"]["ENABLE_PREFIX_DELEGATION"] == "true"


def test_nobody_puts_tracing_into_the_servers_containers() -> None:
    configuration = _configuration("amazon-cloudwatch-observability")
    assert configuration["manager"] == {
        "applicationSignals": {"autoMonitor": {"monitorAllServices": False}}
    }
    assert configuration["agent"]["config"] == {
        "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}
    }


@pytest.mark.parametrize(
    ("name", "namespace", "account", "policy"),
    [
        ("vpc-cni", "kube-system", "aws-node", "AmazonEKS_CNI_Policy"),
        (
            "aws-ebs-csi-driver",
            "kube-system",
            "ebs-csi-controller-sa",
            "service-role/AmazonEBSCSIDriverPolicy",
        ),
        (
            "amazon-cloudwatch-observability",
            "amazon-cloudwatch",
            "cloudwatch-agent",
            "CloudWatchAgentServerPolicy",
        ),
    ],
)
def test_an_add_on_has_the_rights_of_its_own_service_account(
    name: str, namespace: str, account: str, policy: str
) -> None:
    [association] = _addon(name).inputs["podIdentityAssociations"]
    assert association["serviceAccount"] == account
    role = plain().one("iam/role:Role", f"{NAME}-{name}")
    [trust] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": account,
    }
    attached = {
        each.inputs["policyArn"]
        for each in plain().all(":RolePolicyAttachment")
        if each.name.startswith(f"{NAME}-{name}-")
    }
    assert attached == {f"arn:aws:iam::aws:policy/{policy}"}
    assert any(
        each.startswith(f"RolePolicyAttachment {NAME}-{name}-") for each in _addon(name).depends_on
    )


def test_others_have_no_rights_on_aws() -> None:
    for name in ("coredns", "kube-proxy", "metrics-server", "eks-pod-identity-agent"):
        assert "podIdentityAssociations" not in _addon(name).inputs


def test_volumes_are_encrypted_with_the_stacks_key_through_ec2_alone() -> None:
    result = plain()
    alias = result.value(result.result.secrets.key_alias)
    use, grant = statements(result, f"{NAME}-aws-ebs-csi-driver")
    for statement in (use, grant):
        condition = statement["Condition"]
        assert condition["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": alias}
        assert condition["StringEquals"] == {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}
    assert grant["Action"] == ["kms:CreateGrant"]
    assert grant["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_containers_log_to_groups_with_key_and_retention_that_are_there_first() -> None:
    result = plain()
    name = result.value(cluster(result).name)
    groups = {each.inputs["name"]: each for each in result.all(":LogGroup")}
    insights = {
        f"/aws/containerinsights/{name}/{kind}"
        for kind in ("application", "dataplane", "host", "performance")
    }
    assert set(groups) == {*insights, f"/aws/eks/{name}/cluster"}
    for each in insights:
        assert groups[each].inputs["kmsKeyId"] == result.value(result.result.secrets.key_arn)
        assert groups[each].inputs["retentionInDays"] == 30
        label = f"LogGroup {groups[each].name}"
        assert label in _addon("amazon-cloudwatch-observability").depends_on


def test_a_server_without_redis_is_noticed_in_the_log_of_all_containers() -> None:
    result = plain()
    watched = result.one(":LogMetricFilter").inputs
    name = result.value(cluster(result).name)
    assert watched["logGroupName"] == f"/aws/containerinsights/{name}/application"
    assert watched["pattern"] == '"Failed to initialize Redis"'
    alarm = result.one(":MetricAlarm", f"{NAME}-application-redis").inputs
    assert alarm["namespace"] == watched["metricTransformation"]["namespace"]
    assert alarm["alarmActions"] == [result.value(result.result.alerts.topic_arn)]


def test_eks_chooses_the_versions_and_takes_over_what_is_there() -> None:
    for each in full().all("eks/addon:Addon"):
        assert "addonVersion" not in each.inputs
        assert each.inputs["resolveConflictsOnCreate"] == "OVERWRITE"


def test_settings_of_add_ons_are_known_at_preview() -> None:
    for each in previewed().all("eks/addon:Addon"):
        assert each.inputs["clusterName"] != UNKNOWN
        assert each.inputs.get("configurationValues", "{}") != UNKNOWN
