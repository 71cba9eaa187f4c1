"""Tiers: services, their autoscaling, and what they wait for."""

from __future__ import annotations

from typing import Any

import pytest

from components.letta.environment import WORKER_PATHS
from tests.components.aws.deployment import FARGATE, below, deployed

_TIERS = ["letta-test-api", "letta-test-work"]


@pytest.mark.parametrize("service", _TIERS)
def test_a_deployment_takes_no_copy_away_before_the_new_ones_are_well(service: str) -> None:
    inputs = deployed("medium").one(":Service", service).inputs
    assert inputs["deploymentMinimumHealthyPercent"] == 100
    assert inputs["deploymentMaximumPercent"] == 200
    assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert inputs["waitForSteadyState"] is True
    assert inputs["healthCheckGracePeriodSeconds"] == 300


@pytest.mark.parametrize(
    ("tier", "service"), [("small", "letta-test-api"), *(("medium", name) for name in _TIERS)]
)
def test_no_service_starts_before_the_bootstrap_has_ended(tier: str, service: str) -> None:
    waits = deployed(tier).one(":Service", service).depends_on
    assert "Invocation letta-test-boot" in waits
    assert f"ClusterCapacityProviders {service}" in waits


@pytest.mark.parametrize("service", _TIERS)
def test_a_service_registers_where_a_listener_sends_requests(service: str) -> None:
    waits = deployed("medium").one(":Service", service).depends_on
    expected = {
        "letta-test-api": {"Listener letta-test-in-https", "TargetGroup letta-test-in-api"},
        "letta-test-work": {"ListenerRule letta-test-work", "TargetGroup letta-test-work"},
    }
    assert expected[service] <= waits


def test_a_rotated_secret_starts_copies_anew_and_reaches_the_bootstrap() -> None:
    result = deployed("medium")
    for user, variable in (
        (result.one(":Service", "letta-test-api"), "LETTA_SERVER_PASSWORD"),
        (result.one(":Invocation"), "BOOTSTRAP_ADMIN_URI"),
        (result.one(":Invocation"), "LETTA_PG_URI"),
    ):
        assert variable in user.inputs["triggers"]
    service = result.one(":Service", "letta-test-api")
    assert service.inputs["forceNewDeployment"] is True
    assert "SecretVersion letta-test-secrets-server-password" in service.depends_on
    assert "SecretVersion letta-test-db-admin-uri" in result.one(":Invocation").depends_on


def test_the_autoscaler_keeps_the_count_that_it_has_chosen() -> None:
    service = deployed("medium").one(":Service", "letta-test-api")
    assert service.inputs["desiredCount"] == 3
    assert service.ignore_changes == ("desiredCount",)


def test_copies_scale_between_the_bounds_by_cpu_and_memory() -> None:
    values: dict[str, Any] = {
        "min_replicas": 3,
        "max_replicas": 7,
        "cpu_target_percent": 60,
        "memory_target_percent": 64,
        "scale_out_cooldown_seconds": 60,
        "scale_in_cooldown_seconds": 600,
    }
    result = deployed("medium", api=values)
    target = result.one("appautoscaling/target:Target", "letta-test-api").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (3, 7)
    service = result.one(":Service", "letta-test-api")
    assert target["resourceId"].startswith("service/letta-test-api-")
    for measure, metric, percent in (("cpu", "CPU", 60), ("memory", "Memory", 64)):
        policy = result.one("appautoscaling/policy:Policy", f"letta-test-api-{measure}")
        tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
        specification = tracking["predefinedMetricSpecification"]
        assert specification == {"predefinedMetricType": f"ECSServiceAverage{metric}Utilization"}
        assert tracking["targetValue"] == percent
        assert (tracking["scaleOutCooldown"], tracking["scaleInCooldown"]) == (60, 600)
        assert f"Target {service.name}" in policy.depends_on


