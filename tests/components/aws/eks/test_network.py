"""The network of a cluster: whose nodes may talk to whom, and what subnets are marked with."""

from __future__ import annotations

from typing import Any

from tests.components.aws.eks.sites import plain
from tests.components.aws.mock_cloud import Registered


def _rules(direction: str) -> set[tuple[Any, ...]]:
    """Group, other end, first port, of all rules of one direction."""
    result = plain()
    names = {
        result.value(group_id): name
        for name, group_id in result.result.network.security_groups.items()
    }

    def ends(rule: Registered) -> tuple[Any, ...]:
        inputs = rule.inputs
        other = inputs.get("cidrIpv4") or names[inputs["referencedSecurityGroupId"]]
        return names[inputs["securityGroupId"]], other, inputs["fromPort"], inputs["toPort"]

    return {ends(rule) for rule in result.all(f":SecurityGroup{direction}Rule")}


def test_only_the_load_balancer_calls_servers_and_only_servers_reach_data() -> None:
    assert {rule for rule in _rules("Ingress") if rule[0] != "load_balancer"} == {
        ("server", "load_balancer", 8283, 8283),
        ("database", "server", 5432, 5432),
        ("cache", "server", 6379, 6379),
    }


def test_models_reach_the_web_and_nothing_else() -> None:
    assert {rule for rule in _rules("Egress") if rule[0] == "model"} == {
        ("model", "0.0.0.0/0", 443, 443)
    }


def test_there_are_no_groups_for_what_is_not_there() -> None:
    assert set(plain().result.network.security_groups) == {
        "load_balancer",
        "server",
        "model",
        "database",
        "cache",
    }


def test_subnets_are_marked_for_load_balancers_that_a_cluster_makes() -> None:
    marked = {
        each.name.split("-")[-2]: {
            tag for tag in each.inputs["tags"] if tag.startswith("kubernetes.io/")
        }
        for each in plain().all(":Subnet")
    }
    assert marked == {
        "public": {"kubernetes.io/role/elb"},
        "private": {"kubernetes.io/role/internal-elb"},
        "database": set(),
    }
