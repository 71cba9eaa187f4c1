"""What is billed of the ways in and out, and of what watches."""

from __future__ import annotations

import pytest

from policies.facts.resource import UNDETERMINED
from pricing.inventory import (
    Alarms,
    CustomMetrics,
    Dashboards,
    DnsZones,
    Firewall,
    Functions,
    LoadBalancer,
    LogGroups,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
)
from tests.policies.billed import beside, changed, gone, resource, things, unpriced
from tests.policies.changes import Change, Edit, Gone, Put, Where

BALANCER = Where("lb/loadBalancer:LoadBalancer")
GATEWAY = Where("VpcEndpoint")
RULES = Where("WebAcl")
ALARM = Where("MetricAlarm", "-logs-api-redis")
GROUP = Where("LogGroup", "-logs-api")


def holds(stack: str, *changes: Change) -> dict[str, str]:
    """End of a log group's name -> what is written to it."""
    return {
        one.name.removeprefix(f"letta-{stack}-"): one.holds
        for one in things(stack, *changes)
        if isinstance(one, LogGroups)
    }


class TestWaysIn:
    """Load balancers, addresses, firewalls and certificates."""

    def test_a_load_balancer_is_billed_with_its_zones(self) -> None:
        found = changed(LoadBalancer, "medium", Put(BALANCER, "subnets", ["a", "b", "c"]))
        assert found.zones == 3

    def test_its_subnets_may_stand_elsewhere(self) -> None:
        mapped = Put(BALANCER, "subnetMappings", [{"subnetId": "a"}])
        assert changed(LoadBalancer, "medium", Put(BALANCER, "subnets", None), mapped).zones == 1
        assert unpriced("medium", Put(BALANCER, "subnets", None)) == {
            "letta-medium-in": "it names no subnets"
        }

    def test_an_internal_one_has_no_public_address(self) -> None:
        assert changed(LoadBalancer, "medium", Put(BALANCER, "internal", value=True)).zones == 0

    def test_other_kinds_have_no_price(self) -> None:
        assert unpriced("medium", Put(BALANCER, "loadBalancerType", "network")) == {
            "letta-medium-in": "prices are those of application load balancers, and it is a "
            "network one"
        }

    def test_fixed_addresses_belong_to_what_uses_them(self) -> None:
        def components(stack: str) -> list[str]:
            return [one.component for one in things(stack) if isinstance(one, PublicAddresses)]

        assert components("small") == ["ingress"]
        assert components("medium") == ["network", "network"]

    def test_rules_of_a_firewall_are_counted(self) -> None:
        fewer = Edit(RULES, "rules", lambda rules: rules.pop())
        found = changed(Firewall, "large", fewer)
        assert (found.rules, found.managed_groups) == (4, 0)

    @pytest.mark.parametrize(
        ("vendor", "group"), [("AWS", "AWSManagedRulesBotControlRuleSet"), ("F5", "OWASP")]
    )
    def test_groups_of_rules_with_a_fee_have_no_price(self, vendor: str, group: str) -> None:
        bought = Put(
            RULES,
            "rules.1.statement",
            {"managedRuleGroupStatement": {"vendorName": vendor, "name": group}},
        )
        assert unpriced("large", bought) == {
            "letta-large-in-waf": f"{vendor} bills for its group of rules {group}"
        }

    @pytest.mark.parametrize("authority", [None, UNDETERMINED, ""])
    def test_certificates_of_the_public_authority_are_free(self, authority: object) -> None:
        put = Put(Where("Certificate"), "certificateAuthorityArn", authority)
        assert gone("medium", put) == []

    def test_certificates_of_a_private_authority_have_no_price(self) -> None:
        put = Put(Where("Certificate"), "certificateAuthorityArn", "arn:aws:acm-pca:x")
        assert set(unpriced("medium", put)) == {"letta-medium-in"}

    def test_a_zone_of_names_is_billed(self) -> None:
        own = resource("aws:route53/zone:Zone", "mine", {})
        assert changed(DnsZones, "small", beside(own)).count == 1


class TestWaysOut:
    """NAT gateways and endpoints."""

    def test_nat_gateways_are_billed_one_by_one(self) -> None:
        found = [one.name for one in things("large") if isinstance(one, NatGateways)]
        assert len(found) == 3

    def test_an_interface_endpoint_is_billed_for_each_of_its_subnets(self) -> None:
        found = changed(
            PrivateEndpoints,
            "medium",
            Put(GATEWAY, "vpcEndpointType", "Interface"),
            Put(GATEWAY, "subnetIds", [UNDETERMINED, UNDETERMINED]),
        )
        assert (found.count, found.carries_logs) == (2, False)

    def test_one_that_log_lines_go_through_is_told(self) -> None:
        found = changed(
            PrivateEndpoints,
            "medium",
            Put(GATEWAY, "vpcEndpointType", "Interface"),
            Put(GATEWAY, "serviceName", "com.amazonaws.us-east-1.logs"),
            Put(GATEWAY, "subnetIds", ["a"]),
        )
        assert found.carries_logs

    def test_a_gateway_is_free(self) -> None:
        assert not any(isinstance(one, PrivateEndpoints) for one in things("medium"))

    def test_other_kinds_have_no_price(self) -> None:
        put = Put(GATEWAY, "vpcEndpointType", "GatewayLoadBalancer")
        assert set(unpriced("medium", put)) == {"letta-medium-net-s3"}


