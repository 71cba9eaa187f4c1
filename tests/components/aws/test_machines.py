"""Machines: what an instance is, may do, and does when it starts."""

from __future__ import annotations

import base64
import subprocess

import pytest

from components.aws import catalog
from components.aws.capacity import IMAGES
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import UNKNOWN

_GROUPS = [("small", "letta-test-api"), ("medium", "letta-test-api"), ("medium", "letta-test-work")]


def _user_data(tier: str, name: str, *, preview: bool = False) -> str:
    template = deployed(tier, preview=preview).one(":LaunchTemplate", name).inputs
    return base64.b64decode(template["userData"]).decode()


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_containers_cannot_reach_the_machines_rights(tier: str, name: str) -> None:
    template = deployed(tier).one(":LaunchTemplate", name).inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in _user_data(tier, name)


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_disks_are_encrypted_and_as_large_as_asked(tier: str, name: str) -> None:
    template = deployed(tier).one(":LaunchTemplate", name).inputs
    [device] = template["blockDeviceMappings"]
    assert device["ebs"]["encrypted"] == "true"
    assert device["ebs"]["volumeType"] == "gp3"
    assert device["ebs"]["volumeSize"] == {"small": 30, "medium": 200}[tier]


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_a_machine_joins_its_tiers_cluster(tier: str, name: str) -> None:
    cluster = deployed(tier).one(":Service", name).inputs["cluster"]
    assert f"ECS_CLUSTER={cluster}\n" in _user_data(tier, name)


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_a_machine_writes_no_logs_for_its_tasks(tier: str, name: str) -> None:
    """The driver uses the task's rights; the machine's role has none on logs."""
    assert "ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true" in _user_data(tier, name)
    assert "logs:" not in deployed(tier).one(":RolePolicy", f"{name}-machine").inputs["policy"]


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_what_a_machine_starts_with_is_known_in_the_first_preview(tier: str, name: str) -> None:
    template = deployed(tier, preview=True).one(":LaunchTemplate", name).inputs
    assert template["userData"] != UNKNOWN
    assert UNKNOWN not in str(template["instanceType"])


@pytest.mark.parametrize(
    ("instance_type", "architecture"), [("m5.xlarge", "x86_64"), ("m6g.xlarge", "arm64")]
)
def test_the_image_is_for_the_machines_processor(instance_type: str, architecture: str) -> None:
    assert catalog.instance_type(instance_type).architecture == architecture
    template = deployed("medium", api={"instance_type": instance_type}).one(
        ":LaunchTemplate", "letta-test-api"
    )
    assert template.inputs["imageId"] == f"resolve:ssm:{IMAGES[architecture]}"


def test_machines_come_and_go_with_the_copies() -> None:
    result = deployed("medium", api={"replicas": 4, "min_replicas": 3, "max_replicas": 6})
    group = result.one("autoscaling/group:Group", "letta-test-api")
    sizes = {key: group.inputs[key] for key in ("minSize", "desiredCapacity", "maxSize")}
    assert sizes == {"minSize": 3, "desiredCapacity": 4, "maxSize": 6}
    assert group.ignore_changes == ("desiredCapacity",)
    provider = result.one(":CapacityProvider", "letta-test-api").inputs["autoScalingGroupProvider"]
    assert provider["managedScaling"]["status"] == "ENABLED"
    assert provider["managedTerminationProtection"] == "ENABLED"
    assert group.inputs["protectFromScaleIn"] is True
    assert provider["managedDraining"] == "ENABLED"


def test_the_one_instance_is_replaced_in_place() -> None:
    result = deployed("small")
    group = result.one("autoscaling/group:Group").inputs
    assert group["minSize"] == group["maxSize"] == group["desiredCapacity"] == 1
    assert group["protectFromScaleIn"] is False
    assert group["instanceRefresh"]["preferences"]["minHealthyPercentage"] == 0
    provider = result.one(":CapacityProvider").inputs["autoScalingGroupProvider"]
    assert provider["managedScaling"]["status"] == "DISABLED"
    assert provider["managedTerminationProtection"] == "DISABLED"


def test_a_new_template_replaces_machines_without_a_gap() -> None:
    group = deployed("medium").one("autoscaling/group:Group", "letta-test-api")
    assert group.inputs["instanceRefresh"]["preferences"]["minHealthyPercentage"] == 100
    assert "LaunchTemplate letta-test-api" in group.depends_on
    assert group.inputs["launchTemplate"]["version"] == "1"


def test_the_one_instance_takes_the_stacks_address_when_it_starts() -> None:
    result = deployed("small")
    [interface] = result.one(":LaunchTemplate").inputs["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "true"
    script = _user_data("small", "letta-test-api")
    assert f"Values={result.one(':Eip').inputs['tags']['letta:site']}'" in script
    assert "associate-address" in script
    assert "Eip letta-test-in" in result.one("autoscaling/group:Group").depends_on


def test_machines_behind_a_load_balancer_have_no_address_and_admit_nobody() -> None:
    result = deployed("medium")
    machine = result.one(":SecurityGroup", "letta-test-net-machine")
    for name in ("letta-test-api", "letta-test-work"):
        template = result.one(":LaunchTemplate", name)
        [interface] = template.inputs["networkInterfaces"]
        assert interface["associatePublicIpAddress"] == "false"
        assert [group.rsplit("-", 2)[0] for group in interface["securityGroups"]] == [machine.name]
        assert "address" not in _user_data("medium", name)
    admitting = {each.inputs["securityGroupId"] for each in result.all(":SecurityGroupIngressRule")}
    assert not any("machine" in group for group in admitting)


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_running_copies_are_counted(tier: str, name: str) -> None:
    settings = deployed(tier).one("ecs/cluster:Cluster", name).inputs["settings"]
    assert settings == [{"name": "containerInsights", "value": "enabled"}]


@pytest.mark.parametrize(("tier", "burstable"), [("small", {"api"}), ("medium", {"work"})])
def test_somebody_is_told_when_cpu_credits_run_out(tier: str, burstable: set[str]) -> None:
    names = {each.name for each in deployed(tier).all(":MetricAlarm")}
    for role in ("api", "work"):
        assert (f"letta-test-{role}-credits" in names) is (role in burstable)


@pytest.mark.parametrize(("tier", "name"), _GROUPS)
def test_what_a_machine_starts_with_is_a_script_that_the_shell_can_read(
    tier: str, name: str
) -> None:
    subprocess.run(["bash", "-n"], input=_user_data(tier, name), text=True, check=True)
