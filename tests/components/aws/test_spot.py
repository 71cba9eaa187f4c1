"""Spare capacity for the worker tier: the switch, on machines and without."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from components.aws import catalog
from tests.components.aws.deployment import FARGATE, deployed
from tests.components.aws.mock_cloud import Run

_WORKER = "letta-test-work"


def _group(result: Run[Any], name: str) -> Mapping[str, Any]:
    return result.one("autoscaling/group:Group", name).inputs


def test_a_spot_worker_runs_on_any_machine_as_large() -> None:
    group = _group(deployed("medium", worker={"capacity": "spot"}), _WORKER)
    assert "launchTemplate" not in group
    policy = group["mixedInstancesPolicy"]
    distribution = policy["instancesDistribution"]
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 0
    assert distribution["onDemandBaseCapacity"] == 0
    assert distribution["spotAllocationStrategy"] == "price-capacity-optimized"
    types = [each["instanceType"] for each in policy["launchTemplate"]["overrides"]]
    assert types[0] == "t3.medium"
    assert len(types) > 1
    sizes = {
        (catalog.instance_type(name).vcpus, catalog.instance_type(name).memory_gib)
        for name in types
    }
    assert sizes == {(2, 4)}


def test_a_changed_template_reaches_the_machines() -> None:
    group = _group(deployed("medium", worker={"capacity": "spot"}), _WORKER)
    policy = group["mixedInstancesPolicy"]
    specification = policy["launchTemplate"]["launchTemplateSpecification"]
    assert specification["launchTemplateId"].startswith(_WORKER)
    assert specification["version"] == "1"


def test_its_tasks_leave_a_machine_that_is_taken_back() -> None:
    result = deployed("medium", worker={"capacity": "spot"})
    template = result.one("ec2/launchTemplate:LaunchTemplate", _WORKER)
    script = base64.b64decode(template.inputs["userData"]).decode()
    assert "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true" in script.splitlines()


def test_its_tasks_run_on_the_machines_of_the_tier() -> None:
    result = deployed("medium", worker={"capacity": "spot"})
    own = result.one("ecs/capacityProvider:CapacityProvider", _WORKER)
    [strategy] = result.one("ecs/service:Service", _WORKER).inputs["capacityProviderStrategies"]
    assert strategy["capacityProvider"].startswith(own.name)


def test_only_the_worker_runs_on_it() -> None:
    result = deployed("medium", worker={"capacity": "spot"})
    assert "mixedInstancesPolicy" not in _group(result, "letta-test-api")
    assert "mixedInstancesPolicy" not in _group(deployed("medium"), _WORKER)


def test_without_machines_it_is_fargates_own() -> None:
    worker = {"compute": "fargate", "vcpus": 2, "memory_gib": 4, "capacity": "spot"}
    result = deployed("medium", worker=worker)
    service = result.one("ecs/service:Service", _WORKER)
    [strategy] = service.inputs["capacityProviderStrategies"]
    assert strategy["capacityProvider"] == "FARGATE_SPOT"
    assert "launchType" not in service.inputs
    providers = result.one(":ClusterCapacityProviders", _WORKER)
    assert providers.inputs["capacityProviders"] == ["FARGATE_SPOT"]
    assert "ClusterCapacityProviders letta-test-work" in service.depends_on


def test_fargate_on_demand_asks_for_no_spare_capacity() -> None:
    result = deployed("medium", api=FARGATE, worker={**FARGATE, "memory_gib": 4})
    assert result.all(":ClusterCapacityProviders") == []
    for service in result.all("ecs/service:Service"):
        assert service.inputs["launchType"] == "FARGATE"
        assert "capacityProviderStrategies" not in service.inputs


def test_what_stands_in_for_a_machine_is_as_large_and_holds_as_many_copies() -> None:
    named = catalog.instance_type("m5.large")
    for name in catalog.alike("m5.large", "us-east-1"):
        other = catalog.instance_type(name)
        assert (other.vcpus, other.memory_gib, other.architecture) == (2, 8, "x86_64")
        assert other.max_enis >= named.max_enis
    assert "t3a.small" not in catalog.alike("t3.small", "us-east-1")


def test_a_machine_with_a_card_stands_in_for_none_without_and_none_for_it() -> None:
    assert "g4dn.xlarge" not in catalog.alike("m5.xlarge", "us-east-1")
    assert catalog.alike("g4dn.xlarge", "us-east-1") == ("g4dn.xlarge",)