class TestOwn:
    """What the user adds is used as much as no workload says."""

    @pytest.mark.parametrize(
        ("kind", "properties"),
        [
            ("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]}),
            ("aws:ec2/natGateway:NatGateway", {}),
            (
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                {"vpcEndpointType": "Interface", "serviceName": "logs", "subnetIds": ["a"]},
            ),
        ],
        ids=["load balancer", "NAT gateway", "endpoint"],
    )
    def test_a_way_of_the_user_s_own_has_no_price(
        self, kind: str, properties: dict[str, object]
    ) -> None:
        assert unpriced("medium", beside(resource(kind, "mine", properties))) == {
            "mine": "the workload does not say what passes through it"
        }

    def test_a_firewall_of_the_user_s_own_has_no_price(self) -> None:
        own = resource("aws:wafv2/webAcl:WebAcl", "mine", {"rules": []})
        assert unpriced("large", beside(own)) == {
            "mine": "the workload does not say how many requests it looks at"
        }

    def test_a_gateway_of_the_user_s_own_is_free(self) -> None:
        own = resource("aws:ec2/vpcEndpoint:VpcEndpoint", "mine", {"serviceName": "s3"})
        assert gone("medium", beside(own)) == []


class TestLogGroups:
    """Log groups are told apart by who writes there."""

    def test_servers_bootstrap_and_nobody_are_told_apart(self) -> None:
        assert holds("medium") == {
            "boot-function": "bootstrap",
            "db-primary-postgresql": "other",
            "db-primary-upgrade": "other",
            "dump": "bootstrap",
            "db-replica-1-postgresql": "other",
            "db-replica-1-upgrade": "other",
            "logs-api": "servers",
            "logs-bootstrap": "bootstrap",
            "logs-worker": "servers",
        }

    def test_those_of_a_cluster_are_told_by_their_names(self) -> None:
        found = holds("large")
        assert found["k8s-application"] == "servers"
        assert found["k8s-logs"] == "control_plane"
        assert found["in-waf-requests"] == "firewall"
        assert {found[name] for name in ("k8s-host", "k8s-dataplane", "k8s-performance")} == {
            "other"
        }

    def test_a_group_that_no_service_writes_to_any_more_holds_what_runs_once(self) -> None:
        assert holds("medium", Gone(Where("ecs/service:Service", "-work")))["logs-worker"] == (
            "bootstrap"
        )

    def test_a_record_of_connections_makes_its_group_one_of_flows(self) -> None:
        (urn,) = (one.urn for one in things("medium") if one.name.endswith("-replica-1-upgrade"))
        flow = resource(
            "aws:ec2/flowLog:FlowLog", "mine", {}, property_dependencies={"logDestination": (urn,)}
        )
        assert holds("medium", beside(flow))["db-replica-1-upgrade"] == "flows"

    def test_connections_recorded_elsewhere_have_no_price(self) -> None:
        flow = resource("aws:ec2/flowLog:FlowLog", "mine", {"logDestinationType": "s3"})
        assert set(unpriced("medium", beside(flow))) == {"mine"}

    def test_retention_is_the_group_s(self) -> None:
        assert changed(LogGroups, "medium", Put(GROUP, "retentionInDays", 7)).retention_days == 7

    def test_other_classes_have_no_price(self) -> None:
        rare = Put(GROUP, "logGroupClass", "INFREQUENT_ACCESS")
        assert set(unpriced("medium", rare)) == {"letta-medium-logs-api"}


class TestMeasures:
    """Alarms, measures, pages, and the function of the bootstrap."""

    def test_alarms_that_look_often_are_told(self) -> None:
        found = changed(Alarms, "medium", Put(ALARM, "period", 30))
        assert (found.count, found.high_resolution) == (1, True)

    def test_an_alarm_is_billed_for_each_measure_that_it_looks_at(self) -> None:
        queries = [
            {"id": name, "metric": {"metricName": "x", "period": period, "stat": "Sum"}}
            for name, period in (("a", 10), ("b", 300))
        ]
        both = [*queries, {"id": "c", "expression": "a + b", "returnData": True}]
        found = changed(
            Alarms, "medium", Put(ALARM, "metricQueries", both), Put(ALARM, "period", None)
        )
        assert (found.count, found.high_resolution) == (2, True)

    def test_an_alarm_on_a_query_has_no_price(self) -> None:
        query = [{"id": "q", "expression": "SELECT AVG(CPUUtilization) FROM x", "period": 60}]
        assert len(unpriced("medium", Put(ALARM, "metricQueries", query))) == 1

    def test_measures_taken_from_logs_are_billed(self) -> None:
        found = [one for one in things("medium") if isinstance(one, CustomMetrics)]
        assert [one.count for one in found] == [1, 1, 1]

    def test_measures_by_values_of_a_field_have_no_price(self) -> None:
        dimensions = {"user": "$.user"}
        put = Put(
            Where("LogMetricFilter", "-api-redis"), "metricTransformation.dimensions", dimensions
        )
        assert set(unpriced("medium", put)) == {"letta-medium-logs-api-redis"}

    def test_pages_of_measures_are_billed(self) -> None:
        own = resource("aws:cloudwatch/dashboard:Dashboard", "mine", {})
        assert changed(Dashboards, "small", beside(own)).count == 1

    def test_the_function_is_billed_by_its_memory(self) -> None:
        put = Put(Where("lambda/function:Function"), "memorySize", None)
        found = changed(Functions, "small", put)
        assert (found.component, found.memory_mib, found.count) == ("bootstrap", 128, 1)
