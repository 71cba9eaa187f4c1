"""What the simulated Azure refuses because of what there is, and what it says of what it makes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from sandbox import admin
from tests.sandbox.azure import estate
from tests.sandbox.azure.conftest import SUBSCRIPTION
from tests.sandbox.azure.estate import (
    CRYPTO_USER,
    KEY_URL,
    SECRET_URL,
    SECRETS_USER,
    Estate,
    app,
    cluster,
    gateway,
    inside,
    path,
    server,
)
from tests.sandbox.engine import Engine, Refused, Resource

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


@pytest.fixture
def made(azure: Engine) -> Estate:
    """A subscription with a group."""
    return Estate(azure)


def _private(**changes: object) -> dict[str, object]:
    return server(
        network={
            "delegatedSubnetResourceId": path("Microsoft.Network/virtualNetworks/net/subnets/db"),
            "privateDnsZoneArmResourceId": path(
                f"Microsoft.Network/privateDnsZones/{DATABASE_ZONE}"
            ),
        },
        **changes,
    )


def _environment(**changes: object) -> dict[str, object]:
    return inside(
        **{
            "environmentName": "env",
            "workloadProfiles": [{"name": "Consumption", "workloadProfileType": "Consumption"}],
            **changes,
        }
    )


def test_names_are_made_as_the_provider_makes_them(made: Estate) -> None:
    identity = made.make(estate.IDENTITY, "letta-api", {"resourceGroupName": "rg"})
    grant = made.grant(identity, SECRETS_USER, path("").removesuffix("/providers/"))
    made.network()
    subnet = made.make(
        estate.SUBNET,
        "apps",
        {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.0.0.0/24"},
    )
    name = str(identity.inputs["resourceName"])
    assert name.startswith("letta-api")
    assert len(name) == len("letta-api") + 8
    assert len(str(grant.inputs["roleAssignmentName"])) == 36
    assert subnet.inputs["subnetName"] == "apps"
    assert subnet.id == path("Microsoft.Network/virtualNetworks/net/subnets/apps")


def test_subnets_lie_in_their_network_and_do_not_overlap(made: Estate) -> None:
    made.network()
    with pytest.raises(Refused, match="does not lie in"):
        made.subnet("a", "10.1.0.0/24")
    made.subnet("a", "10.0.0.0/17")
    with pytest.raises(Refused, match="overlaps with"):
        made.subnet("b", "10.0.64.0/18")


def test_a_subnet_is_large_enough_for_its_service(made: Estate) -> None:
    made.network()
    with pytest.raises(Refused, match="needs a /28"):
        made.subnet("db", "10.0.0.0/29", POSTGRES)


def test_a_private_database_needs_a_delegated_subnet_and_a_zone_that_is_linked(
    made: Estate,
) -> None:
    made.network()
    plain = made.subnet("db", "10.0.0.0/24")
    made.zone(DATABASE_ZONE, linked=False)
    with pytest.raises(Refused, match="delegate"):
        made.make(estate.DATABASE, "db", _private())
    made.engine.delete(plain)
    made.subnet("db", "10.0.0.0/24", POSTGRES)
    with pytest.raises(Refused, match="does not resolve"):
        made.make(estate.DATABASE, "db", _private())


def _with_database(made: Estate) -> Resource:
    made.network()
    made.subnet("db", "10.0.0.0/24", POSTGRES)
    made.zone(DATABASE_ZONE)
    return made.make(estate.DATABASE, "db", _private())


def test_a_zone_that_is_not_the_services_own_names_no_database(made: Estate) -> None:
    made.network()
    made.subnet("db", "10.0.0.0/24", POSTGRES)
    made.zone("example.internal")
    wrong = _private()
    wrong["network"]["privateDnsZoneArmResourceId"] = path(  # type: ignore[index]
        "Microsoft.Network/privateDnsZones/example.internal"
    )
    with pytest.raises(Refused, match="PrivateDnsZoneInvalid"):
        made.make(estate.DATABASE, "db", wrong)


def test_the_link_and_the_subnet_stay_while_a_database_lives_there(made: Estate) -> None:
    database = _with_database(made)
    assert database.outputs["fullyQualifiedDomainName"] == "letta-db.postgres.database.azure.com"
    assert database.outputs["network"]["publicNetworkAccess"] == "Disabled"
    link = made.engine.import_by_id(
        estate.LINK,
        "link",
        path(f"Microsoft.Network/privateDnsZones/{DATABASE_ZONE}/virtualNetworkLinks/net"),
    )
    assert link is not None
    with pytest.raises(Refused, match="is found by it"):
        made.engine.delete(link)


def test_a_disk_never_shrinks_and_a_version_never_falls(made: Estate) -> None:
    database = _with_database(made)
    with pytest.raises(Refused, match="do not become 64"):
        made.engine.update(database, _private(storage={"storageSizeGB": 64, "autoGrow": "Enabled"}))
    with pytest.raises(Refused, match="17 does not become 16"):
        made.engine.update(database, _private(version="16"))


def test_whether_a_database_is_private_is_said_once(made: Estate) -> None:
    database = _with_database(made)
    with pytest.raises(Refused, match="VnetConfigurationCannotBeChanged"):
        made.engine.update(database, server())


def test_a_replica_is_one_of_a_server_that_may_have_some(made: Estate) -> None:
    small = {"name": "Standard_B2s", "tier": "Burstable"}
    source = made.make(estate.DATABASE, "db", server(sku=small))
    replica = server(
        serverName="letta-replica",
        createMode="Replica",
        sourceServerResourceId=source.id,
        sku=small,
    )
    with pytest.raises(Refused, match="ReadReplicasNotSupported"):
        made.make(estate.DATABASE, "replica", replica)


def test_a_burstable_server_has_no_pgbouncer(made: Estate) -> None:
    made.make(estate.DATABASE, "db", server(sku={"name": "Standard_B2s", "tier": "Burstable"}))
    with pytest.raises(Refused, match="has no PgBouncer"):
        made.make(
            estate.PARAMETER,
            "bouncer",
            {
                "resourceGroupName": "rg",
                "serverName": "letta-db",
                "configurationName": "pgbouncer.enabled",
                "value": "true",
                "source": "user-override",
            },
        )


def test_a_new_administrator_or_zone_is_a_new_server_and_a_new_size_is_not(made: Estate) -> None:
    database = made.make(estate.DATABASE, "db", server())
    assert made.engine.diff(database, server(administratorLogin="other")).replaces == [
        "administratorLogin"
    ]
    larger = server(sku={"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"})
    assert made.engine.diff(database, larger).replaces == []


def test_a_lock_holds_what_it_is_on_what_is_in_it_and_what_it_is_in(made: Estate) -> None:
    database = made.make(estate.DATABASE, "db", server())
    group = made.engine.import_by_id(
        estate.GROUP, "rg", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
    )
    assert group is not None
    lock = made.make(
        estate.LOCK, "lock", {"scope": database.id, "level": "CanNotDelete", "lockName": "lock"}
    )
    for held in (database, group):
        with pytest.raises(Refused, match="ScopeLocked"):
            made.engine.delete(held)
    made.engine.delete(lock)
    made.engine.delete(database)


def test_a_lock_needs_something_to_hold(made: Estate) -> None:
    nothing = path(f"{POSTGRES}/none")
    with pytest.raises(Refused, match="there is no"):
        made.make(estate.LOCK, "lock", {"scope": nothing, "level": "CanNotDelete"})


def test_what_is_in_a_group_or_a_vault_goes_with_it(made: Estate, state: Path) -> None:
    vault = made.vault()
    made.engine.delete(vault)
    left = admin.status(state)["by_type"]
    assert estate.SECRET not in left
    assert estate.KEY not in left


def test_vaults_and_backups_of_servers_stay_behind(made: Estate, state: Path) -> None:
    vault = made.vault()
    made.engine.delete(made.make(estate.DATABASE, "db", server()))
    made.engine.delete(vault)
    kinds = sorted(kept["kind"] for kept in admin.status(state)["retained"])
    assert kinds == ["backups of a dropped server", "key vault"]


def test_a_role_goes_to_somebody_who_is_there_somewhere_that_is_there_once(made: Estate) -> None:
    who = made.identity()
    with pytest.raises(Refused, match="there is no"):
        made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/none"))
    made.vault()
    with pytest.raises(Refused, match="RoleDefinitionDoesNotExist"):
        made.grant(
            who,
            "11111111-0000-4000-8000-000000000000",
            path("Microsoft.KeyVault/vaults/letta-tests"),
        )
    made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/letta-tests"))
    with pytest.raises(Refused, match="RoleAssignmentExists"):
        made.make(
            estate.ROLE,
            "again",
            {
                "scope": path("Microsoft.KeyVault/vaults/letta-tests"),
                "principalId": who.outputs["principalId"],
                "principalType": "ServicePrincipal",
                "roleDefinitionId": estate.role(SECRETS_USER),
            },
        )
    stranger = {
        "scope": path("Microsoft.KeyVault/vaults/letta-tests"),
        "principalId": "22222222-0000-4000-8000-000000000000",
        "principalType": "ServicePrincipal",
        "roleDefinitionId": estate.role(SECRETS_USER),
    }
    with pytest.raises(Refused, match="PrincipalNotFound"):
        made.make(estate.ROLE, "stranger", stranger)


def _encrypted(who: Resource) -> dict[str, object]:
    return inside(
        accountName="lettatests",
        kind="StorageV2",
        sku={"name": "Standard_ZRS"},
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        encryption={
            "keySource": "Microsoft.Keyvault",
            "encryptionIdentity": {"encryptionUserAssignedIdentity": who.id},
            "keyVaultProperties": {
                "keyName": "key",
                "keyVaultUri": "https://letta-tests.vault.azure.net/",
            },
        },
    )


def test_a_key_serves_whom_it_was_granted_to_and_stays_while_it_serves(made: Estate) -> None:
    who = made.identity()
    made.vault()
    with pytest.raises(Refused, match="may not use"):
        made.make(estate.ACCOUNT, "data", _encrypted(who))
    made.grant(who, CRYPTO_USER, path("Microsoft.KeyVault/vaults/letta-tests/keys/key"))
    made.make(estate.ACCOUNT, "data", _encrypted(who))
    key = made.engine.import_by_id(
        estate.KEY, "key", path("Microsoft.KeyVault/vaults/letta-tests/keys/key")
    )
    assert key is not None
    with pytest.raises(Refused, match="KeyInUse"):
        made.engine.delete(key)


def test_a_key_of_a_vault_that_may_be_purged_encrypts_nothing(made: Estate) -> None:
    who = made.identity()
    made.vault(purgeable=True)
    made.grant(who, CRYPTO_USER, path("Microsoft.KeyVault/vaults/letta-tests/keys/key"))
    with pytest.raises(Refused, match="may be purged"):
        made.make(estate.ACCOUNT, "data", _encrypted(who))


def test_a_new_value_of_a_secret_is_a_new_version(made: Estate) -> None:
    made.vault()
    value = {"resourceGroupName": "rg", "vaultName": "letta-tests", "secretName": "other"}
    secret = made.make(estate.SECRET, "other", {**value, "properties": {"value": "one"}})
    changed = made.engine.update(secret, {**value, "properties": {"value": "two"}})
    first, second = (
        each.outputs["properties"]["secretUriWithVersion"] for each in (secret, changed)
    )
    assert first != second
    assert str(second).startswith("https://letta-tests.vault.azure.net/secrets/other/")


def test_the_archive_is_not_for_copies_in_zones(made: Estate) -> None:
    made.make(
        estate.ACCOUNT,
        "data",
        inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"}),
    )
    rule = {
        "name": "r",
        "type": "Lifecycle",
        "definition": {
            "actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 90}}},
            "filters": {"blobTypes": ["blockBlob"]},
        },
    }
    policy = {
        "resourceGroupName": "rg",
        "accountName": "lettatests",
        "managementPolicyName": "default",
        "policy": {"rules": [rule]},
    }
    with pytest.raises(Refused, match="no archive tier with ZRS"):
        made.make(estate.AGEING, "ages", policy)
    rule["definition"]["actions"] = {  # type: ignore[index]
        "version": {"delete": {"daysAfterCreationGreaterThan": 90}}
    }
    with pytest.raises(Refused, match="need isVersioningEnabled"):
        made.make(estate.AGEING, "ages", policy)


def test_an_account_does_not_change_between_one_zone_and_several(made: Estate) -> None:
    account = inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"})
    found = made.make(estate.ACCOUNT, "data", account)
    with pytest.raises(Refused, match="does not become one of LRS"):
        made.engine.update(found, {**account, "sku": {"name": "Standard_LRS"}})


def test_a_container_is_public_only_if_its_account_lets_it(made: Estate) -> None:
    made.make(
        estate.ACCOUNT,
        "data",
        inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"}),
    )
    container = {"resourceGroupName": "rg", "accountName": "lettatests", "containerName": "open"}
    with pytest.raises(Refused, match="PublicAccessNotPermitted"):
        made.make(estate.CONTAINER, "open", {**container, "publicAccess": "Blob"})


def test_a_private_endpoint_leads_to_a_part_that_there_is_by_names_that_are_found(
    made: Estate,
) -> None:
    made.network()
    made.subnet("stores", "10.0.0.0/24")
    made.vault()
    connection = {
        "name": "it",
        "privateLinkServiceId": path("Microsoft.KeyVault/vaults/letta-tests"),
        "groupIds": ["blob"],
    }
    endpoint = inside(
        privateEndpointName="vault",
        subnet={"id": path("Microsoft.Network/virtualNetworks/net/subnets/stores")},
        privateLinkServiceConnections=[connection],
    )
    with pytest.raises(Refused, match="it has vault"):
        made.make(estate.ENDPOINT, "vault", endpoint)
    connection["groupIds"] = ["vault"]
    made.make(estate.ENDPOINT, "vault", endpoint)
    made.zone("privatelink.blob.core.windows.net")
    zones = {
        "resourceGroupName": "rg",
        "privateEndpointName": "vault",
        "privateDnsZoneConfigs": [
            {
                "name": "it",
                "privateDnsZoneId": path(
                    "Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
                ),
            }
        ],
    }
    with pytest.raises(Refused, match="clients look for"):
        made.make(estate.ENDPOINT_ZONES, "vault", zones)


def test_a_private_endpoint_stands_in_no_subnet_of_a_service(made: Estate) -> None:
    made.network()
    made.subnet("db", "10.0.0.0/24", POSTGRES)
    made.vault()
    endpoint = inside(
        privateEndpointName="vault",
        subnet={"id": path("Microsoft.Network/virtualNetworks/net/subnets/db")},
        privateLinkServiceConnections=[
            {
                "name": "it",
                "privateLinkServiceId": path("Microsoft.KeyVault/vaults/letta-tests"),
                "groupIds": ["vault"],
            }
        ],
    )
    with pytest.raises(Refused, match="is delegated to"):
        made.make(estate.ENDPOINT, "vault", endpoint)


def test_the_keys_of_a_cache_are_the_same_whenever_they_are_asked_for(made: Estate) -> None:
    cache = inside(
        clusterName="letta-cache", publicNetworkAccess="Disabled", sku={"name": "Balanced_B3"}
    )
    made.make(estate.CACHE, "cache", cache)
    asked = {
        "clusterName": "letta-cache",
        "databaseName": "default",
        "resourceGroupName": "rg",
    }
    keys = "azure-native:redisenterprise:listDatabaseKeys"
    with pytest.raises(Refused, match="has no database"):
        made.engine.invoke(keys, asked)
    data = {"resourceGroupName": "rg", "clusterName": "letta-cache", "databaseName": "default"}
    found = made.make(estate.CACHE_DATA, "default", data)
    with pytest.raises(Refused, match="has no keys"):
        made.engine.invoke(keys, asked)
    made.engine.update(found, {**data, "accessKeysAuthentication": "Enabled"})
    assert made.engine.invoke(keys, asked) == made.engine.invoke(keys, asked)


def test_a_cache_grows_in_place_and_does_not_shrink_or_outgrow_its_shard(made: Estate) -> None:
    def cache(size: str) -> dict[str, object]:
        return inside(clusterName="letta-cache", publicNetworkAccess="Disabled", sku={"name": size})

    found = made.make(estate.CACHE, "cache", cache("Balanced_B50"))
    with pytest.raises(Refused, match="which is smaller"):
        made.engine.update(found, cache("Balanced_B20"))
    with pytest.raises(Refused, match="NoCluster has 25 GiB at most"):
        made.make(
            estate.CACHE_DATA,
            "default",
            {
                "resourceGroupName": "rg",
                "clusterName": "letta-cache",
                "databaseName": "default",
                "clusteringPolicy": "NoCluster",
            },
        )


def test_a_queue_of_the_lowest_tier_has_no_sessions_and_dead_letters_need_a_queue(
    made: Estate,
) -> None:
    made.make(estate.NAMESPACE, "jobs", inside(namespaceName="letta-jobs", sku={"name": "Basic"}))
    queue = {"resourceGroupName": "rg", "namespaceName": "letta-jobs", "queueName": "jobs"}
    with pytest.raises(Refused, match="tier Basic"):
        made.make(estate.QUEUE, "jobs", {**queue, "requiresSession": True})
    with pytest.raises(Refused, match="there is no queue dead"):
        made.make(estate.QUEUE, "jobs", {**queue, "forwardDeadLetteredMessagesTo": "dead"})


def test_an_environment_with_profiles_needs_a_subnet_that_is_delegated_to_it(
    made: Estate,
) -> None:
    made.network()
    made.subnet("apps", "10.0.0.0/24")
    placed = {"infrastructureSubnetId": path("Microsoft.Network/virtualNetworks/net/subnets/apps")}
    with pytest.raises(Refused, match="SubnetDelegationError"):
        made.make(estate.ENVIRONMENT, "env", _environment(vnetConfiguration=placed))
    with pytest.raises(Refused, match="it needs vnetConfiguration"):
        made.make(estate.ENVIRONMENT, "env", _environment(zoneRedundant=True))


def test_an_internal_environment_has_an_address_of_its_subnet(made: Estate) -> None:
    made.network()
    made.subnet("apps", "10.0.0.0/24", APPS)
    placed = {
        "infrastructureSubnetId": path("Microsoft.Network/virtualNetworks/net/subnets/apps"),
        "internal": True,
    }
    found = made.make(estate.ENVIRONMENT, "env", _environment(vnetConfiguration=placed))
    assert str(found.outputs["staticIp"]).startswith("10.0.0.")
    assert str(found.outputs["defaultDomain"]).endswith(".eastus.azurecontainerapps.io")


def _with_secret(who: Resource) -> dict[str, object]:
    return app(
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        configuration={"secrets": [{"name": "uri", "keyVaultUrl": SECRET_URL, "identity": who.id}]},
        container={"env": [{"name": "LETTA_PG_URI", "secretRef": "uri"}]},
    )


def test_an_app_reads_only_secrets_that_are_there_and_admit_it(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    who = made.identity()
    with pytest.raises(Refused, match="SecretNotFound"):
        made.make(estate.APP, "api", _with_secret(who))
    made.vault()
    with pytest.raises(Refused, match="may not read"):
        made.make(estate.APP, "api", _with_secret(who))
    made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/letta-tests/secrets/uri"))
    made.make(estate.APP, "api", _with_secret(who))


def test_an_app_runs_on_a_profile_that_its_environment_has(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    with pytest.raises(Refused, match="InvalidWorkloadProfileName"):
        made.make(estate.APP, "api", app(workloadProfileName="D4"))


def test_an_app_in_another_environment_is_another_app(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    found = made.make(estate.APP, "api", app())
    moved = app(environmentId=path("Microsoft.App/managedEnvironments/other"))
    assert made.engine.diff(found, moved).replaces == ["environmentId"]


def test_a_certificate_is_issued_for_a_domain_that_an_app_has(made: Estate) -> None:
    made.make(estate.ENVIRONMENT, "env", _environment())
    asked = inside(
        managedCertificateName="it",
        environmentName="env",
        properties={"subjectName": "letta.example.com", "domainControlValidation": "CNAME"},
    )
    with pytest.raises(Refused, match="no app has the domain"):
        made.make("azure-native:app:ManagedCertificate", "it", asked)
    domains = [{"name": "letta.example.com", "bindingType": "Auto"}]
    way_in = {"targetPort": 80, "customDomains": domains}
    made.make(estate.APP, "api", app(configuration={"ingress": way_in}))
    made.make("azure-native:app:ManagedCertificate", "it", asked)


def _before_gateway(made: Estate, service: str = "") -> None:
    made.network()
    made.subnet("gw", "10.0.0.0/24", service)
    made.make(
        estate.ADDRESS,
        "ip",
        inside(
            publicIpAddressName="ip",
            sku={"name": "Standard"},
            publicIPAllocationMethod="Static",
            zones=["1"],
        ),
    )


def test_a_gateway_has_a_subnet_of_its_own_and_an_address_in_its_zones(made: Estate) -> None:
    _before_gateway(made, APPS)
    with pytest.raises(Refused, match="CannotBeUsedByOtherResources"):
        made.make(estate.GATEWAY, "gw", gateway())


def test_the_address_of_a_gateway_is_in_all_of_its_zones(made: Estate) -> None:
    _before_gateway(made)
    with pytest.raises(Refused, match="its address in"):
        made.make(estate.GATEWAY, "gw", gateway(zones=["1", "2"]))


def test_a_gateway_reads_the_certificate_of_its_domain(made: Estate) -> None:
    _before_gateway(made)
    who = made.identity()
    given = {
        "sslCertificates": [{"name": "domain", "keyVaultSecretId": SECRET_URL}],
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [who.id]},
    }
    made.vault()
    with pytest.raises(Refused, match="may not read"):
        made.make(estate.GATEWAY, "gw", gateway(**given))
    made.grant(who, SECRETS_USER, path("Microsoft.KeyVault/vaults/letta-tests/secrets/uri"))
    made.make(estate.GATEWAY, "gw", gateway(**given))


def test_an_alarm_watches_something_that_is_there(made: Estate) -> None:
    criteria = {
        "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [
            {
                "criterionType": "StaticThresholdCriterion",
                "name": "a",
                "metricName": "cpu_percent",
                "operator": "GreaterThan",
                "timeAggregation": "Average",
                "threshold": 80,
            }
        ],
    }
    alarm = inside(
        ruleName="cpu",
        enabled=True,
        severity=1,
        scopes=[path(f"{POSTGRES}/letta-db")],
        evaluationFrequency="PT5M",
        windowSize="PT15M",
        criteria=criteria,
    )
    with pytest.raises(Refused, match="ResourceNotFound"):
        made.make("azure-native:monitor:MetricAlert", "cpu", alarm)
    made.make(estate.DATABASE, "db", server())
    made.make("azure-native:monitor:MetricAlert", "cpu", alarm)


def test_a_record_lies_in_a_zone_that_is_there_and_an_alias_stands_alone(made: Estate) -> None:
    record = {"resourceGroupName": "shared", "zoneName": "example.com", "ttl": 300}
    with pytest.raises(Refused, match="names no"):
        made.make(
            estate.RECORD,
            "bad",
            {
                **record,
                "zoneName": "example.org",
                "recordType": "A",
                "relativeRecordSetName": "a",
                "aRecords": [{"ipv4Address": "203.0.113.1"}],
            },
        )
    name = {**record, "relativeRecordSetName": "a"}
    alias = {**name, "recordType": "CNAME", "cnameRecord": {"cname": "b.example.com"}}
    made.make(estate.RECORD, "a", alias)
    with pytest.raises(Refused, match="has records already"):
        made.make(
            estate.RECORD,
            "b",
            {**name, "recordType": "A", "aRecords": [{"ipv4Address": "203.0.113.1"}]},
        )


def _nodes(made: Estate) -> tuple[Resource, dict[str, object]]:
    made.network()
    subnet = made.subnet("nodes", "10.0.0.0/24")
    who = made.identity()
    return who, cluster(
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        pool={"vnetSubnetID": subnet.id},
    )


def test_a_cluster_may_act_in_the_subnet_of_its_nodes(made: Estate) -> None:
    who, wanted = _nodes(made)
    with pytest.raises(Refused, match="Network Contributor"):
        made.make(estate.CLUSTER, "letta", wanted)
    scope = path("Microsoft.Network/virtualNetworks/net/subnets/nodes")
    made.grant(who, estate.NETWORK_CONTRIBUTOR, scope)
    made.make(estate.CLUSTER, "letta", wanted)


def test_an_api_server_in_the_network_has_a_subnet_of_its_own(made: Estate) -> None:
    who, wanted = _nodes(made)
    nodes = path("Microsoft.Network/virtualNetworks/net/subnets/nodes")
    made.grant(who, estate.NETWORK_CONTRIBUTOR, nodes)

    def inside_of(subnet: str) -> dict[str, object]:
        access = {"enableVnetIntegration": True, "subnetId": subnet}
        return {**wanted, "apiServerAccessProfile": access}

    with pytest.raises(Refused, match="is not delegated to"):
        made.make(estate.CLUSTER, "letta", inside_of(nodes))
    own = made.subnet("api", "10.0.1.0/28", "Microsoft.ContainerService/managedClusters")
    with pytest.raises(Refused, match="Network Contributor"):
        made.make(estate.CLUSTER, "letta", inside_of(own.id))
    made.make(
        estate.ROLE,
        "who-api",
        {
            "scope": own.id,
            "principalId": who.outputs["principalId"],
            "principalType": "ServicePrincipal",
            "roleDefinitionId": estate.role(estate.NETWORK_CONTRIBUTOR),
        },
    )
    made.make(estate.CLUSTER, "letta", inside_of(own.id))


def test_a_private_vault_is_reached_by_an_api_server_in_the_network_alone(made: Estate) -> None:
    vault = made.vault()
    who = made.identity()
    kms = {
        "enabled": True,
        "keyId": f"{KEY_URL}/{'0' * 32}",
        "keyVaultNetworkAccess": "Private",
        "keyVaultResourceId": vault.id,
    }
    wanted = cluster(
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.id]},
        securityProfile={"azureKeyVaultKms": kms},
    )
    with pytest.raises(Refused, match="Key Vault Crypto User") as refused:
        made.make(estate.CLUSTER, "letta", wanted)
    assert "enableVnetIntegration" in str(refused.value)
    assert "Key Vault Contributor" in str(refused.value)
    for named in ("12338af0-0e69-4776-bea7-57ae8d297424", "f25e0fa2-a7c8-4377-a976-54943a77a395"):
        made.grant(who, named, vault.id)
    with pytest.raises(Refused, match="enableVnetIntegration") as refused:
        made.make(estate.CLUSTER, "letta", wanted)
    assert "first" not in str(refused.value)


def test_a_cluster_tells_how_it_is_reached_and_who_its_nodes_are(made: Estate) -> None:
    found = made.make(estate.CLUSTER, "letta", cluster(oidcIssuerProfile={"enabled": True}))
    asked = {"resourceName": "letta", "resourceGroupName": "rg"}
    answer = made.engine.invoke(
        "azure-native:containerservice:listManagedClusterUserCredentials", asked
    )
    config = json.loads(base64.b64decode(answer["kubeconfigs"][0]["value"]))
    assert config["clusters"][0]["cluster"]["server"] == f"https://{found.outputs['fqdn']}:443"
    assert str(found.outputs["oidcIssuerProfile"]["issuerURL"]).startswith("https://eastus.oic.")
    assert found.outputs["identityProfile"]["kubeletidentity"]["objectId"]


def test_a_control_plane_takes_one_step_at_a_time(made: Estate) -> None:
    found = made.make(estate.CLUSTER, "letta", cluster(kubernetesVersion="1.32"))
    made.engine.update(found, cluster(kubernetesVersion="1.33"))
    with pytest.raises(Refused, match=r"1\.33 does not become 1\.35"):
        made.engine.update(found, cluster(kubernetesVersion="1.35"))


def test_other_machines_are_another_pool_and_more_of_them_are_not(made: Estate) -> None:
    made.make(estate.CLUSTER, "letta", cluster())
    pool = {"resourceGroupName": "rg", "resourceName": "letta", "agentPoolName": "api", "count": 2}
    found = made.make(estate.POOL, "api", {**pool, "vmSize": "Standard_D8s_v5"})
    assert made.engine.diff(found, {**pool, "vmSize": "Standard_D4s_v5"}).replaces == ["vmSize"]
    more = {**pool, "vmSize": "Standard_D8s_v5", "count": 3}
    assert made.engine.diff(found, more).replaces == []


def test_keys_of_a_key_vault_are_named_by_their_address(made: Estate) -> None:
    made.vault()
    who = made.identity()
    wrong = server(
        identity={"type": "UserAssigned", "userAssignedIdentities": {who.id: {}}},
        dataEncryption={
            "type": "AzureKeyVault",
            "primaryKeyURI": KEY_URL.replace("/keys/key", "/keys/none"),
            "primaryUserAssignedIdentityId": who.id,
        },
    )
    with pytest.raises(Refused, match="KeyNotFound"):
        made.make(estate.DATABASE, "db", wrong)
