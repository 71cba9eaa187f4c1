"""What waits for what on Azure, and what stands in nobody's way."""

from __future__ import annotations

import re

import pytest

from components.azure import catalog
from tests.components.azure.deployment import SUBSCRIPTION, TENANT, deployed, on_aks

every_tier = pytest.mark.parametrize("tier", ["small", "medium"])


@every_tier
def test_the_databases_lock_can_go_with_the_setting(tier: str) -> None:
    lock = deployed(tier).one(":ManagementLockByScope", "letta-test-db-primary-lock")
    assert not lock.protect, "the engine would refuse to delete it once the setting is off"


def test_replicas_are_made_one_by_one_after_the_database() -> None:
    result = deployed("medium", database={"read_replicas": 2})
    first = result.one(":Server", "letta-test-db-replica-1")
    assert "Database letta-test-db" in first.depends_on, "the primary is busy meanwhile"
    second = result.one(":Server", "letta-test-db-replica-2")
    assert any("letta-test-db-replica-1" in one for one in second.depends_on)


def test_a_replica_may_go_with_the_setting() -> None:
    assert not deployed("medium").one(":Server", "letta-test-db-replica-1").protect


def test_replicas_grow_before_their_primary_by_settings_of_their_own() -> None:
    result = deployed(
        "medium",
        azure={
            "subscription": SUBSCRIPTION,
            "tenant": TENANT,
            "dns_resource_group": "shared",
            "replica_instance_type": "Standard_E8ds_v5",
            "replica_storage_gib": 1024,
        },
    )
    sizes = {
        one.name.rpartition("-db-")[2]: (
            one.inputs["sku"]["name"],
            one.inputs["storage"]["storageSizeGB"],
        )
        for one in result.all("dbforpostgresql:Server")
    }
    assert sizes == {
        "primary": ("Standard_D4ds_v5", 512),
        "replica-1": ("Standard_E8ds_v5", 1024),
    }
    most = result.one(":Configuration", "letta-test-db-replica-1-max-connections").inputs["value"]
    assert most == str(catalog.database_class("Standard_E8ds_v5").max_connections)


def test_a_cluster_of_redis_is_changed_by_one_at_a_time() -> None:
    endpoint = deployed("medium").one(":PrivateEndpoint", "letta-test-cache-endpoint")
    assert "Database letta-test-cache" in endpoint.depends_on


def test_the_servers_of_a_standby_reach_each_other_and_their_poolers() -> None:
    group = deployed("medium").one(":NetworkSecurityGroup", "letta-test-net-database")
    [standby] = [one for one in group.inputs["securityRules"] if one["name"] == "standby"]
    assert standby["destinationPortRanges"] == ["5432", "6432"]


def test_zones_of_private_endpoints_leave_other_vaults_to_public_names() -> None:
    links = deployed("medium").all(":VirtualNetworkLink")
    policies = {one.inputs["privateZoneName"]: one.inputs.get("resolutionPolicy") for one in links}
    for zone, policy in policies.items():
        private = str(zone).startswith("privatelink.")
        assert policy == ("NxDomainRedirect" if private else None), zone


def test_small_has_a_certificate_once_the_app_has_its_domain() -> None:
    certificate = deployed("small").one(":ManagedCertificate")
    assert certificate.inputs["properties"] == {
        "subjectName": "letta.example.com",
        "domainControlValidation": "CNAME",
    }
    assert "ContainerApp letta-test-api" in certificate.depends_on
    assert any(one.startswith("RecordSet ") for one in certificate.depends_on)


def test_a_stream_passes_the_gateway_as_it_comes() -> None:
    given = deployed("medium").one(":ApplicationGateway").inputs
    assert given["globalConfiguration"] == {
        "enableRequestBuffering": True,
        "enableResponseBuffering": False,
    }


@pytest.mark.parametrize("worker", [True, False])
def test_a_redirect_of_a_server_leads_back_to_the_domain(worker: bool) -> None:
    given = deployed("medium", worker={"enabled": worker}).one(":ApplicationGateway").inputs
    rules = given["rewriteRuleSets"][0]
    [back] = [one for one in rules["rewriteRules"] if one["name"] == "redirects"]
    [condition] = back["conditions"]
    assert condition["variable"] == "http_resp_Location"
    answer = "http://letta-test-api.kindhill-0a1b2c3d.eastus.azurecontainerapps.io/v1/agents/?a=b"
    found = re.fullmatch(condition["pattern"], answer)
    assert found
    [header] = back["actionSet"]["responseHeaderConfigurations"]
    assert header["headerName"] == "Location"
    assert header["headerValue"] == "https://letta.example.com{http_resp_Location_1}"
    assert found[1] == "/v1/agents/?a=b"
    assert not re.fullmatch(condition["pattern"], "https://elsewhere.example.com/x")
    if worker:
        [routes] = given["urlPathMaps"]
        sets = [
            routes["defaultRewriteRuleSet"],
            *(one["rewriteRuleSet"] for one in routes["pathRules"]),
        ]
    else:
        sets = [given["requestRoutingRules"][0]["rewriteRuleSet"]]
    assert len(sets) == 1 + worker


@every_tier
def test_alarms_on_logs_do_not_ask_for_tables_that_are_not_there_yet(tier: str) -> None:
    rules = deployed(tier).all(":ScheduledQueryRule")
    assert rules
    assert all(one.inputs["skipQueryValidation"] is True for one in rules)


@every_tier
def test_whoever_starts_the_bootstrap_asks_again_until_the_right_is_known(tier: str) -> None:
    script = deployed(tier).one(":AzureCliScript", "letta-test-boot-run")
    assert "until name=" in script.inputs["scriptContent"]


@every_tier
def test_stores_and_containers_wait_until_their_rights_are_known(tier: str) -> None:
    result = deployed(tier)
    for kind in (":StorageAccount", ":RedisEnterprise", "dbforpostgresql:Server"):
        for one in result.all(kind):
            assert "AzureCliScript letta-test-secrets-key-user-wait" in one.depends_on, one.name
    for kind in (":ContainerApp", "app:Job"):
        for one in result.all(kind):
            assert f"AzureCliScript {one.name}-id-wait" in one.depends_on
    for wait in result.all(":AzureCliScript"):
        if wait.name.endswith("-wait"):
            assert any(one.startswith("RoleAssignment ") for one in wait.depends_on)
            assert "identity" not in wait.inputs, "it needs no right of its own"
            assert wait.inputs["scriptContent"] == "sleep 600"


def test_a_vault_of_the_users_can_admit_the_subnets_that_read_it() -> None:
    for tier, reads in (
        ("small", {"proxy", "balancer"}),
        ("medium", {"proxy", "balancer", "gateway"}),
    ):
        subnets = deployed(tier).all(":Subnet")
        named = {
            str(one.inputs["subnetName"])
            for one in subnets
            if one.inputs.get("serviceEndpoints") == [{"service": "Microsoft.KeyVault"}]
        }
        assert named == reads


def test_a_stack_that_grows_gives_up_no_subnet() -> None:
    sizes = (deployed("small"), deployed("medium"), on_aks())
    small, medium, large = (
        {str(one.inputs["subnetName"]): one.inputs["addressPrefix"] for one in each.all(":Subnet")}
        for each in sizes
    )
    assert small.items() < medium.items() < large.items()
