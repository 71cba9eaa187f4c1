"""The ways in of small and medium on Azure, and who may take them."""

from __future__ import annotations

import re

import pytest

from components.azure import gateway
from components.letta.environment import WORKER_PATHS
from tests.components.azure.deployment import CERTIFICATE, deployed

TIERS = ("small", "medium")
APP = ":ContainerApp"
LONGEST = "a-very-long-name-of-a-stack"
every_tier = pytest.mark.parametrize("tier", TIERS)


def test_small_has_its_domain_bound_by_azure_and_redis_beside_the_server() -> None:
    result = deployed("small")
    app = result.one(APP)
    [domain] = app.inputs["configuration"]["ingress"]["customDomains"]
    assert domain == {"name": "letta.example.com", "bindingType": "Auto"}
    kinds = {one.inputs["recordType"]: one.inputs for one in result.all("dns:RecordSet")}
    assert kinds["CNAME"]["relativeRecordSetName"] == "letta"
    assert kinds["TXT"]["relativeRecordSetName"] == "asuid.letta"
    assert {f"RecordSet {one.name}" for one in result.all("dns:RecordSet")} <= set(app.depends_on)
    assert [one["name"] for one in app.inputs["template"]["containers"]] == ["server", "redis"]
    environment = result.one(":ManagedEnvironment").inputs
    assert "ingressConfiguration" not in environment
    assert environment["vnetConfiguration"]["internal"] is False


def test_a_longer_silence_takes_machines_for_the_ingress() -> None:
    environment = deployed("medium").one(":ManagedEnvironment").inputs
    assert environment["ingressConfiguration"]["requestIdleTimeout"] == 15
    [_, profile] = environment["workloadProfiles"]
    assert (profile["workloadProfileType"], profile["minimumCount"]) == ("D4", 2)
    assert environment["vnetConfiguration"]["internal"] is True


def test_the_gateway_waits_as_long_and_takes_the_certificate_as_itself() -> None:
    result = deployed("medium")
    given = result.one(":ApplicationGateway").inputs
    assert {one["requestTimeout"] for one in given["backendHttpSettingsCollection"]} == {900}
    [certificate] = given["sslCertificates"]
    assert certificate["keyVaultSecretId"] == (
        "https://letta-shared.vault.azure.net/secrets/letta-example-com"
    )
    [grant] = [one for one in result.all(":RoleAssignment") if one.name.endswith("-certificate")]
    assert grant.inputs["scope"] == CERTIFICATE
    assert given["sku"]["name"] == "Standard_v2"


def test_long_work_goes_to_the_worker_and_all_else_to_the_api() -> None:
    given = deployed("medium").one(":ApplicationGateway").inputs
    [routes] = given["urlPathMaps"]
    assert routes["defaultBackendAddressPool"]["id"].endswith("/backendAddressPools/api")
    [rule] = routes["pathRules"]
    assert rule["paths"] == ["/letta-worker/*"]
    rewriting, _ = given["rewriteRuleSets"][0]["rewriteRules"]
    moved = rewriting["actionSet"]["urlConfiguration"]
    assert moved == {"modifiedPath": "/letta-worker{var_uri_path}", "reroute": True}
    back = {one["name"]: one.get("path") for one in given["backendHttpSettingsCollection"]}
    assert back == {"api": None, "worker": "/"}


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/v1/agents/agent-1/messages/async", True),
        ("/v1/agents/agent-1/messages", False),
        ("/v1/agents/a/b/messages/async", False),
        ("/v1/messages/batches", True),
        ("/v1/folders/f/upload", True),
        ("/v1/folders/f/upload/more", False),
    ],
)
def test_a_star_stands_for_one_part_of_a_path(path: str, goes: bool) -> None:
    assert bool(re.search(gateway.pattern(WORKER_PATHS), path)) is goes


def test_without_a_worker_there_is_one_route() -> None:
    given = deployed("medium", worker={"enabled": False}).one(":ApplicationGateway").inputs
    assert "urlPathMaps" not in given
    assert len(given["backendAddressPools"]) == 1


def test_callers_are_narrowed_down_where_the_stack_file_says_so() -> None:
    narrow = {
        "domain": "letta.example.com",
        "certificate": CERTIFICATE,
        "allowed_cidrs": ["198.51.100.0/24"],
    }
    group = deployed("medium", ingress=narrow).one(
        ":NetworkSecurityGroup", "letta-test-net-gateway"
    )
    callers = [one for one in group.inputs["securityRules"] if one["name"] == "callers"]
    assert callers[0]["sourceAddressPrefix"] == "198.51.100.0/24"
    last = group.inputs["securityRules"][-1]
    assert (last["access"], last["sourceAddressPrefix"]) == ("Deny", "*")


def test_callers_of_an_environment_are_narrowed_down_by_its_app_alone() -> None:
    result = deployed(
        "small",
        ingress={"domain": "letta.example.com", "allowed_cidrs": ["198.51.100.0/24"]},
    )
    ingress = result.one(APP).inputs["configuration"]["ingress"]
    assert [one["ipAddressRange"] for one in ingress["ipSecurityRestrictions"]] == [
        "198.51.100.0/24"
    ]
    rules = result.one(":NetworkSecurityGroup", "letta-test-net-proxy").inputs["securityRules"]
    assert [one["name"] for one in rules if one["direction"] == "Inbound"] == [
        "own",
        "probes",
        "nobody-else",
    ]


def test_the_firewall_counts_callers_and_leaves_bodies_alone() -> None:
    result = deployed(
        "medium",
        ingress={"domain": "letta.example.com", "certificate": CERTIFICATE, "waf": {}},
    )
    policy = result.one(":WebApplicationFirewallPolicy").inputs
    assert policy["policySettings"]["requestBodyCheck"] is False
    assert policy["policySettings"]["mode"] == "Prevention"
    [rate] = policy["customRules"]
    assert (rate["rateLimitThreshold"], rate["rateLimitDuration"]) == (2000, "FiveMins")
    assert result.one(":ApplicationGateway").inputs["sku"]["name"] == "WAF_v2"
