"""Spare capacity for the worker tier: the switch, on machines and without."""

from __future__ import annotations

from components.aws import catalog
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run

_WORKER = "letta-test-work"


def _group(result: Run[object], name: str) -> dict[str, object]:
    return result.one("autoscaling/group:Group", name).inputs


def test_a_spot_worker_runs_on_any_machine_as_large() -> None:
    group = _group(deployed("medium", worker={"capacity": "spot"}), _WORKER)
    assert "launchTemplate" not in group
    policy = group["mixedInstancesPolicy"]
    assert isinstance(policy, dict)
    distribution = policy["instancesDistribution"]
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 0
    assert distribution["onDemandBaseCapacity"] == 0
    types = [each["instanceType"] for each in policy["launchTemplate"]["overrides"]]
    assert types[0] == "t3.medium"
    assert len(types) > 1
    sizes = {
        (catalog.instance_type(name).vcpus, catalog.instance_type(name).memory_gib)
        for name in types
    }
    assert sizes == {(2, 4)}


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


def test_what_stands_in_for_a_machine_is_as_large_and_holds_as_many_copies() -> None:
    named = catalog.instance_type("m5.large")
    for name in catalog.alike("m5.large", "us-east-1"):
        other = catalog.instance_type(name)
        assert (other.vcpus, other.memory_gib, other.architecture) == (2, 8, "x86_64")
        assert other.max_enis >= named.max_enis
