"""Switches that save money, as they are built."""

from __future__ import annotations

import pytest

from components.aws import catalog
from components.aws.schedule_text import daily, time_of
from infra.stack import Deployment
from tests.components.aws.deployment import FARGATE, deployed
from tests.components.aws.mock_cloud import Run

ACTION = "appautoscaling/scheduledAction:ScheduledAction"
NIGHT = {"begins": "22:00", "ends": "06:30", "timezone": "Europe/Berlin"}


def _bounds(result: Run[Deployment], name: str) -> dict[str, tuple[int, int]]:
    action = result.one(ACTION, name).inputs
    bounds = action["scalableTargetAction"]
    return {action["schedule"]: (bounds["minCapacity"], bounds["maxCapacity"])}


def test_at_night_every_tier_keeps_to_its_floor_and_in_the_morning_gets_its_ceiling_back() -> None:
    result = deployed("medium", savings={"night": NIGHT})
    assert _bounds(result, "letta-test-api-night") == {"cron(0 22 * * ? *)": (2, 2)}
    assert _bounds(result, "letta-test-api-day") == {"cron(30 6 * * ? *)": (2, 10)}
    assert _bounds(result, "letta-test-work-night") == {"cron(0 22 * * ? *)": (1, 1)}
    assert _bounds(result, "letta-test-work-day") == {"cron(30 6 * * ? *)": (1, 2)}


def test_a_night_goes_by_the_clock_of_its_zone_and_waits_for_the_target() -> None:
    result = deployed("medium", savings={"night": NIGHT})
    target = result.one("appautoscaling/target:Target", "letta-test-api")
    for action in result.all(ACTION):
        assert action.inputs["timezone"] == "Europe/Berlin"
    night = result.one(ACTION, "letta-test-api-night")
    assert night.inputs["resourceId"] == target.inputs["resourceId"]
    assert "Target letta-test-api" in night.depends_on


def test_a_tier_that_does_not_scale_has_no_night() -> None:
    result = deployed("medium", savings={"night": NIGHT}, worker={"max_replicas": 1})
    names = {action.name for action in result.all(ACTION)}
    assert names == {"letta-test-api-night", "letta-test-api-day"}


def test_without_a_switch_nothing_of_it_is_built() -> None:
    result = deployed("medium")
    assert result.all(ACTION) == []
    assert len(result.all(":VpcEndpoint")) == 1
    assert all("runtimePlatform" not in task.inputs for task in result.all(":TaskDefinition"))


@pytest.mark.parametrize("time", ["00:00", "06:05", "23:59"])
def test_a_time_of_a_schedule_is_read_as_it_was_written(time: str) -> None:
    assert time_of(daily(time)) == time


@pytest.mark.parametrize("other", ["rate(1 day)", "cron(0 22 ? * MON-FRI *)", "cron(0 24 * * ? *)"])
def test_another_schedule_than_a_daily_one_is_not_taken_for_one(other: str) -> None:
    assert time_of(other) is None


def test_arm64_machines_run_tasks_that_are_made_for_them() -> None:
    result = deployed("medium", savings={"arm64": True})
    types = {t.name: t.inputs["instanceType"] for t in result.all(":LaunchTemplate")}
    assert types == {"letta-test-api": "m7g.large", "letta-test-work": "t4g.medium"}
    for template in result.all(":LaunchTemplate"):
        assert "/arm64/" in template.inputs["imageId"]
    platforms = {t.name: t.inputs.get("runtimePlatform") for t in result.all(":TaskDefinition")}
    arm64 = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert platforms == {
        "letta-test-api": arm64,
        "letta-test-work": arm64,
        # They run for minutes, on Fargate.
        "letta-test-boot": None,
        "letta-test-dump": None,
    }


def test_arm64_databases_are_of_an_arm64_class() -> None:
    result = deployed("medium", savings={"arm64": True})
    for database in result.all("rds/instance:Instance"):
        assert database.inputs["instanceClass"] == "db.r6g.large"


def test_arm64_without_machines_is_the_tasks_own() -> None:
    worker = {**FARGATE, "memory_gib": 4}
    result = deployed("medium", savings={"arm64": True}, api=FARGATE, worker=worker)
    task = result.one(":TaskDefinition", "letta-test-api")
    assert task.inputs["requiresCompatibilities"] == ["FARGATE"]
    assert task.inputs["runtimePlatform"]["cpuArchitecture"] == "ARM64"


def test_arm64_on_one_instance_takes_proxy_and_cache_along() -> None:
    result = deployed("small", savings={"arm64": True})
    assert result.one(":LaunchTemplate").inputs["instanceType"] == "t4g.medium"
    task = result.one(":TaskDefinition", "letta-test-api")
    assert task.inputs["runtimePlatform"]["cpuArchitecture"] == "ARM64"


def test_spot_workers_of_arm64_draw_from_arm64_machines_alone() -> None:
    result = deployed("medium", savings={"arm64": True, "spot_workers": True})
    group = result.one("autoscaling/group:Group", "letta-test-work").inputs
    overrides = group["mixedInstancesPolicy"]["launchTemplate"]["overrides"]
    names = [each["instanceType"] for each in overrides]
    assert names[0] == "t4g.medium"
    assert {catalog.instance_type(name).architecture for name in names} == {"arm64"}


def test_arm64_nodes_of_a_cluster_have_images_of_their_own_and_models_stay_as_they_are() -> None:
    control_plane = {"allowed_cidrs": ["203.0.113.0/24"]}
    ingress = {"domain": "letta.example.com", "hosted_zone": "example.com"}
    result = deployed(
        "large", savings={"arm64": True}, ingress={**ingress, "control_plane": control_plane}
    )
    groups = [group.inputs for group in result.all("eks/nodeGroup:NodeGroup")]
    assert {group["instanceTypes"][0]: group["amiType"] for group in groups} == {
        "m7g.2xlarge": "AL2023_ARM_64_STANDARD",
        "c7g.2xlarge": "AL2023_ARM_64_STANDARD",
        "g4dn.xlarge": "AL2023_x86_64_NVIDIA",
    }


def test_an_endpoint_for_logs_stands_in_every_zone_of_servers_and_lets_in_the_network() -> None:
    result = deployed("medium", savings={"logs_endpoint": True})
    [endpoint] = [e for e in result.all(":VpcEndpoint") if e.name == "letta-test-net-logs"]
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.logs"
    assert endpoint.inputs["vpcEndpointType"] == "Interface"
    assert endpoint.inputs["privateDnsEnabled"] is True
    private = [s.name for s in result.all(":Subnet") if "-private-" in s.name]
    assert len(endpoint.inputs["subnetIds"]) == len(private) == 2
    rule = result.one(":SecurityGroupIngressRule", "letta-test-net-logs-in").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_a_single_nat_gateway_serves_all_zones() -> None:
    result = deployed("medium", savings={"single_nat": True})
    assert len(result.all(":NatGateway")) == 1
