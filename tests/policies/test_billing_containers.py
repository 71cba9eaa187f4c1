"""What is billed of containers: copies without machines, and clusters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.facts.resource import UNDETERMINED
from pricing.inventory import (
    ContainerMetrics,
    ControlPlane,
    ServerlessCopies,
)
from pricing.span import Span
from tests.policies.billed import changed, gone, things, unpriced
from tests.policies.changes import Gone, Put, Where
from tests.policies.mutants import API, API_SCALING, API_TASK

ADDON = Where("Addon", "-cloudwatch-observability")


class TestServerless:
    """Copies on Fargate are billed by their size."""

    FARGATE = Put(API, "capacityProviderStrategies", [{"capacityProvider": "FARGATE"}])

    def test_size_and_bounds_are_billed(self) -> None:
        scaled = Put(API_SCALING, "maxCapacity", 9)
        found = changed(ServerlessCopies, "medium", self.FARGATE, scaled)
        assert (found.component, found.vcpus, found.memory_gib) == ("api", 1, 3.5)
        assert found.count == Span.of(2, 3, 9)
        assert (found.spot, found.arm, found.public_addresses) == (False, False, 0)

    def test_without_an_autoscaler_copies_stay_as_many(self) -> None:
        found = changed(ServerlessCopies, "medium", self.FARGATE, Gone(API_SCALING))
        assert found.count == Span.fixed(3)

    def test_spare_capacity_architecture_and_addresses_are_told(self) -> None:
        spot = Put(API, "capacityProviderStrategies", [{"capacityProvider": "FARGATE_SPOT"}])
        arm = Put(API_TASK, "runtimePlatform", {"cpuArchitecture": "ARM64"})
        public = Put(API, "networkConfiguration.assignPublicIp", value=True)
        found = changed(ServerlessCopies, "medium", spot, arm, public)
        assert (found.spot, found.arm, found.public_addresses) == (True, True, 1)

    def test_copies_on_machines_are_billed_with_them(self) -> None:
        assert not any(isinstance(one, ServerlessCopies) for one in things("medium"))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (Put(API_TASK, "cpu", None), "its task definition states no size"),
            (Gone(API_TASK), "its task definition is not part of this stack"),
            (
                Put(API_TASK, "ephemeralStorage", {"sizeInGib": 21}),
                "its copies have more than 20 GiB of storage each",
            ),
            (
                Put(
                    API,
                    "capacityProviderStrategies",
                    [{"capacityProvider": "FARGATE"}, {"capacityProvider": "FARGATE_SPOT"}],
                ),
                "its copies are shared out among several capacity providers",
            ),
        ],
        ids=["size", "task", "storage", "shares"],
    )
    def test_what_is_not_stated_there_has_no_price(self, change: Put | Gone, reason: str) -> None:
        told = unpriced("medium", self.FARGATE, change)
        assert told == {"letta-medium-api": reason}

    def test_machines_that_are_not_the_cloud_s_have_no_price(self) -> None:
        outside = (Put(API, "capacityProviderStrategies", None), Put(API, "launchType", "EXTERNAL"))
        assert set(unpriced("medium", *outside)) == {"letta-medium-api"}

    def test_an_autoscaler_of_something_else_has_no_price(self) -> None:
        assert unpriced("medium", Put(API_SCALING, "serviceNamespace", "elasticache")) == {
            "letta-medium-api": "what it scales in elasticache is priced at the size that it "
            "starts with"
        }


class TestClusters:
    """Control planes, and the measures of containers."""

    def test_the_version_of_a_control_plane_is_billed(self) -> None:
        found = changed(ControlPlane, "large", Put(Where("eks/cluster:Cluster"), "version", "1.33"))
        assert found.version == "1.33"

    def test_machines_that_come_by_themselves_have_no_price(self) -> None:
        automatic = Put(Where("eks/cluster:Cluster"), "computeConfig", {"enabled": True})
        assert set(unpriced("large", automatic)) == {"letta-large-k8s"}

    def test_measures_of_containers_are_billed_by_cluster(self) -> None:
        found = [one for one in things("medium") if isinstance(one, ContainerMetrics)]
        assert [(one.name, one.services, one.detailed) for one in found] == [
            ("letta-medium-api", 1, False),
            ("letta-medium-cluster", 0, False),
            ("letta-medium-work", 1, False),
        ]

    @pytest.mark.parametrize(
        "settings",
        [[], UNDETERMINED, None, [{"name": "containerInsights", "value": "disabled"}]],
        ids=["none", "filled in", "left out", "off"],
    )
    def test_a_cluster_that_is_not_measured_costs_nothing(self, settings: object) -> None:
        silent = Put(Where("ecs/cluster:Cluster", "-cluster"), "settings", settings)
        assert gone("medium", silent) == ["letta-medium-cluster"]

    def test_enhanced_measures_are_told(self) -> None:
        enhanced = [{"name": "containerInsights", "value": "enhanced"}]
        put = Put(Where("ecs/cluster:Cluster", "-cluster"), "settings", enhanced)
        assert changed(ContainerMetrics, "medium", put).detailed

    def test_a_cluster_of_kubernetes_is_measured_by_its_add_on(self) -> None:
        silent: dict[str, Any] = {"kubernetes": {"enhanced_container_insights": False}}
        logs = {"agent": {"config": {"logs": {"metrics_collected": silent}}}}
        assert gone("large", Put(ADDON, "configurationValues", json.dumps(logs))) == [
            "letta-large-k8s-amazon-cloudwatch-observability"
        ]
        assert things("large", Put(ADDON, "configurationValues", None)) == things("large")

    def test_an_add_on_of_somebody_else_s_has_no_price(self) -> None:
        bought = Put(Where("Addon", "-coredns"), "addonName", "kubecost_kubecost")
        assert unpriced("large", bought) == {
            "letta-large-k8s-coredns": "add-on kubecost_kubecost is not known to be free"
        }
