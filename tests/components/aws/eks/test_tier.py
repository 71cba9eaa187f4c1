"""Tiers and bootstrap on EKS: pods behind the stack's own load balancer, nodes, alarms."""

from __future__ import annotations

from typing import Any

import pytest

from components.letta.environment import DRAIN_SECONDS, STOP_TIMEOUT_SECONDS, WORKER_PATHS
from infra.stack import Deployment
from tests.components.aws.deployment import below, deployed
from tests.components.aws.mock_cloud import UNKNOWN, Registered, Run
from tests.components.workloads import strict
from tests.components.workloads.standin import nested

_TIERS = ["letta-test-api", "letta-test-work"]
_INGRESS: dict[str, Any] = {
    "domain": "letta.example.com",
    "hosted_zone": "example.com",
    "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]},
}


def _large(*, preview: bool = False, **values: Any) -> Run[Deployment]:  # noqa: ANN401
    """A large deployment whose models are others' services."""
    apart: dict[str, Any] = {"ingress": _INGRESS, "embedding": {"hosting": "api"}}
    return deployed("large", preview=preview, **{**apart, **values})


def _pod(result: Run[Deployment], tier: str) -> dict[str, Any]:
    spec: dict[str, Any] = result.one(":Deployment", tier).inputs["spec"]["template"]["spec"]
    return spec


def _binding(tier: str) -> Registered:
    return _large().one(":TargetGroupBinding", tier)


@pytest.mark.parametrize("preview", [False, True])
def test_every_object_holds_against_the_schemas_and_goes_through_the_clusters_provider(
    preview: bool,
) -> None:
    resources = _large(preview=preview).resources
    assert len(strict.objects(resources)) > 20
    assert strict.problems(resources) == []
    assert {each.provider for each in strict.objects(resources)} == {"letta-test-k8s"}


@pytest.mark.parametrize("tier", _TIERS)
def test_rules_read_a_tier_before_its_cluster_exists(tier: str) -> None:
    result = _large(preview=True)
    for kind in (":HorizontalPodAutoscaler", ":PodDisruptionBudget", ":Service"):
        assert UNKNOWN not in list(nested(result.one(kind, tier).inputs))
    pod = _pod(result, tier)
    (container,) = pod.pop("containers")
    assert UNKNOWN not in list(nested(pod))
    for entry in container.pop("env"):
        reference = entry.get("valueFrom", {}).get("secretKeyRef", {})
        assert {key for key in reference if reference[key] == UNKNOWN} <= {"name"}
    assert UNKNOWN not in list(nested(container))


@pytest.mark.parametrize("tier", _TIERS)
def test_pods_register_where_the_stacks_own_load_balancer_sends_requests(tier: str) -> None:
    spec = _binding(tier).inputs["spec"]
    service = _large().one("core/v1:Service", tier).inputs
    assert spec["serviceRef"]["name"] == service["metadata"]["name"]
    assert spec["serviceRef"]["port"] == service["spec"]["ports"][0]["port"] == 8283
    assert spec["targetType"] == "ip"
    # Whoever may talk to pods is the stack's decision.
    assert "networking" not in spec
    assert not _large().all(":Ingress")


def test_the_paths_of_long_work_go_to_the_worker_tier_alone() -> None:
    result = _large()
    rule = result.one(":ListenerRule").inputs
    assert rule["conditions"] == [{"pathPattern": {"values": list(WORKER_PATHS)}}]
    worker = _binding("letta-test-work").inputs["spec"]["targetGroupARN"]
    assert rule["actions"][0]["targetGroupArn"] == worker
    default = result.one(":Listener", "letta-test-in-https").inputs["defaultActions"]
    assert (
        default[0]["targetGroupArn"] == _binding("letta-test-api").inputs["spec"]["targetGroupARN"]
    )


@pytest.mark.parametrize(
    ("tier", "route"),
    [
        ("letta-test-api", "Listener letta-test-in-https"),
        ("letta-test-work", "ListenerRule letta-test-work"),
    ],
)
def test_a_pod_is_ready_once_the_load_balancer_finds_it_well(tier: str, route: str) -> None:
    """The controller adds that condition to pods whose binding is there before them, and the
    load balancer checks only groups that a listener uses."""
    result = _large()
    assert f"TargetGroupBinding {tier}" in result.one(":Deployment", tier).depends_on
    assert {route, f"Service {tier}"} <= _binding(tier).depends_on
    labels = result.one(":Namespace", "letta-test-k8s").inputs["metadata"]["labels"]
    assert labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"


