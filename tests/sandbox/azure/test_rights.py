"""Locks, roles, keys and secrets of the simulated Azure, and what goes with what."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    CRYPTO_USER,
    SECRETS_USER,
    SUBSCRIPTION,
    Estate,
    inside,
    path,
    server,
)
from tests.sandbox.engine import Refused, Resource

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


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
