"""Databases, caches and vaults of Azure, as the live sandbox reads them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.azure_native.live.caches import nodes
from sandbox.azure_native.live.databases import servers
from sandbox.azure_native.live.secrets import fetched
from sandbox.cloud import CloudObject
from sandbox.live.spec import LiveError, Objects
from tests.live.clouds.azure import azure, secret

PASSWORD = "Adm1nPassw0rdOfTheTests"
FLAGS = {"azure.extensions": "VECTOR", "work_mem": "65536", "max_connections": "400"}


def parameter(server: str, name: str, value: str) -> CloudObject:
    """A parameter of a server."""
    return azure(
        "dbforpostgresql:Configuration",
        f"{server}-{name}",
        serverName=server,
        configurationName=name,
        value=value,
    )


def database(
    *others: CloudObject,
    flags: dict[str, str] | None = None,
    **changes: Any,  # noqa: ANN401 - properties of any kind
) -> Objects:
    """A replica and its primary. `changes`: of the primary; `flags`: beside good ones."""
    primary = {
        "serverName": "db",
        "version": "16",
        "administratorLogin": "letta_admin",
        "administratorLoginPassword": PASSWORD,
        "authConfig": {"passwordAuth": "Enabled"},
        "highAvailability": {"mode": "ZoneRedundant"},
        "sku": {"name": "Standard_D4ds_v5"},
        "fullyQualifiedDomainName": "db.postgres.database.azure.com",
    }
    replica = azure(
        "dbforpostgresql:Server",
        "db-replica",
        serverName="db-replica",
        sourceServerResourceId="/s/flexibleServers/db",
        sku={"name": "Standard_D4ds_v5"},
        fullyQualifiedDomainName="db-replica.postgres.database.azure.com",
    )
    return Objects(
        [
            replica,
            azure("dbforpostgresql:Server", "db", **primary | changes),
            azure("dbforpostgresql:Database", "letta", serverName="db", databaseName="letta"),
            *(parameter("db", name, value) for name, value in (FLAGS | (flags or {})).items()),
            parameter("db-replica", "work_mem", "4096"),
            *others,
        ]
    )


def test_a_primary_comes_first_and_a_replica_has_its_users_and_version() -> None:
    primary, replica = servers(database())
    assert (primary.identifier, primary.source, primary.multi_az) == ("db", "", True)
    assert primary.host == "db.postgres.database.azure.com"
    assert (primary.user, primary.password, primary.database) == ("letta_admin", PASSWORD, "letta")
    assert (replica.identifier, replica.source, replica.multi_az) == ("db-replica", "db", False)
    assert (replica.version, replica.user, replica.password) == ("16", "letta_admin", "")
    assert PASSWORD not in repr(primary)


def test_each_server_has_its_own_parameters_without_those_that_are_azure_s() -> None:
    primary, replica = servers(database(flags={"require_secure_transport": "ON"}))
    assert primary.parameters == {"work_mem": "65536", "max_connections": "400"}
    assert replica.parameters == {"work_mem": "4096"}
    # What the class bears, where nothing is said.
    assert (primary.settings["max_connections"], replica.settings["max_connections"]) == (
        "400",
        "1718",
    )


def test_azure_keeps_fifteen_connections_for_itself() -> None:
    primary, _ = servers(database())
    kept = ("superuser_reserved_connections", "reserved_connections")
    assert sum(int(primary.settings[name]) for name in kept) == 15


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (database(authConfig={"passwordAuth": "Disabled"}), "passwordAuth is Disabled"),
        (database(flags={"require_secure_transport": "off"}), "takes plain connections"),
        (database(flags={"work_mem": "8MB"}), "work_mem is 8MB"),
        (
            database(azure("dbforpostgresql:Database", "other", serverName="db")),
            "db has 2 of azure-native:dbforpostgresql:Database",
        ),
    ],
)
def test_what_would_run_otherwise_here_is_refused(objects: Objects, words: str) -> None:
    with pytest.raises(LiveError, match=words):
        servers(objects)


def cache(*, available: str = "Enabled", **changes: Any) -> Objects:  # noqa: ANN401
    """A cluster and its database. `changes`: of the database."""
    given = {
        "clusterName": "cache",
        "port": 10000,
        "clientProtocol": "Encrypted",
        "clusteringPolicy": "NoCluster",
        "evictionPolicy": "VolatileTTL",
        "accessKeysAuthentication": "Enabled",
    }
    return Objects(
        [
            azure(
                "redisenterprise:RedisEnterprise",
                "cache",
                clusterName="cache",
                hostName="cache.eastus.redis.azure.net",
                redisVersion="7.4",
                sku={"name": "Balanced_B3"},
                highAvailability=available,
            ),
            azure("redisenterprise:Database", "default", **given | changes),
        ]
    )


def test_a_cache_asks_for_tls_and_the_key_that_the_cloud_tells() -> None:
    primary, replica = nodes(cache())
    assert (primary.host, primary.port) == ("cache.eastus.redis.azure.net", 10000)
    assert (primary.tls, primary.version, primary.memory_gib) == (True, "7.4", 3)
    assert primary.parameters == {"maxmemory-policy": "volatile-ttl"}
    assert len(primary.password) == 44
    assert primary.password not in repr(primary)
    assert (replica.source, replica.password) == (primary.host, primary.password)


def test_a_cache_without_a_second_node_has_one() -> None:
    [only] = nodes(cache(available="Disabled", clientProtocol="Plaintext"))
    assert (only.source, only.tls) == ("", False)


@pytest.mark.parametrize(
    "changes", [{"clusteringPolicy": "OSSCluster"}, {"accessKeysAuthentication": "Disabled"}]
)
def test_a_cache_that_the_server_s_client_could_not_use_is_refused(changes: dict[str, str]) -> None:
    [(field, value)] = changes.items()
    with pytest.raises(LiveError, match=f"{field} is {value}"):
        nodes(cache(**changes))


def test_a_cluster_s_store_finds_the_newest_value_in_its_vault() -> None:
    objects = Objects([secret("password", "1", "f1rst"), secret("password", "2", "s3cond")])
    store = {"vaultUrl": "https://vault.vault.azure.net/"}
    assert fetched(objects, store, {"key": "password"}) == "s3cond"
    assert fetched(objects, store, {"key": "password", "version": "1"}) == "f1rst"
    with pytest.raises(LiveError, match="no secret of the stack has the address https://other"):
        fetched(objects, {"vaultUrl": "https://other.vault.azure.net"}, {"key": "password"})