@pytest.mark.parametrize("tier", _TIERS)
def test_copies_outside_the_cluster_serve_until_its_pods_do(tier: str) -> None:
    """A stack that grows keeps its target groups, and the copies that are in them."""
    assert _binding(tier).inputs["spec"]["multiClusterTargetGroup"] is True


def test_another_target_group_means_another_binding() -> None:
    binding = _binding("letta-test-api")
    assert binding.replace_on_changes == ("spec.targetGroupARN",)
    assert binding.delete_before_replace


def test_the_load_balancer_waits_as_long_as_pods_drain() -> None:
    """On Kubernetes both begin at once; on ECS the one follows the other."""
    delays = {each.inputs["deregistrationDelay"] for each in _large().all(":TargetGroup")}
    assert delays == {DRAIN_SECONDS}
    for tier in _TIERS:
        assert _pod(_large(), tier)["terminationGracePeriodSeconds"] >= DRAIN_SECONDS
    delays = {each.inputs["deregistrationDelay"] for each in deployed("medium").all(":TargetGroup")}
    assert delays == {STOP_TIMEOUT_SECONDS}


@pytest.mark.parametrize("tier", _TIERS)
def test_no_server_starts_before_the_bootstrap_has_ended(tier: str) -> None:
    assert "Job letta-test-boot" in _large().one(":Deployment", tier).depends_on


def test_the_bootstrap_runs_on_the_nodes_that_are_there_first() -> None:
    job = _large().one(":Job")
    pod = job.inputs["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"letta.cloud/pool": "api"}
    assert pod["tolerations"] == []
    external = _large().one(":ExternalSecret", "letta-test-boot")
    assert "SecretVersion letta-test-db-admin-uri" in external.depends_on
    assert "NodeGroup letta-test-k8s-api" in external.depends_on


def test_no_server_reads_the_administrators_uri() -> None:
    result = _large()
    for tier in _TIERS:
        data = result.one(":ExternalSecret", tier).inputs["spec"]["data"]
        keys = {each["secretKey"] for each in data}
        assert "BOOTSTRAP_ADMIN_URI" not in keys
        assert {"LETTA_PG_URI", "LETTA_SERVER_PASSWORD", "LETTA_ENCRYPTION_KEY"} <= keys


def test_the_worker_has_nodes_of_its_own_and_the_api_those_of_the_cluster() -> None:
    result = _large()
    groups = {each.name for each in result.all("eks/nodeGroup:NodeGroup")}
    assert groups == {"letta-test-k8s-api", "letta-test-work"}
    assert "NodeGroup letta-test-work" in result.one(":Deployment", "letta-test-work").depends_on
    assert "NodeGroup letta-test-work" not in result.one(":Deployment", "letta-test-api").depends_on
    assert _pod(result, "letta-test-work")["nodeSelector"] == {"letta.cloud/pool": "worker"}
    taints = result.one("eks/nodeGroup:NodeGroup", "letta-test-work").inputs["taints"]
    tolerated = {
        (each["key"], each["value"]) for each in _pod(result, "letta-test-work")["tolerations"]
    }
    assert {(each["key"], each["value"]) for each in taints} == tolerated


def test_a_worker_of_spare_capacity_runs_on_spot_nodes_and_the_api_never() -> None:
    result = _large(worker={"capacity": "spot"})
    kinds = {
        each.name: each.inputs["capacityType"] for each in result.all("eks/nodeGroup:NodeGroup")
    }
    assert kinds == {"letta-test-k8s-api": "ON_DEMAND", "letta-test-work": "SPOT"}


def test_without_a_worker_tier_the_api_takes_all_paths() -> None:
    result = _large(worker={"enabled": False})
    assert [each.name for each in result.all("apps/v1:Deployment")] == ["letta-test-api"]
    assert not result.all(":ListenerRule")
    assert len(result.all(":TargetGroupBinding")) == 1


@pytest.mark.parametrize("tier", _TIERS)
def test_somebody_is_told_when_pods_are_missing_overloaded_or_end_again_and_again(
    tier: str,
) -> None:
    result = _large()
    alarms = {each.name: each.inputs for each in below(result, tier) if ":MetricAlarm" in each.type}
    assert set(alarms) == {f"{tier}-{name}" for name in ("cpu", "memory", "running", "restarts")}
    running = alarms[f"{tier}-running"]
    assert running["treatMissingData"] == "breaching"
    assert running["threshold"] == 2
    assert running["dimensions"]["Service"] == tier
    assert alarms[f"{tier}-restarts"]["dimensions"]["PodName"] == tier
    for alarm in alarms.values():
        assert alarm["namespace"] == "ContainerInsights"
        assert alarm["dimensions"]["Namespace"] == "letta"
        assert alarm["dimensions"]["ClusterName"]
        assert alarm["alarmActions"]
