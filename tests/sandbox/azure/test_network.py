"""Networks, private endpoints and records of the simulated Azure."""

from __future__ import annotations

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    SECRETS_USER,
    Estate,
    inside,
    path,
)
from tests.sandbox.engine import Refused

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


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
