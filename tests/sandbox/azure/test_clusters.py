"""Clusters of AKS in the simulated Azure."""

from __future__ import annotations

import base64
import json

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    KEY_URL,
    Estate,
    cluster,
    path,
    server,
)
from tests.sandbox.engine import Refused, Resource

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


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


def test_the_machines_of_the_pool_that_a_cluster_was_made_with_stay(made: Estate) -> None:
    found = made.make(estate.CLUSTER, "letta", cluster())
    with pytest.raises(Refused, match="PropertyChangeNotAllowed: vmSize of system"):
        made.engine.update(found, cluster(pool={"vmSize": "Standard_D4s_v5"}))
    with pytest.raises(Refused, match="a new agent pool was introduced, other"):
        made.engine.update(found, cluster(pool={"name": "other"}))
    made.engine.update(found, cluster(pool={"count": 2}))
