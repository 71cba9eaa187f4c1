"""The cluster as a whole: its connection, its order up and down, its network, its alarms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.aws.eks.sites import NAME, cluster, full, plain, previewed
from tests.components.aws.mock_cloud import REGION, Run
from tests.components.workloads.strict import problems


def _connection(result: Run[Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        result.one("pulumi:providers:kubernetes").inputs["kubeconfig"]
    )
    return found


def test_the_connection_holds_no_secret_and_asks_for_a_token_each_time() -> None:
    connection = _connection(plain())
    [user] = connection["users"]
    assert list(user["user"]) == ["exec"]
    command = [user["user"]["exec"]["command"], *user["user"]["exec"]["args"]]
    name = plain().value(cluster(plain()).name)
    assert command[:3] == ["aws", "eks", "get-token"]
    assert command[command.index("--cluster-name") + 1] == name
    assert command[command.index("--region") + 1] == REGION
    [server] = connection["clusters"]
    assert server["cluster"]["server"].startswith("https://")
    assert server["cluster"]["certificate-authority-data"]


def test_objects_are_bound_to_the_cluster_and_not_to_its_address() -> None:
    for result in (plain(), previewed()):
        provider = result.one("pulumi:providers:kubernetes").inputs
        assert provider["clusterIdentifier"] == result.value(cluster(result).name)


def test_nobody_connects_before_having_the_right_to() -> None:
    waits = plain().one("pulumi:providers:kubernetes").depends_on
    assert f"AccessPolicyAssociation {NAME}-creator" in waits


def test_workloads_outlive_nothing_that_clears_up_after_them() -> None:
    result = full()
    ready = {each._name for each in cluster(result).workloads.ready}
    for needed in (
        *("api", "coredns", "aws-ebs-csi-driver", "cluster-autoscaler"),
        *("aws-load-balancer-controller", "external-secrets", "keda", "lws"),
        *("nvidia-device-plugin", "secrets-manager", "parameter-store", "fast-ssd"),
        *("default-deny", "dns"),
    ):
        assert f"{NAME}-{needed}" in ready
    assert NAME in ready


def test_nodes_go_before_the_network_plug_in_and_that_before_the_control_plane() -> None:
    result = plain()
    assert f"Addon {NAME}-vpc-cni" in result.one("eks/nodeGroup:NodeGroup").depends_on
    assert f"Cluster {NAME}" in result.one("eks/addon:Addon", f"{NAME}-vpc-cni").depends_on
    subnet = "RouteTableAssociation letta-test-net-private-1"
    assert subnet in result.one("eks/cluster:Cluster").depends_on


def test_every_object_in_the_cluster_is_one_that_kubernetes_knows() -> None:
    assert problems(full().resources) == []


def test_the_workloads_namespace_makes_pods_wait_for_the_load_balancer() -> None:
    labels = plain().one("core/v1:Namespace", NAME).inputs["metadata"]["labels"]
    assert labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("namespace", ["external-secrets", "keda", "lws"])
def test_controllers_have_no_more_rights_on_their_nodes_than_workloads(namespace: str) -> None:
    labels = full().one("core/v1:Namespace", f"{NAME}-{namespace}").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize(
    ("name", "volume"),
    [
        ("fast-ssd", {"type": "gp3"}),
        ("extreme-iops", {"type": "io2", "iopsPerGB": "50"}),
        ("standard", {"type": "gp2"}),
        ("local-ephemeral", {"type": "gp3"}),
    ],
)
def test_volumes_are_of_the_kind_that_their_data_needs_and_encrypted_with_the_stacks_key(
    name: str, volume: dict[str, str]
) -> None:
    result = previewed()
    made = result.one(":StorageClass", f"{NAME}-{name}").inputs
    assert made["provisioner"] == "ebs.csi.aws.com"
    assert volume.items() <= made["parameters"].items()
    assert made["parameters"]["encrypted"] == "true"
    alias = result.value(result.result.secrets.key_alias)
    assert made["parameters"]["kmsKeyId"].endswith(f":{alias}")


def test_workloads_are_told_who_calls_them_and_where_their_stores_are() -> None:
    result = plain()
    workloads = cluster(result).workloads
    by_kind = {
        kind: tuple(
            each.inputs["cidrBlock"] for each in result.all(":Subnet") if f"-{kind}-" in each.name
        )
        for kind in ("public", "database")
    }
    assert workloads.callers == by_kind["public"]
    assert workloads.stores == by_kind["database"]
    assert workloads.private[0] == "10.0.0.0/16"


def test_a_node_in_a_bad_condition_and_full_nodes_are_told_of() -> None:
    result = plain()
    name = result.value(cluster(result).name)
    for alarm, metric in (
        ("failed-nodes", "cluster_failed_node_count"),
        ("node-cpu", "node_cpu_utilization"),
        ("node-memory", "node_memory_utilization"),
        ("node-filesystem", "node_filesystem_utilization"),
    ):
        made = result.one(":MetricAlarm", f"{NAME}-{alarm}").inputs
        assert (made["namespace"], made["metricName"]) == ("ContainerInsights", metric)
        assert made["dimensions"] == {"ClusterName": name}
        assert made["alarmActions"] == [result.value(result.result.alerts.topic_arn)]


def test_a_site_has_one_kind_of_cluster() -> None:
    site = plain().result
    assert not plain().all("ecs/cluster:Cluster")
    with pytest.raises(ValueError, match="run on Kubernetes"):
        _ = site.cluster
    assert plain().value(site.tag) == plain().value(cluster(plain()).name)


def test_logs_of_the_container_service_are_not_made() -> None:
    assert not plain().result.logs.group_names
