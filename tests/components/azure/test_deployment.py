"""What small and medium on Azure are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from components.azure import catalog
from components.azure.fixed import VERSIONS
from sandbox.packages import package
from tests.components.aws import mock_cloud
from tests.components.aws.mock_cloud import UNKNOWN, Registered
from tests.components.azure.deployment import RESHAPED, deployed, of_azure

TIERS = ("small", "medium")
APP = ":ContainerApp"
LONGEST = "a-very-long-name-of-a-stack"
every_tier = pytest.mark.parametrize("tier", TIERS)


@every_tier
def test_every_resource_stands_below_a_component_and_has_the_stacks_provider(tier: str) -> None:
    for one in of_azure(deployed(tier)):
        assert one.parent.startswith("letta-test"), one
        assert one.provider == "letta-test", one


@every_tier
def test_names_are_given_and_fit_the_cloud_at_the_longest_name_of_a_stack(tier: str) -> None:
    azure = package("azure-native")
    for one in of_azure(deployed(tier, stack=LONGEST)):
        rule = azure.resource(one.type).table.name
        if rule is None or rule.uuid:
            continue
        given = one.inputs[rule.property]
        assert rule.max_length is None or len(given) <= rule.max_length, (one.type, given)
        assert rule.pattern is None or re.fullmatch(rule.pattern, given), (one.type, given)


@every_tier
def test_what_can_bear_tags_has_those_of_the_stack(tier: str) -> None:
    azure = package("azure-native")
    for one in of_azure(deployed(tier)):
        if "tags" in azure.resource(one.type).schema.inputs:
            assert one.inputs["tags"] == {
                "letta:stack": "test",
                "letta:tier": tier,
                "letta:managed-by": "pulumi",
            }, one.type


@every_tier
def test_what_sizes_a_server_is_known_before_anything_exists(tier: str) -> None:
    for app in deployed(tier, preview=True).all(APP):
        template = app.inputs["template"]
        assert UNKNOWN not in str(template["scale"])
        for container in template["containers"]:
            assert UNKNOWN not in str(container["resources"])
            plain = [
                env
                for env in container.get("env", ())
                if "secretRef" not in env and env["name"] != VERSIONS
            ]
            assert UNKNOWN not in str(plain)


@every_tier
def test_what_refers_to_what_is_known_before_anything_exists(tier: str) -> None:
    for subnet in deployed(tier, preview=True).all(":Subnet"):
        assert UNKNOWN not in str(subnet.inputs)
    for endpoint in deployed(tier, preview=True).all(":PrivateEndpoint"):
        assert UNKNOWN not in str(endpoint.inputs)


@every_tier
def test_no_secret_is_handed_over_in_plain_text(tier: str) -> None:
    result = deployed(tier)
    for secret in result.all("keyvault:Secret"):
        assert "properties" in secret.secrets, secret.name
    primary = result.one(":Server", "letta-test-db-primary")
    assert "administratorLoginPassword" in primary.secrets
    for one in of_azure(result):
        if one.type.rpartition(":")[2] in ("ContainerApp", "Job", "AzureCliScript"):
            assert not one.secrets, one.name
            assert "primary-key-of-redis" not in json.dumps(one.inputs, default=str)


@every_tier
def test_a_container_gets_its_secrets_from_the_vault_as_itself(tier: str) -> None:
    app = deployed(tier).one(APP, "letta-test-api")
    secrets = app.inputs["configuration"]["secrets"]
    [identity] = app.inputs["identity"]["userAssignedIdentities"]
    assert {one["identity"] for one in secrets} == {identity}
    assert all(one["keyVaultUrl"].startswith("https://letta-test") for one in secrets)
    assert not any("value" in one for one in secrets)
    assert app.inputs["configuration"]["identitySettings"] == [
        {"identity": identity, "lifecycle": "None"}
    ]


def _secrets_and_variables(app: Registered) -> tuple[dict[str, str], dict[str, str]]:
    held = {one["name"]: one["keyVaultUrl"] for one in app.inputs["configuration"]["secrets"]}
    server = app.inputs["template"]["containers"][0]
    return held, {one["name"]: one.get("value", one.get("secretRef")) for one in server["env"]}


def test_a_new_value_of_a_secret_is_another_revision_and_the_running_one_keeps_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "azure-native:keyvault:Secret"
    before = deployed("medium").one(APP, "letta-test-api")

    def rotated(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        made: Mapping[str, Any] = RESHAPED[secret](name, inputs)
        changed = made["properties"]["secretUriWithVersion"].replace("5", "7")
        return {"properties": {**made["properties"], "secretUriWithVersion": changed}}

    monkeypatch.setitem(mock_cloud.COMPUTED, secret, rotated)
    after = deployed("medium", budget=9001).one(APP, "letta-test-api")
    (held, variables), (held_then, variables_then) = map(_secrets_and_variables, (before, after))
    assert held.keys() == held_then.keys()
    assert variables["LETTA_PG_URI"] == variables_then["LETTA_PG_URI"] == "letta-pg-uri"
    assert held["letta-pg-uri"] != held_then["letta-pg-uri"]
    differing = {name for name in variables if variables[name] != variables_then[name]}
    assert differing == {VERSIONS}


@every_tier
def test_no_subnet_has_a_way_out_of_its_own_and_those_of_servers_have_a_gateway(
    tier: str,
) -> None:
    subnets = deployed(tier).all(":Subnet")
    assert all(one.inputs["defaultOutboundAccess"] is False for one in subnets)
    out = [one.name for one in subnets if one.inputs.get("natGateway")]
    # Those of both kinds of environment are there on every tier.
    assert out == ["letta-test-net-proxy", "letta-test-net-balancer"]
    for before, one in pairwise(subnets):
        assert f"Subnet {before.name}" in one.depends_on, "changes of a network exclude each other"
    assert all(one.inputs["networkSecurityGroup"] for one in subnets)


@every_tier
def test_a_copy_has_a_size_that_container_apps_has(tier: str) -> None:
    for app in deployed(tier).all(APP):
        limits = [one["resources"] for one in app.inputs["template"]["containers"]]
        vcpus = sum(each["cpu"] for each in limits)
        memory = sum(float(each["memory"].removesuffix("Gi")) for each in limits)
        assert catalog.serverless_size(vcpus, int(memory * 1024)), app.name
        assert app.inputs["template"]["scale"]["minReplicas"] >= 1


@every_tier
def test_servers_start_after_the_bootstrap_has_ended_well(tier: str) -> None:
    result = deployed(tier)
    script = result.one(":AzureCliScript", "letta-test-boot-run")
    assert script.inputs["environmentVariables"][0]["value"].endswith("/jobs/letta-test-boot")
    for app in result.all(APP):
        assert "AzureCliScript letta-test-boot-run" in app.depends_on


def test_whoever_runs_the_bootstrap_may_start_it_and_nothing_else() -> None:
    [grant] = [one for one in deployed("medium").all(":RoleAssignment") if "boot-run" in one.name]
    assert grant.inputs["roleDefinitionId"].endswith("b9a307c4-5aa3-4b52-ba60-2b17c136cd7b")
    assert grant.inputs["scope"].endswith("/jobs/letta-test-boot")


def test_an_identity_reads_what_its_containers_refer_to_and_nothing_else() -> None:
    granted = [
        one.name for one in deployed("medium").all(":RoleAssignment") if "-boot-id-" in one.name
    ]
    assert sorted(granted) == [
        "letta-test-boot-id-bootstrap-admin-uri",
        "letta-test-boot-id-letta-encryption-key",
        "letta-test-boot-id-letta-pg-uri",
    ]


def test_alarms_tell_every_address_and_the_budget_too() -> None:
    result = deployed(
        "medium", monitoring={"alarm_emails": ["a@example.com", "b@example.com"]}, budget=9000
    )
    assert len(result.one(":ActionGroup").inputs["emailReceivers"]) == 2
    for alert in result.all(":MetricAlert"):
        assert alert.inputs["actions"][0]["actionGroupId"].endswith("letta-test-alerts")
    told = result.one(":Budget")
    assert told.inputs["notifications"]["Actual"]["contactEmails"] == [
        "a@example.com",
        "b@example.com",
    ]
    assert told.ignore_changes == ("timePeriod",)
