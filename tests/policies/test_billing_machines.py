"""What is billed of machines: groups of them, pools of a cluster, single ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from policies.facts.resource import UNDETERMINED, Resource
from pricing.inventory import (
    Machines,
    Volumes,
)
from pricing.span import Span
from tests.policies.billed import beside, changed, resource, things, unpriced
from tests.policies.changes import Edit, Gone, Put, Where
from tests.policies.judging import good
from tests.policies.mutants import API, API_GROUP, API_MACHINE

POOL = Where("eks/nodeGroup:NodeGroup", "-work")
GPU_POOL = Where("eks/nodeGroup:NodeGroup", "-g4dn-xlarge")
NODE = Where("LaunchTemplate", "-large-work")
SUBNET = Where("Subnet", "-private-1")
MONITORED = "detailed monitoring of its machines is billed by the measure"
INSTANCE = "aws:ec2/instance:Instance"
ROOT = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 200}}


def second_disk(**ebs: Any) -> Put:  # noqa: ANN401
    return Put(
        API_MACHINE,
        "blockDeviceMappings",
        [ROOT, {"deviceName": "/dev/sdf", "ebs": {"volumeType": "gp3", "volumeSize": 40, **ebs}}],
    )


def mixed(base: int, percent: int, *types: str) -> Put:
    return Put(
        API_GROUP,
        "mixedInstancesPolicy",
        {
            "instancesDistribution": {
                "onDemandBaseCapacity": base,
                "onDemandPercentageAboveBaseCapacity": percent,
            },
            "launchTemplate": {"overrides": [{"instanceType": name} for name in types]},
        },
    )


def machine(**properties: object) -> Resource:
    root = {"volumeSize": 30, "volumeType": "gp3"}
    given = {"instanceType": "m5.large", "rootBlockDevice": root, **properties}
    return resource(INSTANCE, "mine", given)


class TestScalingGroups:
    """Auto scaling groups are billed from their least to their greatest size."""

    def test_sizes_are_the_least_the_wanted_and_the_greatest(self) -> None:
        found = changed(Machines, "medium", Put(API_GROUP, "maxSize", 30))
        assert (found.component, found.type) == ("api", "m5.large")
        assert found.count == Span.of(2, 3, 30)

    def test_one_that_wants_no_size_starts_with_the_least(self) -> None:
        found = changed(Machines, "medium", Put(API_GROUP, "desiredCapacity", UNDETERMINED))
        assert found.count == Span.of(2, 2, 10)

    def test_a_size_that_autoscaling_has_left_behind_is_within_the_bounds(self) -> None:
        found = changed(Machines, "medium", Put(API_GROUP, "desiredCapacity", 12))
        assert found.count == Span.of(2, 10, 10)

    def test_type_and_disk_are_the_launch_template_s(self) -> None:
        larger = Put(API_MACHINE, "instanceType", "m5.xlarge")
        disk = Put(API_MACHINE, "blockDeviceMappings.0.ebs.volumeSize", 300)
        found = changed(Machines, "medium", larger, disk)
        assert (found.type, found.disk_gib, found.disk_type) == ("m5.xlarge", 300, "gp3")

    def test_a_second_disk_is_a_volume_for_each_machine(self) -> None:
        found = changed(Volumes, "medium", second_disk())
        assert (found.type, found.gib) == ("gp3", Span.of(80, 120, 400))

    @pytest.mark.parametrize("ordered", [{"iops": 3000}, {"throughput": 125}])
    def test_speed_that_comes_with_a_disk_costs_nothing(self, ordered: dict[str, int]) -> None:
        assert changed(Volumes, "medium", second_disk(**ordered)).gib.floor == 80

    @pytest.mark.parametrize(
        ("ordered", "reason"),
        [
            ({"iops": 3001}, "a volume has more speed than comes with its size"),
            ({"throughput": 126}, "a volume has more speed than comes with its size"),
            ({"volumeType": "io2"}, "a volume of type io2 is not billed by its size alone"),
            ({"volumeSize": None}, "the size of a disk is not stated"),
        ],
    )
    def test_disks_that_cost_more_than_their_size_have_no_price(
        self, ordered: dict[str, object], reason: str
    ) -> None:
        assert unpriced("medium", second_disk(**ordered)) == {"letta-medium-api": reason}

    def test_a_disk_that_only_the_image_states_has_no_price(self) -> None:
        assert unpriced("medium", Put(API_MACHINE, "blockDeviceMappings", [])) == {
            "letta-medium-api": "the size of the disk that its machines start from is the "
            "image's own"
        }

    def test_a_group_without_a_template_of_the_stack_has_no_price(self) -> None:
        assert unpriced("medium", Gone(API_MACHINE)) == {
            "letta-medium-api": "its launch template is not part of this stack"
        }

    def test_machines_on_hardware_of_their_own_have_no_price(self) -> None:
        dedicated = Put(API_MACHINE, "placement", {"tenancy": "dedicated"})
        assert unpriced("medium", dedicated) == {
            "letta-medium-api": "its machines are on hardware of their own"
        }

    def test_machines_that_wait_have_no_price(self) -> None:
        assert unpriced("medium", Put(API_GROUP, "warmPool", {"poolState": "Stopped"})) == {
            "letta-medium-api": "machines that wait in its warm pool are billed beside those that "
            "run"
        }

    def test_detailed_monitoring_has_no_price(self) -> None:
        watched = Put(API_MACHINE, "monitoring", {"enabled": True})
        assert unpriced("medium", watched) == {"letta-medium-api": MONITORED}
        assert things("medium", Put(API_MACHINE, "monitoring", {"enabled": False}))

    def test_spare_machines_are_told_from_those_on_demand(self) -> None:
        found = changed(Machines, "medium", mixed(0, 0, "m5.large", "m6i.large"))
        assert (found.spot, found.type, found.count) == (True, "m5.large", Span.of(2, 3, 10))

    def test_a_template_may_buy_spare_machines_too(self) -> None:
        spot = Put(API_MACHINE, "instanceMarketOptions", {"marketType": "spot"})
        assert changed(Machines, "medium", spot).spot

    def test_a_group_of_both_is_split_and_on_demand_rounded_up(self) -> None:
        found = [
            one
            for one in things("medium", mixed(1, 25, "m5.large"))
            if isinstance(one, Machines) and one.component == "api"
        ]
        assert [(one.spot, one.count) for one in found] == [
            (False, Span.of(2, 2, 4)),
            (True, Span.of(0, 1, 6)),
        ]

    def test_a_type_of_its_own_goes_before_the_template_s(self) -> None:
        assert changed(Machines, "medium", mixed(0, 100, "c5.large")).type == "c5.large"

    @pytest.mark.parametrize(
        ("base", "percent", "types"),
        [
            (0, 100, ("m5.large", "m5.24xlarge")),
            (1, 0, ("m5.large", "m5.24xlarge")),
            (0, 0, ("m5.large", "m5.24xlarge")),
            (1, 0, ("m5.large", "m6i.large")),
            (0, 0, ("m5.large", "m5.unheard")),
        ],
        ids=["on demand", "in part", "spare", "of one size, in part on demand", "unheard of"],
    )
    def test_types_of_different_prices_have_no_price(
        self, base: int, percent: int, types: tuple[str, ...]
    ) -> None:
        assert unpriced("medium", mixed(base, percent, *types)) == {
            "letta-medium-api": f"its machines may be {' or '.join(types)}, whose prices differ"
        }

    @pytest.mark.parametrize(
        "asked",
        [
            Put(API_MACHINE, "instanceRequirements", {"vcpuCount": {"min": 2}}),
            Put(
                API_GROUP,
                "mixedInstancesPolicy.launchTemplate.overrides",
                [{"instanceRequirements": {"vcpuCount": {"min": 2}}}],
            ),
        ],
        ids=["template", "group"],
    )
    def test_requirements_instead_of_types_have_no_price(self, asked: Put) -> None:
        assert unpriced("medium", mixed(0, 0), asked) == {
            "letta-medium-api": "its machines are of any type that meets some requirements"
        }

    def test_weights_have_no_price(self) -> None:
        weighted = Edit(
            API_GROUP,
            "mixedInstancesPolicy.launchTemplate.overrides.0",
            lambda override: override.update(weightedCapacity="2"),
        )
        assert unpriced("medium", mixed(0, 0, "m5.large"), weighted) == {
            "letta-medium-api": "its machines count by weights"
        }

    def test_machines_with_public_addresses_of_their_own_are_billed_for_them(self) -> None:
        public = Put(API_MACHINE, "networkInterfaces.0.associatePublicIpAddress", "true")
        assert changed(Machines, "medium", public).public_addresses == 1

    def test_a_subnet_may_give_them(self) -> None:
        public = Put(SUBNET, "mapPublicIpOnLaunch", value=True)
        silent = Put(API_MACHINE, "networkInterfaces.0.associatePublicIpAddress", None)
        assert changed(Machines, "medium", public, silent).public_addresses == 1

    def test_one_that_takes_a_fixed_address_gives_its_own_back(self) -> None:
        (found,) = (one for one in things("small") if isinstance(one, Machines))
        assert found.public_addresses == 0


class TestNodeGroups:
    """Pools of a cluster."""

    def test_sizes_are_the_pool_s(self) -> None:
        found = changed(Machines, "large", Put(POOL, "scalingConfig.maxSize", 9))
        assert (found.component, found.count) == ("worker", Span.of(2, 3, 9))

    def test_a_pool_that_may_be_empty_keeps_what_its_pods_need(self) -> None:
        pods = Put(Where("Deployment", "-embed"), "spec.replicas", 2)
        wanted = Put(GPU_POOL, "scalingConfig.desiredSize", 2)
        found = changed(Machines, "large", pods, wanted)
        assert (found.component, found.count) == ("embedding", Span.of(2, 2, 2))

    def test_pods_that_go_where_machines_are_keep_none(self) -> None:
        agent = resource(
            "kubernetes:apps/v1:DaemonSet",
            "agent",
            {"spec": {"template": {"spec": {"nodeSelector": {"letta.cloud/pool": "embedding"}}}}},
        )
        wanted = Put(GPU_POOL, "scalingConfig.desiredSize", 2)
        assert changed(Machines, "large", beside(agent), wanted).count == Span.of(1, 2, 2)

    def test_pods_that_a_pool_has_no_machines_for_are_not_billed(self) -> None:
        none = Put(GPU_POOL, "scalingConfig.desiredSize", 0)
        assert changed(Machines, "large", none).count == Span.of(0, 0, 2)

    def test_a_model_on_several_machines_keeps_all_of_them(self) -> None:
        found = [one for one in things("nodes") if one.component == "llm"]
        assert [one.count for one in found if isinstance(one, Machines)] == [Span.of(3, 3, 6)]

    def test_of_several_spare_types_of_one_size_the_first_is_billed(self) -> None:
        spare = Put(POOL, "capacityType", "SPOT")
        alike = Put(POOL, "instanceTypes", ["c6i.2xlarge", "c5.2xlarge"])
        found = changed(Machines, "large", spare, alike)
        assert (found.type, found.spot) == ("c6i.2xlarge", True)

    @pytest.mark.parametrize("bought", ["SPOT", "ON_DEMAND"])
    def test_types_of_different_prices_have_no_price(self, bought: str) -> None:
        put = Put(POOL, "instanceTypes", ["c6i.2xlarge", "c6i.8xlarge"])
        assert unpriced("large", put, Put(POOL, "capacityType", bought)) == {
            "letta-large-work": "its machines may be c6i.2xlarge or c6i.8xlarge, whose prices "
            "differ"
        }

    def test_spare_machines_are_told(self) -> None:
        assert changed(Machines, "large", Put(POOL, "capacityType", "SPOT")).spot

    def test_a_pool_of_nobody_s_is_the_cluster_s(self) -> None:
        assert changed(Machines, "large", Put(POOL, "labels", {})).component == "cluster"

    def test_the_disk_is_the_launch_template_s(self) -> None:
        disk = Put(NODE, "blockDeviceMappings.0.ebs.volumeSize", 500)
        assert changed(Machines, "large", disk).disk_gib == 500

    @pytest.mark.parametrize(("size", "gib"), [(None, 20), (UNDETERMINED, 20), (70, 70)])
    def test_without_a_template_the_disk_is_the_group_s(self, size: object, gib: int) -> None:
        bare = Put(POOL, "launchTemplate", None)
        found = changed(Machines, "large", Gone(NODE), bare, Put(POOL, "diskSize", size))
        assert found.disk_gib == gib

    def test_detailed_monitoring_has_no_price(self) -> None:
        watched = Put(NODE, "monitoring", {"enabled": True})
        assert unpriced("large", watched) == {"letta-large-work": MONITORED}

    def test_one_without_a_type_has_no_price(self) -> None:
        assert unpriced("large", Put(POOL, "instanceTypes", [])) == {
            "letta-large-work": "it names no machine type"
        }


class TestInstances:
    """Single machines of a user's own."""

    def test_one_is_billed_with_its_disks(self) -> None:
        found = changed(Machines, "small", beside(machine()))
        assert (found.component, found.type, found.count) == ("cluster", "m5.large", Span.fixed(1))
        assert (found.disk_gib, found.disk_type, found.spot) == (30, "gp3", False)
        more = machine(ebsBlockDevices=[{"volumeSize": 100, "volumeType": "st1"}])
        volumes = [one for one in things("small", beside(more)) if isinstance(one, Volumes)]
        assert [(one.type, one.gib) for one in volumes] == [("st1", Span.fixed(100))]

    def test_its_public_address_is_billed(self) -> None:
        public = machine(associatePublicIpAddress=True)
        assert changed(Machines, "small", beside(public)).public_addresses == 1

    def test_what_the_cloud_fills_in_itself_is_plain(self) -> None:
        filled = (
            "tenancy",
            "instanceMarketOptions",
            "ebsBlockDevices",
            "launchTemplate",
            "monitoring",
        )
        one = machine(**dict.fromkeys((*filled, "associatePublicIpAddress"), UNDETERMINED))
        found = changed(Machines, "small", beside(one))
        assert (found.spot, found.public_addresses) == (False, 0)

    @pytest.mark.parametrize(
        "properties",
        [
            {"rootBlockDevice": UNDETERMINED},
            {"tenancy": "host"},
            {"launchTemplate": {"id": "lt-1"}},
            {"monitoring": True},
        ],
        ids=["disk", "hardware", "template", "monitoring"],
    )
    def test_what_is_not_stated_there_has_no_price(self, properties: dict[str, object]) -> None:
        assert set(unpriced("small", beside(machine(**properties)))) == {"mine"}


def test_machines_of_a_service_with_a_timetable_are_billed_by_its_average() -> None:
    (service,) = (one for one in good("medium") if API.holds(one))

    def action(name: str, hour: int, most: int) -> Resource:
        return resource(
            "aws:appautoscaling/scheduledAction:ScheduledAction",
            name,
            {
                "schedule": f"cron(0 {hour} * * ? *)",
                "scalableTargetAction": {"minCapacity": 2, "maxCapacity": most},
            },
            property_dependencies={"resourceId": (service.urn,)},
        )

    quarter = beside(action("night", 0, 2), action("day", 6, 10))
    found = changed(Machines, "medium", quarter)
    assert found.count == Span(Decimal(2), Decimal("2.75"), Decimal(8))
    assert set(unpriced("medium", quarter, mixed(1, 0, "m5.large"))) == {"letta-medium-api"}
