"""What small and medium on Azure are made of."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from components.azure import catalog, gateway
from components.azure.fixed import VERSIONS
from components.letta.environment import WORKER_PATHS
from sandbox.packages import package
from tests.components.aws import mock_cloud
from tests.components.aws.mock_cloud import UNKNOWN, Registered
from tests.components.azure.deployment import CERTIFICATE, RESHAPED, deployed, of_azure

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
        made: dict[str, Any] = RESHAPED[secret](name, inputs)
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


def _primary(tier: str) -> Registered:
    return deployed(tier).one(":Server", "letta-test-db-primary")


@every_tier
def test_the_database_has_a_private_address_that_the_network_finds(tier: str) -> None:
    result, primary = deployed(tier), _primary(tier)
    network = primary.inputs["network"]
    assert network["delegatedSubnetResourceId"].endswith("/subnets/database")
    zone = network["privateDnsZoneArmResourceId"].rpartition("/")[2]
    assert zone.endswith(".postgres.database.azure.com")
    assert not zone.startswith(f"{primary.inputs['serverName']}.postgres")
    assert "VirtualNetworkLink letta-test-db-names" in primary.depends_on
    subnet = result.one(":Subnet", "letta-test-net-database")
    [delegation] = subnet.inputs["delegations"]
    assert delegation["serviceName"] == "Microsoft.DBforPostgreSQL/flexibleServers"


@every_tier
def test_the_database_is_locked_last_and_protected(tier: str) -> None:
    result = deployed(tier)
    lock = result.one(":ManagementLockByScope", "letta-test-db-primary-lock")
    assert lock.inputs["level"] == "CanNotDelete"
    assert lock.inputs["scope"].endswith(_primary(tier).inputs["serverName"])
    assert _primary(tier).protect
    below = {
        f"{one.type.rpartition(':')[2]} {one.name}"
        for one in of_azure(result)
        if one.type.endswith((":DiagnosticSetting", "dbforpostgresql:Database"))
        and "-db" in one.name
    }
    assert below <= set(lock.depends_on), "a lock holds what is below the server too"


def test_without_protection_there_is_no_lock() -> None:
    result = deployed("small", database={"deletion_protection": False})
    assert not any("-db-" in one.name for one in result.all(":ManagementLockByScope"))
    assert not result.one(":Server").protect


def test_the_database_is_of_the_size_that_the_requirements_name() -> None:
    inputs = _primary("medium").inputs
    assert inputs["sku"] == {"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"}
    assert inputs["storage"] == {"storageSizeGB": 512, "autoGrow": "Enabled"}
    assert inputs["highAvailability"] == {"mode": "ZoneRedundant"}
    assert inputs["backup"]["backupRetentionDays"] == 35
    assert inputs["dataEncryption"]["type"] == "AzureKeyVault"
    replica = deployed("medium").one(":Server", "letta-test-db-replica-1").inputs
    assert replica["createMode"] == "Replica"
    assert "administratorLogin" not in replica


@every_tier
def test_parameters_are_set_one_after_the_other_and_vector_is_allowed_first(tier: str) -> None:
    chain = [
        one
        for one in deployed(tier).all("dbforpostgresql:Configuration")
        if "-primary-" in one.name
    ]
    assert chain[0].inputs["configurationName"] == "azure.extensions"
    assert chain[0].inputs["value"] == "VECTOR"
    for before, one in pairwise(chain):
        assert f"Configuration {before.name}" in one.depends_on
    values = {one.inputs["configurationName"]: one.inputs["value"] for one in chain}
    found = catalog.database_class(_primary(tier).inputs["sku"]["name"])
    assert values["max_connections"] == str(found.max_connections)


@every_tier
def test_no_subnet_has_a_way_out_of_its_own_and_those_of_servers_have_a_gateway(
    tier: str,
) -> None:
    subnets = deployed(tier).all(":Subnet")
    assert all(one.inputs["defaultOutboundAccess"] is False for one in subnets)
    out = [one.name for one in subnets if one.inputs.get("natGateway")]
    assert out == [f"letta-test-net-{'proxy' if tier == 'small' else 'balancer'}"]
    for before, one in pairwise(subnets):
        assert f"Subnet {before.name}" in one.depends_on, "changes of a network exclude each other"
    assert all(one.inputs["networkSecurityGroup"] for one in subnets)


@every_tier
def test_stores_answer_inside_the_network_alone(tier: str) -> None:
    result = deployed(tier)
    assert result.one("keyvault:Vault").inputs["properties"]["publicNetworkAccess"] == "Disabled"
    account = result.one(":StorageAccount").inputs
    assert account["publicNetworkAccess"] == "Disabled"
    assert account["allowSharedKeyAccess"] is False
    assert account["minimumTlsVersion"] == "TLS1_2"
    for cache in result.all(":RedisEnterprise"):
        assert cache.inputs["publicNetworkAccess"] == "Disabled"
    groups = {
        one.inputs["privateLinkServiceConnections"][0]["groupIds"][0]
        for one in result.all(":PrivateEndpoint")
    }
    assert groups == {"vault", "blob", *(["redisEnterprise"] if tier == "medium" else [])}
    assert len(result.all(":PrivateDnsZoneGroup")) == len(groups)


@every_tier
def test_the_vault_can_be_had_back_and_goes_with_what_it_holds(tier: str) -> None:
    result = deployed(tier)
    properties = result.one("keyvault:Vault").inputs["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["enablePurgeProtection"] is True
    assert properties["softDeleteRetentionInDays"] == 90


def test_redis_is_one_shard_behind_a_proxy_that_has_its_key() -> None:
    result = deployed("medium")
    database = result.one("redisenterprise:Database").inputs
    assert database["clusteringPolicy"] == "NoCluster"
    assert database["clientProtocol"] == "Encrypted"
    for app in result.all(APP):
        server, proxy = app.inputs["template"]["containers"]
        assert {"name": "LETTA_REDIS_HOST", "value": "127.0.0.1"} in server["env"]
        assert not any(env["name"].startswith("REDIS_PROXY") for env in server["env"])
        assert {env["name"] for env in proxy["env"] if "secretRef" in env} == {
            "REDIS_PROXY_PASSWORD"
        }
        assert proxy["name"] == "redis-proxy"


@pytest.mark.parametrize(
    ("redundancy", "last"),
    [
        ("zrs", "tierToCold"),
        ("gzrs", "tierToCold"),
        ("lrs", "tierToArchive"),
        ("grs", "tierToArchive"),
    ],
)
def test_blobs_grow_cheaper_with_age_as_far_as_their_redundancy_lets_them(
    redundancy: str, last: str
) -> None:
    result = deployed(
        "small",
        azure={
            "subscription": "00000000-0000-0000-0000-000000000001",
            "tenant": "72f988bf-0000-4000-8000-2d7cd011db47",
            "dns_resource_group": "shared",
            "storage_redundancy": redundancy,
        },
    )
    policy = result.one(":ManagementPolicy").inputs
    assert policy["managementPolicyName"] == "default"
    [ageing] = [one for one in policy["policy"]["rules"] if one["name"] == "ageing"]
    actions = ageing["definition"]["actions"]["baseBlob"]
    assert {name: next(iter(when.values())) for name, when in actions.items()} == {
        "tierToCool": 30,
        last: 90,
    }
    sku = result.one(":StorageAccount").inputs["sku"]["name"]
    assert sku == f"Standard_{redundancy.upper()}"


@every_tier
def test_blobs_have_versions_and_their_account_a_lock(tier: str) -> None:
    result = deployed(tier)
    assert result.one(":BlobServiceProperties").inputs["isVersioningEnabled"] is True
    assert result.one(":StorageAccount").protect
    assert result.one(":ManagementLockByScope", "letta-test-data-lock").protect


def test_deleted_blobs_can_be_had_back_as_long_as_replaced_versions() -> None:
    service = deployed("medium", storage={"noncurrent_expiration_days": 40}).one(
        ":BlobServiceProperties"
    )
    assert service.inputs["deleteRetentionPolicy"] == {"enabled": True, "days": 40}
    longest = deployed("medium", storage={"noncurrent_expiration_days": 3000})
    assert longest.one(":BlobServiceProperties").inputs["deleteRetentionPolicy"]["days"] == 365


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


def test_messages_outlive_a_worker_and_nobody_has_a_key_of_the_queue() -> None:
    result = deployed("medium")
    queue = result.one("servicebus:Queue").inputs
    assert queue["lockDuration"] == "PT300S"
    assert queue["deadLetteringOnMessageExpiration"] is True
    assert result.one(":Namespace").inputs["disableLocalAuth"] is True