def test_equal_bounds_need_no_autoscaler() -> None:
    values = {"replicas": 4, "min_replicas": 4, "max_replicas": 4}
    found = deployed("medium", api=values).all("appautoscaling/target:Target")
    assert [each.name for each in found] == ["letta-test-work"]


def test_copies_are_spread_over_zones_and_then_over_machines() -> None:
    inputs = deployed("medium").one(":Service", "letta-test-api").inputs
    assert [each["field"] for each in inputs["orderedPlacementStrategies"]] == [
        "attribute:ecs.availability-zone",
        "instanceId",
    ]
    assert inputs["availabilityZoneRebalancing"] == "ENABLED"
    assert inputs["networkConfiguration"]["assignPublicIp"] is False
    assert len(inputs["networkConfiguration"]["subnets"]) == 2


def test_on_fargate_there_are_no_machines_and_no_placement() -> None:
    result = deployed("medium", api=FARGATE, worker={**FARGATE, "memory_gib": 4})
    assert not result.all("autoscaling/group:Group")
    assert not result.all(":CapacityProvider")
    for name in _TIERS:
        inputs = result.one(":Service", name).inputs
        assert inputs["launchType"] == "FARGATE"
        assert not {"capacityProviderStrategies", "orderedPlacementStrategies"} & set(inputs)
        assert inputs["cluster"].startswith("letta-test-cluster-")
        assert "Invocation letta-test-boot" in result.one(":Service", name).depends_on


def test_the_paths_of_long_work_go_to_the_worker_tier_alone() -> None:
    result = deployed("medium")
    rule = result.one(":ListenerRule").inputs
    assert rule["conditions"] == [{"pathPattern": {"values": list(WORKER_PATHS)}}]
    worker = result.one(":Service", "letta-test-work").inputs["loadBalancers"]
    assert rule["actions"][0]["targetGroupArn"] == worker[0]["targetGroupArn"]
    api = result.one(":Service", "letta-test-api").inputs["loadBalancers"]
    default = result.one(":Listener", "letta-test-in-https").inputs["defaultActions"]
    assert default[0]["targetGroupArn"] == api[0]["targetGroupArn"]


def test_without_a_worker_tier_the_api_takes_all_paths() -> None:
    result = deployed("medium", worker={"enabled": False})
    assert not result.all(":ListenerRule")
    assert [each.name for each in result.all(":Service")] == ["letta-test-api"]


def test_the_one_instance_stops_its_task_before_it_starts_the_next() -> None:
    inputs = deployed("small").one(":Service").inputs
    assert inputs["deploymentMinimumHealthyPercent"] == 0
    assert inputs["deploymentMaximumPercent"] == 100
    assert inputs["desiredCount"] == 1
    assert "networkConfiguration" not in inputs
    assert "loadBalancers" not in inputs


@pytest.mark.parametrize(
    ("tier", "service"), [("small", "letta-test-api"), *(("medium", name) for name in _TIERS)]
)
def test_somebody_is_told_when_copies_are_missing_or_overloaded(tier: str, service: str) -> None:
    result = deployed(tier)
    alarms = {
        each.name: each.inputs for each in below(result, service) if ":MetricAlarm" in each.type
    }
    running = alarms[f"{service}-running"]
    assert running["treatMissingData"] == "breaching"
    name = result.one(":Service", service).name
    assert running["dimensions"]["ServiceName"].startswith(f"{name}-")
    assert running["dimensions"]["ClusterName"] == result.one(":Service", service).inputs["cluster"]
    assert {f"{service}-cpu", f"{service}-memory"} <= set(alarms)


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_every_resource_has_a_component_as_parent_and_its_name_first(tier: str) -> None:
    result = deployed(tier)
    components = {each.name for each in result.resources if each.type.startswith("letta:")}
    for resource in result.resources:
        if resource.type.startswith("letta:index:"):
            continue
        assert resource.parent in components, f"{resource.type} {resource.name}"
        assert resource.name.startswith("letta-test"), resource.name
