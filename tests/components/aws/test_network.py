"""The network: its subnets, its ways in and out, and who may talk to whom."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from components.aws.flows import FLOWS
from components.aws.site import Site
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ZONES, Registered, Run, run

_DESCRIPTION = re.compile(r"[A-Za-z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
"""What EC2 accepts (API reference, IpPermission and CreateSecurityGroup)."""


def _zones(result: Run[Site], kind: str) -> list[str]:
    found = [each for each in result.all(":Subnet") if f"-{kind}-" in each.name]
    return [each.inputs["availabilityZone"] for each in found]


def _admitted(result: Run[Site], group: str) -> set[tuple[Any, ...]]:
    """Source, first and last port of every rule into a group."""
    target = result.value(result.result.network.security_groups[group])
    names = {
        result.value(group_id): name
        for name, group_id in result.result.network.security_groups.items()
    }
    return {
        (
            rule.inputs.get("cidrIpv4") or names[rule.inputs["referencedSecurityGroupId"]],
            rule.inputs["fromPort"],
            rule.inputs["toPort"],
        )
        for rule in result.all(":SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == target
    }


def test_with_nat_each_zone_has_three_subnets_and_its_own_way_out(make_site: MakeSite) -> None:
    result = run(lambda: make_site(nat="per_zone"))
    for kind in ("public", "private", "database"):
        assert _zones(result, kind) == ZONES[:2]
    assert len(result.all(":NatGateway")) == 2
    assert result.result.network.server_subnet_ids == result.result.network.private_subnet_ids
    assert not result.result.network.assigns_public_ip


def test_a_shared_nat_gives_all_private_subnets_one_route_table(make_site: MakeSite) -> None:
    result = run(lambda: make_site(nat="single"))
    assert len(result.all(":NatGateway")) == 1
    tables = {
        each.inputs["routeTableId"]
        for each in result.all(":RouteTableAssociation")
        if "-private-" in each.name
    }
    assert len(tables) == 1
    assert _zones(result, "private") == ZONES[:2]


def test_without_nat_servers_sit_in_public_subnets_with_addresses_of_their_own(
    make_site: MakeSite,
) -> None:
    result = run(lambda: make_site("proxy"))
    assert not result.all(":NatGateway")
    assert not _zones(result, "private")
    assert result.result.network.server_subnet_ids == result.result.network.public_subnet_ids
    assert result.result.network.assigns_public_ip


def test_one_zone_confines_the_servers_but_not_databases_and_load_balancers(
    make_site: MakeSite,
) -> None:
    result = run(lambda: make_site(zones=1))
    assert _zones(result, "private") == ZONES[:1]
    assert _zones(result, "database") == _zones(result, "public") == ZONES[:2]
    without_nat = run(lambda: make_site(zones=1, nat="none")).result.network
    assert without_nat.server_subnet_ids == without_nat.public_subnet_ids[:1]


def test_zones_are_chosen_among_those_that_have_what_a_stack_needs(make_site: MakeSite) -> None:
    call = run(make_site).calls["aws:index/getAvailabilityZones:getAvailabilityZones"]
    assert "use1-az3" in call["excludeZoneIds"]
    assert {"name": "opt-in-status", "values": ["opt-in-not-required"]} in call["filters"]
    # A zone that is down for a while must not make another take its place.
    assert "state" not in call


def test_a_region_with_too_few_zones_is_refused_with_what_to_do(make_site: MakeSite) -> None:
    two = {"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ZONES[:2]}}
    with pytest.raises(pulumi.RunError, match=r"ingress.zones 3: .* 2 zones .*lower ingress.zones"):
        run(lambda: make_site(zones=3), functions=two)


def test_no_subnet_gives_out_public_addresses_by_itself(make_site: MakeSite) -> None:
    for subnet in run(make_site).all(":Subnet"):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False


def test_names_inside_the_network_resolve(make_site: MakeSite) -> None:
    vpc = run(make_site).one(":Vpc").inputs
    assert vpc["enableDnsHostnames"] is vpc["enableDnsSupport"] is True


def test_databases_have_no_way_out(make_site: MakeSite) -> None:
    result = run(make_site)
    table = result.one(":RouteTable", "letta-test-net-database")
    assert not table.inputs.get("routes")
    network = result.result.network
    for group in ("database", "cache"):
        group_id = result.value(network.security_groups[group])
        assert group_id not in {
            rule.inputs["securityGroupId"] for rule in result.all(":SecurityGroupEgressRule")
        }


def test_what_uses_a_subnet_waits_for_its_routes(make_site: MakeSite) -> None:
    def program() -> Site:
        site = make_site()
        pulumi.ComponentResource(
            "test:index:User", "user", {"subnet": site.network.server_subnet_ids[0]}
        )
        return site

    user = run(program).one(":User")
    assert "RouteTableAssociation letta-test-net-private-1" in user.depends_on


def test_behind_a_load_balancer_only_it_reaches_the_servers(make_site: MakeSite) -> None:
    result = run(lambda: make_site(allowed_cidrs=("198.51.100.0/24", "203.0.113.0/24")))
    assert _admitted(result, "load_balancer") == {
        (cidr, port, port) for cidr in ("198.51.100.0/24", "203.0.113.0/24") for port in (80, 443)
    }
    assert _admitted(result, "server") == {("load_balancer", 8283, 8283)}


def test_a_proxy_is_reached_on_the_web_ports_and_the_server_not_at_all(
    make_site: MakeSite,
) -> None:
    result = run(lambda: make_site("proxy"))
    assert "load_balancer" not in result.result.network.security_groups
    assert _admitted(result, "server") == {("0.0.0.0/0", 80, 80), ("0.0.0.0/0", 443, 443)}


@pytest.mark.parametrize("kind", ["load_balancer", "proxy"])
def test_data_is_reached_by_servers_and_the_bootstrap_alone(make_site: MakeSite, kind: str) -> None:
    result = run(lambda: make_site(kind))
    assert _admitted(result, "database") == {("server", 5432, 5432), ("bootstrap", 5432, 5432)}
    assert _admitted(result, "cache") == {("server", 6379, 6379), ("bootstrap", 6379, 6379)}


def test_servers_reach_the_internet_on_any_port_and_the_others_on_one(
    make_site: MakeSite,
) -> None:
    result = run(make_site)
    groups = result.result.network.security_groups
    released = {
        (rule.inputs["securityGroupId"], rule.inputs["fromPort"], rule.inputs["toPort"])
        for rule in result.all(":SecurityGroupEgressRule")
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0"
    }
    assert released == {
        (result.value(groups["server"]), 1, 65535),
        (result.value(groups["bootstrap"]), 443, 443),
        (result.value(groups["machine"]), 443, 443),
    }


@pytest.mark.parametrize("kind", ["load_balancer", "proxy"])
def test_every_connection_inside_is_let_out_where_it_is_let_in(
    make_site: MakeSite, kind: str
) -> None:
    result = run(lambda: make_site(kind))

    def pairs(rules: list[Registered], source: str, target: str) -> set[tuple[Any, ...]]:
        return {
            (rule.inputs[source], rule.inputs[target], rule.inputs["fromPort"])
            for rule in rules
            if "referencedSecurityGroupId" in rule.inputs
        }

    own, other = "securityGroupId", "referencedSecurityGroupId"
    assert pairs(result.all(":SecurityGroupIngressRule"), other, own) == pairs(
        result.all(":SecurityGroupEgressRule"), own, other
    )


def test_the_default_group_admits_nothing(make_site: MakeSite) -> None:
    default = run(make_site).one(":DefaultSecurityGroup")
    assert default.inputs["ingress"] == []
    assert default.inputs["egress"] == []


def test_s3_is_reached_past_nat(make_site: MakeSite) -> None:
    result = run(make_site)
    endpoint = result.one(":VpcEndpoint")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert len(endpoint.inputs["routeTableIds"]) == 3


def test_reasons_of_rules_are_descriptions_that_ec2_accepts() -> None:
    reasons = {flow.reason for flows in FLOWS.values() for flow in flows}
    assert all(_DESCRIPTION.fullmatch(reason) for reason in reasons)


def test_all_parts_of_the_network_are_its_children(make_site: MakeSite) -> None:
    result = run(make_site)
    parts = [each for each in result.resources if each.name.startswith("letta-test-net-")]
    assert len(parts) > 40
    assert {each.parent for each in parts} == {"letta-test-net"}
