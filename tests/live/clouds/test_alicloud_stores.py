"""Databases and caches of Alibaba Cloud, as the live sandbox reads them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.alicloud.live.caches import nodes
from sandbox.alicloud.live.databases import servers
from sandbox.cloud import CloudObject
from sandbox.live.spec import LiveError, Objects
from tests.live.clouds.alicloud import alibaba, changed

PASSWORD = "Adm1nPassw0rdOfTheTests"


def database(**parameters: str) -> list[CloudObject]:
    """A read-only instance and its primary, with these parameters."""
    given = [{"name": name, "value": value} for name, value in parameters.items()]
    return [
        alibaba(
            "rds/readOnlyInstance:ReadOnlyInstance",
            "pgr-1",
            masterDbInstanceId="pgm-1",
            engineVersion="16.0",
            instanceType="pgro.n2.4c.1m",
            connectionString="pgr-1.pg.rds.aliyuncs.com",
            port="5432",
            sslEnabled=1,
            parameters=given,
        ),
        alibaba(
            "rds/instance:Instance",
            "pgm-1",
            engine="PostgreSQL",
            engineVersion="16.0",
            category="HighAvailability",
            instanceType="pg.n2.4c.2m",
            connectionString="pgm-1.pg.rds.aliyuncs.com",
            port="5433",
            sslAction="Open",
            parameters=given,
        ),
        alibaba(
            "rds/account:Account",
            "pgm-1:admin",
            dbInstanceId="pgm-1",
            accountName="letta_admin",
            accountType="Super",
            accountPassword=PASSWORD,
        ),
        alibaba("rds/database:Database", "pgm-1:letta", instanceId="pgm-1", dataBaseName="letta"),
    ]


def test_a_primary_comes_first_and_a_read_only_instance_has_its_users() -> None:
    primary, replica = servers(Objects(database()))
    assert (primary.identifier, primary.source, primary.version) == ("pgm-1", "", "16")
    assert (primary.host, primary.port) == ("pgm-1.pg.rds.aliyuncs.com", 5433)
    assert (replica.host, replica.port) == ("pgr-1.pg.rds.aliyuncs.com", 5432)
    assert replica.source == "pgm-1"
    assert (primary.user, primary.password, primary.database) == ("letta_admin", PASSWORD, "letta")
    assert (replica.user, replica.password) == ("letta_admin", "")
    assert PASSWORD not in repr(primary)
    # Of two instances, the standby is the primary's.
    assert (primary.multi_az, replica.multi_az) == (True, False)


def test_the_basic_edition_has_no_standby() -> None:
    primary, _ = servers(Objects(changed(database(), "pgm-1", category="Basic")))
    assert not primary.multi_az


def test_what_nobody_says_is_as_rds_sets_it() -> None:
    primary, replica = servers(Objects(database(work_mem="65536")))
    # A quarter of 8 GiB, in pages of 8 KiB; commits wait for no standby.
    assert primary.parameters == {
        "shared_buffers": "262144",
        "synchronous_commit": "off",
        "work_mem": "65536",
    }
    assert primary.settings["max_connections"] == replica.settings["max_connections"] == "800"


def test_parameters_are_postgresql_s_but_those_that_are_rds_s_own() -> None:
    given = {"synchronous_commit": "remote_write", "rds_sync_replication_timeout": "500"}
    primary, _ = servers(Objects(database(**given)))
    assert primary.parameters["synchronous_commit"] == "remote_write"
    assert not [name for name in primary.parameters if name.startswith("rds")]


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (changed(database(), "pgm-1", engine="MySQL"), "MySQL; only PostgreSQL"),
        (changed(database(), "pgm-1", sslAction="Close"), "sslAction is Close; only Open"),
        (changed(database(), "pgr-1", sslEnabled=0), "sslEnabled is 0; only 1"),
        (database(work_mem="8MB"), "work_mem is 8MB"),
        (changed(database(), "pgm-1:admin", accountType="Normal"), "accountType is Normal"),
        (
            [
                *database(),
                alibaba("rds/account:Account", "pgm-1:b", dbInstanceId="pgm-1", accountName="b"),
            ],
            "pgm-1 has 2 of alicloud:rds/account",
        ),
        (changed(database(), "pgm-1:letta", instanceId="other"), "pgm-1 has 0 of .*database"),
        (changed(database(), "pgr-1", masterDbInstanceId="pgm-2"), "whose id is pgm-2"),
    ],
)
def test_what_would_run_otherwise_here_is_refused(objects: list[CloudObject], words: str) -> None:
    with pytest.raises(LiveError, match=words):
        servers(Objects(objects))


def cache(**changes: Any) -> Objects:  # noqa: ANN401 - properties of any kind
    """An instance of Tair."""
    values = {
        "instanceClass": "redis.shard.large.ce",
        "engineVersion": "7.0",
        "connectionDomain": "r-1.redis.rds.aliyuncs.com",
        "config": {"maxmemory-policy": "allkeys-lru", "appendonly": "no"},
        "vpcAuthMode": "Close",
        "sslEnable": "Disable",
        "shardCount": 1,
    }
    return Objects([alibaba("kvstore/instance:Instance", "r-1", **values | changes)])


def test_a_cache_is_a_primary_with_its_standby() -> None:
    primary, standby = nodes(cache())
    assert (primary.host, primary.port) == ("r-1.redis.rds.aliyuncs.com", 6379)
    assert (primary.version, primary.memory_gib, primary.source) == ("7.0", 4, "")
    assert primary.parameters == {"maxmemory-policy": "allkeys-lru", "appendonly": "no"}
    assert standby.source == primary.host
    assert (standby.host, standby.identifier) == ("r-1-standby", "r-1-standby")
    assert {each.port for each in nodes(cache(port=6380))} == {6380}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vpcAuthMode": "Open"}, "without password and TLS"),
        ({"sslEnable": "Enable"}, "without password and TLS"),
        ({"shardCount": 4}, "shardCount is 4"),
    ],
)
def test_a_cache_with_password_tls_or_shards_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        nodes(cache(**changes))
