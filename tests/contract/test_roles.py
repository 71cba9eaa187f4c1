"""Every role on every cloud and tier, on the stand-in engine."""

from __future__ import annotations

import re
from typing import Any

from components.naming import BASE_LIMIT, base_name
from sandbox.naming import Autonaming, automatic_name, name_problems
from sandbox.packages import package
from tests.components.aws.mock_cloud import UNKNOWN, Registered, Run
from tests.contract.built import STACK, built, custom, every_stack
from tests.contract.commands import commands

DEPLOYMENT = "letta:index:Deployment"
NEUTRAL = "workloads"
"""What runs on any cloud's Kubernetes."""
ROLES = {
    "small": {"db", "boot", "api", "dump"},
    "medium": {"db", "cache", "boot", "api", "work", "dump", "in"},
    "large": {"db", "cache", "boot", "api", "work", "dump", "in"},
}
"""Tier -> roles that are a component of their own on every cloud, by the end of their name."""
OBJECT_NAME_LIMIT = 63
"""Of a label's value and of a Service's name, the shortest among objects of Kubernetes (RFC
1123)."""
OBJECT_SUFFIX = "-12345678"
"""What the provider of Kubernetes appends to a name that it makes."""
LEAST_SECRET = 16
"""Characters of the shortest text that is looked for elsewhere: names of users are shorter, and
passwords are not."""


def _components(found: Run[Any]) -> list[Registered]:
    return [one for one in found.resources if one.type.startswith("letta:")]


@every_stack
def test_a_component_s_type_names_its_cloud_and_what_it_is(cloud: str, tier: str) -> None:
    for one in _components(built(cloud, tier)):
        pattern = rf"letta:({cloud}|{NEUTRAL}):[A-Z][A-Za-z]+"
        assert one.type == DEPLOYMENT or re.fullmatch(pattern, one.type), one


@every_stack
def test_every_role_is_a_component_below_the_deployment(cloud: str, tier: str) -> None:
    components = _components(built(cloud, tier))
    [top] = [one for one in components if one.type == DEPLOYMENT]
    below = {
        one.name.removeprefix(f"{base_name(STACK)}-")
        for one in components
        if one.parent_urn == top.urn
    }
    assert below >= ROLES[tier]


@every_stack
def test_every_resource_stands_below_the_deployment(cloud: str, tier: str) -> None:
    found = built(cloud, tier)
    by_urn = {one.urn: one for one in found.resources}
    for one in found.resources:
        chain = [one]
        while chain[-1].parent_urn in by_urn:
            chain.append(by_urn[chain[-1].parent_urn])
        assert chain[-1].type == DEPLOYMENT, one.urn
        assert one.type.startswith(("letta:index:", "pulumi:providers:")) or chain[
            1
        ].type.startswith("letta:"), one.urn


@every_stack
def test_every_resource_has_a_provider_of_the_stack(cloud: str, tier: str) -> None:
    found = built(cloud, tier)
    own = {one.name for one in found.resources if one.type.startswith("pulumi:providers:")}
    for one in custom(found):
        # What keeps random values needs no account.
        assert one.type.startswith("random:") or one.provider in own, one.urn


@every_stack
def test_no_two_resources_have_the_same_urn(cloud: str, tier: str) -> None:
    urns = [one.urn for one in built(cloud, tier).resources]
    assert len(urns) == len({*urns})


@every_stack
def test_every_component_says_when_it_is_done(cloud: str, tier: str) -> None:
    found = built(cloud, tier)
    assert [one.urn for one in _components(found) if one.urn not in found.outputs] == []


@every_stack
def test_a_deployment_says_how_it_is_reached(cloud: str, tier: str) -> None:
    found = built(cloud, tier)
    [top] = [one for one in _components(found) if one.type == DEPLOYMENT]
    said = found.outputs[top.urn]
    for name in ("url", "address", "server_password", "database_address", "bucket"):
        assert said[name] not in ("", None, UNKNOWN), name
    assert found.secret(found.result.server_password)
    assert not found.secret(found.result.url)


@every_stack
def test_names_are_what_the_cloud_takes_at_the_longest_name_of_a_stack(
    cloud: str, tier: str
) -> None:
    assert len(base_name(STACK)) == BASE_LIMIT
    for one in custom(built(cloud, tier)):
        if one.type.startswith("kubernetes:"):
            name = one.inputs.get("metadata", {}).get("name") or f"{one.name}{OBJECT_SUFFIX}"
            assert len(name) <= OBJECT_NAME_LIMIT, one.urn
            continue
        rule = package(one.type.partition(":")[0]).resource(one.type).table.name
        if rule is None:
            continue
        name = one.inputs.get(rule.property) or automatic_name(
            rule, one.name, b"seed", Autonaming(), one.inputs
        )
        if UNKNOWN not in str(name):
            assert list(name_problems(rule, str(name))) == [], one.urn


@every_stack
def test_whatever_can_have_tags_has_those_of_the_stack(cloud: str, tier: str) -> None:
    """From the provider, where that gives them to all it makes, or each by itself."""
    found = built(cloud, tier)
    providers = {
        one.name: str(one.inputs)
        for one in found.resources
        if one.type.startswith("pulumi:providers:")
    }
    tagged = 0
    for one in custom(found):
        kind = one.type.partition(":")[0]
        if kind == "kubernetes":
            continue
        inputs = package(kind).resource(one.type).schema.inputs
        given = [inputs[name].type for name in ("tags", "labels") if name in inputs]
        # A list of labels is something else: what an alarm says, for one.
        if any(isinstance(kind, dict) and "map" in kind for kind in given):
            said = f"{providers.get(one.provider, '')} {one.inputs}"
            assert all(value in said for value in (STACK, tier, "pulumi")), one.urn
            assert "managed-by" in said, one.urn
            tagged += 1
    assert tagged or cloud == "kubernetes"


@every_stack
def test_no_secret_stands_in_plain_text_anywhere(cloud: str, tier: str) -> None:
    found = built(cloud, tier)
    hidden = {text for one in found.resources for text in one.hidden if len(text) >= LEAST_SECRET}
    assert hidden, "nothing is secret"
    for one in found.resources:
        for text in one.shown:
            assert not [secret for secret in hidden if secret in text], one.urn


@every_stack
def test_no_process_of_a_stack_is_started_with_a_secret(cloud: str, tier: str) -> None:
    """Whoever is on its machine can read what it is started with."""
    found = built(cloud, tier)
    hidden = {text for one in found.resources for text in one.hidden if len(text) >= LEAST_SECRET}
    started = {one.urn: [*commands(one.inputs)] for one in found.resources}
    assert any(started.values()), "nothing is started"
    for urn, words in started.items():
        assert not [word for word in words if any(text in word for text in hidden)], urn
