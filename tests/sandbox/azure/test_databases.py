"""Servers of PostgreSQL in the simulated Azure: where they stand, and what an update may change."""

from __future__ import annotations

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    Estate,
    path,
    server,
)
from tests.sandbox.engine import Refused, Resource

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


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


BURSTABLE = {"name": "Standard_B2s", "tier": "Burstable"}
LARGER = {"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"}
STANDBY = {"mode": "ZoneRedundant"}


def test_a_server_gets_its_standby_in_another_update_than_the_class_that_has_one(
    made: Estate,
) -> None:
    small = made.make(estate.DATABASE, "db", server(sku=BURSTABLE))
    with pytest.raises(Refused, match="instance_type: Standard_D4ds_v5"):
        made.engine.update(small, server(sku=LARGER, highAvailability=STANDBY))
    grown = made.engine.update(small, server(sku=LARGER))
    doubled = made.engine.update(grown, server(sku=LARGER, highAvailability=STANDBY))
    assert doubled.outputs["highAvailability"]["mode"] == "ZoneRedundant"


def _replica(source: Resource, **changes: object) -> dict[str, object]:
    return server(
        serverName="letta-replica",
        createMode="Replica",
        sourceServerResourceId=source.id,
        **changes,
    )


@pytest.mark.parametrize(
    "size",
    [{"sku": LARGER}, {"storage": {"storageSizeGB": 256, "autoGrow": "Enabled"}}],
    ids=["class", "disk"],
)
def test_a_replica_grows_in_an_update_before_its_primary(
    made: Estate, size: dict[str, object]
) -> None:
    source = made.make(estate.DATABASE, "db", server())
    replica = made.make(estate.DATABASE, "replica", _replica(source))
    with pytest.raises(Refused, match="replica_instance_type: Standard_D"):
        made.engine.update(source, server(**size))
    made.engine.update(replica, _replica(source, **size))
    made.engine.update(source, server(**size))


def test_a_replica_is_never_smaller_than_its_primary(made: Estate) -> None:
    source = made.make(estate.DATABASE, "db", server(sku=LARGER))
    with pytest.raises(Refused, match="is smaller than Standard_D4ds_v5 of the primary"):
        made.make(estate.DATABASE, "replica", _replica(source))
    replica = made.make(estate.DATABASE, "replica", _replica(source, sku=LARGER))
    with pytest.raises(Refused, match="is smaller than Standard_D4ds_v5 of the primary"):
        made.engine.update(replica, _replica(source))
