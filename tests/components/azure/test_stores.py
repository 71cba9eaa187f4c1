"""Where data is kept on Azure: database, cache, bucket, vault, queue."""

from __future__ import annotations

from itertools import pairwise

import pytest

from components.azure import catalog
from tests.components.aws.mock_cloud import Registered
from tests.components.azure.deployment import deployed, of_azure

TIERS = ("small", "medium")
APP = ":ContainerApp"
LONGEST = "a-very-long-name-of-a-stack"
every_tier = pytest.mark.parametrize("tier", TIERS)


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


def test_messages_outlive_a_worker_and_nobody_has_a_key_of_the_queue() -> None:
    result = deployed("medium")
    queue = result.one("servicebus:Queue").inputs
    assert queue["lockDuration"] == "PT300S"
    assert queue["deadLetteringOnMessageExpiration"] is True
    assert result.one(":Namespace").inputs["disableLocalAuth"] is True
