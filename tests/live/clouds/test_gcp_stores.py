"""Databases and caches of Google Cloud, as the live sandbox reads them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.cloud import CloudObject
from sandbox.gcp.live.caches import nodes
from sandbox.gcp.live.databases import servers
from sandbox.live.spec import LiveError, Objects
from tests.live.clouds.gcp import changed, google

PASSWORD = "Adm1nPassw0rdOfTheTests"


def database(**settings: Any) -> list[CloudObject]:  # noqa: ANN401 - properties of any kind
    """A replica and its primary, whose settings differ from good ones as told."""
    flags = {"work_mem": "65536", "max_connections": "400", "cloudsql.iam_authentication": "on"}
    given = {
        "tier": "db-custom-2-7680",
        "availabilityType": "REGIONAL",
        "ipConfiguration": {"sslMode": "ENCRYPTED_ONLY"},
        "databaseFlags": [{"name": key, "value": value} for key, value in flags.items()],
        **settings,
    }

    def instance(name: str, address: str, **more: Any) -> CloudObject:  # noqa: ANN401 - as above
        return google(
            "sql/databaseInstance:DatabaseInstance",
            name,
            databaseVersion="POSTGRES_16",
            privateIpAddress=address,
            settings=given,
            **more,
        )

    return [
        instance("db-replica", "10.0.0.4", masterInstanceName="db"),
        instance("db", "10.0.0.3"),
        google("sql/database:Database", "letta", instance="db"),
        google("sql/user:User", "letta_admin", instance="db", password=PASSWORD),
    ]


def test_a_primary_comes_first_and_a_replica_has_its_users() -> None:
    primary, replica = servers(Objects(database()))
    assert (primary.identifier, primary.host, primary.source) == ("db", "10.0.0.3", "")
    assert (replica.host, replica.source) == ("10.0.0.4", "db")
    assert (primary.user, primary.password, primary.database) == ("letta_admin", PASSWORD, "letta")
    assert (replica.user, replica.password) == ("letta_admin", "")
    assert PASSWORD not in repr(primary)
    # Of two instances, the standby is the primary's.
    assert (primary.multi_az, replica.multi_az) == (True, False)
    assert primary.version == "16"


def test_flags_are_parameters_but_those_that_are_the_cloud_s_own() -> None:
    primary, _ = servers(Objects(database()))
    assert primary.parameters == {"work_mem": "65536", "max_connections": "400"}
    assert primary.settings["max_connections"] == "400"
    bare, _ = servers(Objects(database(databaseFlags=[])))
    # 7.5 GiB at the connections that a tier bears.
    assert int(bare.settings["max_connections"]) == 840


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (changed(database(), "db", databaseVersion="MYSQL_8_0"), "MYSQL_8_0; only PostgreSQL"),
        (
            database(ipConfiguration={"sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}),
            "ALLOW_UNENCRYPTED_AND_ENCRYPTED; only ENCRYPTED_ONLY",
        ),
        (database(databaseFlags=[{"name": "work_mem", "value": "8MB"}]), "work_mem is 8MB"),
        (
            [*database(), google("sql/user:User", "second", instance="db", password="x")],
            "db has 2 of gcp:sql/user:User",
        ),
    ],
)
def test_what_would_run_otherwise_here_is_refused(objects: list[CloudObject], words: str) -> None:
    with pytest.raises(LiveError, match=words):
        servers(Objects(objects))


def cache(**changes: Any) -> Objects:  # noqa: ANN401 - as above
    """An instance of Memorystore."""
    values = {
        "tier": "BASIC",
        "redisVersion": "REDIS_7_2",
        "memorySizeGb": 5,
        "host": "10.0.0.19",
        "port": 6379,
        "redisConfigs": {"maxmemory-policy": "allkeys-lru"},
        "transitEncryptionMode": "DISABLED",
    }
    return Objects([google("redis/instance:Instance", "cache", **values | changes)])


def test_a_cache_is_one_node_or_a_primary_with_its_standby() -> None:
    [node] = nodes(cache())
    assert (node.host, node.port, node.version, node.memory_gib) == ("10.0.0.19", 6379, "7.2", 5)
    assert node.parameters == {"maxmemory-policy": "allkeys-lru"}
    primary, standby = nodes(cache(tier="STANDARD_HA"))
    assert (primary.source, standby.source) == ("", "10.0.0.19")
    assert len(nodes(cache(tier="STANDARD_HA", replicaCount=3))) == 4


@pytest.mark.parametrize(
    "changes", [{"authEnabled": True}, {"transitEncryptionMode": "SERVER_AUTHENTICATION"}]
)
def test_a_cache_with_password_or_tls_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LiveError, match="without password and TLS"):
        nodes(cache(**changes))
