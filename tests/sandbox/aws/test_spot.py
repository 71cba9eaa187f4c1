"""Spare capacity: groups of several machines, and Fargate Spot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.values import Value
from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import Estate, Inputs

GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CAPACITY = "aws:ecs/capacityProvider:CapacityProvider"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"


def mixed(estate: Estate, *types: str, **changes: Value) -> Inputs:
    """A group of spot machines of these types."""
    return {
        "launchTemplate": None,
        "mixedInstancesPolicy": {
            "instancesDistribution": {
                "onDemandPercentageAboveBaseCapacity": 0,
                "spotAllocationStrategy": "price-capacity-optimized",
                **changes,
            },
            "launchTemplate": {
                "launchTemplateSpecification": {
                    "launchTemplateId": estate.make(TEMPLATE).id,
                    "version": "$Latest",
                },
                "overrides": [{"instanceType": name} for name in types],
            },
        },
    }


def _mixed(*types: str, **changes: Value) -> Callable[[Estate], Inputs]:
    return lambda estate: mixed(estate, *types, **changes)


def _overrides(*overrides: Inputs) -> Callable[[Estate], Inputs]:
    def changes(estate: Estate) -> Inputs:
        given = mixed(estate)
        given["mixedInstancesPolicy"]["launchTemplate"]["overrides"] = list(overrides)
        return given

    return changes


def _asks_for_spot(estate: Estate) -> Inputs:
    market = {"marketType": "spot"}
    template = estate.make(TEMPLATE, "spot", instanceMarketOptions=market).id
    given = mixed(estate, "m5.large")
    given["mixedInstancesPolicy"]["launchTemplate"]["launchTemplateSpecification"] = {
        "launchTemplateId": template
    }
    return given


def _weighted(estate: Estate) -> Inputs:
    given = mixed(estate)
    given["mixedInstancesPolicy"]["launchTemplate"]["overrides"] = [
        {"instanceType": "m5.large", "weightedCapacity": "2"}
    ]
    group = estate.make(GROUP, "weighted", **given)
    return {"autoScalingGroupProvider": {"autoScalingGroupArn": group.outputs["arn"]}}


def _in_zone(letter: str, *types: str) -> Callable[[Estate], Inputs]:
    return lambda estate: {
        **mixed(estate, *types),
        "vpcZoneIdentifiers": [estate.subnet(letter, 30)],
    }


def _two_vpcs(estate: Estate) -> Inputs:
    other = estate.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.1.0.0/16").id
    subnet = estate.make("aws:ec2/subnet:Subnet", "other", vpcId=other, cidrBlock="10.1.0.0/24")
    return {"vpcZoneIdentifiers": [*estate.subnets, subnet.id]}


def _strategy(*items: Inputs) -> Inputs:
    return {"capacityProviderStrategies": list(items)}


def _both_kinds(estate: Estate) -> Inputs:
    own = estate.get(CAPACITY, "name")
    return _strategy(
        {"capacityProvider": own, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "weight": 1}
    )


CASES = [
    Case("a machine of nowhere", GROUP, _mixed("m5.large", "m5.tiny"), "m5.tiny"),
    Case(
        "a zone that has none of them",
        GROUP,
        _in_zone("e", "t3.medium", "t3a.medium"),
        "not supported in your requested Availability Zone (us-east-1e)",
    ),
    Case("two networks", GROUP, _two_vpcs, "not in one VPC"),
    Case("two architectures", GROUP, _mixed("m5.large", "m7g.large"), "m7g.large (arm64)"),
    Case("a machine twice", GROUP, _mixed("m5.large", "m5.large"), "m5.large is given 2 times"),
    Case(
        "a weight for some",
        GROUP,
        _overrides(
            {"instanceType": "m5.large", "weightedCapacity": "1"}, {"instanceType": "m6i.large"}
        ),
        "for every override, or for none",
    ),
    Case("an override of nothing", GROUP, _overrides({}), "either InstanceType or"),
    Case("more than all", GROUP, _mixed(onDemandPercentageAboveBaseCapacity=101), "maximum of 100"),
    Case(
        "no such strategy", GROUP, _mixed(spotAllocationStrategy="cheapest"), "capacity-optimized"
    ),
    Case("pools for another strategy", GROUP, _mixed(spotInstancePools=2), "lowest-price"),
    Case("a template that asks for spot", GROUP, _asks_for_spot, "Incompatible launch template"),
    Case("a weighted group for ECS", CAPACITY, _weighted, "instance weights"),
    Case("Fargate beside instances", SERVICE, _both_kinds, "cannot contain a mix"),
    Case(
        "two bases",
        SERVICE,
        _strategy(
            {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
            {"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 1},
        ),
        "Only one capacity provider in the strategy can have a base",
    ),
    Case(
        "no weight at all",
        SERVICE,
        _strategy({"capacityProvider": "FARGATE_SPOT", "weight": 0}),
        "must be greater than 0",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_a_group_of_spot_machines_is_accepted(estate: Estate) -> None:
    assert estate.refusal(GROUP, mixed(estate, "m5.large", "m6i.large")) == ""


def test_a_zone_that_has_one_of_the_machines_is_accepted(estate: Estate) -> None:
    changes = {
        **mixed(estate, "g7e.2xlarge", "g6e.2xlarge"),
        "vpcZoneIdentifiers": [estate.subnet("d", 30)],
    }
    assert estate.refusal(GROUP, changes) == ""


@pytest.mark.parametrize(
    ("smaller", "words"), [("m6i.large", ""), ("t3.small", "t3.small has 2048")]
)
def test_a_task_must_fit_every_machine_of_a_mixed_group(
    smaller: str, words: str, estate: Estate
) -> None:
    group = estate.make(GROUP, "spot", **mixed(estate, "m5.large", smaller)).outputs["arn"]
    provider = estate.make(
        CAPACITY, autoScalingGroupProvider={"autoScalingGroupArn": group}
    ).outputs["name"]
    refusal = estate.refusal(SERVICE, _strategy({"capacityProvider": provider, "weight": 1}))
    assert words in refusal if words else refusal == ""


def test_a_service_runs_on_fargate_spot_with_a_base_on_demand(estate: Estate) -> None:
    cluster = estate.make("aws:ecs/cluster:Cluster")
    estate.make(
        PROVIDERS,
        clusterName=cluster.outputs["name"],
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
    )
    strategy = _strategy(
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 4},
    )
    made = estate.make(SERVICE, "spot", **strategy)
    assert made.outputs["platformVersion"] == "LATEST"
    assert made.outputs["launchType"] == ""
