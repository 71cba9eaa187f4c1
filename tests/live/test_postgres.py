from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]
from pg8000.native import Connection  # type: ignore[import-untyped]

from sandbox.aws.live.databases import servers
from sandbox.live import processes
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import SUPERUSER, Server
from sandbox.live.processes import Handle
from sandbox.live.spec import Addresses, LiveError
from tests.live import stores

NAMES = count()
SECONDS = 20
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


class Pair:
    """A primary and its replica, both running."""

    def __init__(self, postgres: Postgres, addresses: Addresses) -> None:
        self.primary, self.replica = servers(stores.database(f"db-{next(NAMES)}"))
        self._postgres = postgres
        self._addresses = addresses
        self.running = {self.primary.identifier: self.start(self.primary)}
        self.running[self.replica.identifier] = postgres.start(
            self.replica, addresses, self.primary
        )

    def start(self, server: Server) -> tuple[Handle, Handle]:
        return self._postgres.start(server, self._addresses)

    def end(self) -> None:
        for running in reversed(self.running.values()):
            self._postgres.stop(running)

    def connect(self, server: Server, **changes: object) -> Connection:
        return Connection(
            server.user,
            **{
                "host": self._addresses.of(server.host),
                "port": server.port,
                "database": server.database,
                "password": stores.PASSWORD,
                **changes,
            },
        )

    def run(self, server: Server, statement: str) -> list[list[object]]:
        with self.connect(server) as connection:
            rows: list[list[object]] = connection.run(statement)
            return rows


@pytest.fixture(scope="module")
def pair(postgres: Postgres, addresses: Addresses) -> Iterator[Pair]:
    pair = Pair(postgres, addresses)
    yield pair
    pair.end()


@pytest.fixture
def own(postgres: Postgres, addresses: Addresses) -> Iterator[Pair]:
    """A pair that a test may break."""
    pair = Pair(postgres, addresses)
    yield pair
    pair.end()


def test_memory_is_divided_so_that_the_machine_holds_it_and_all_else_is_as_the_group_says() -> None:
    primary, _ = servers(stores.database("db", parameters={"max_parallel_workers": "3"}))
    assert primary.memory_scale == Decimal(32)
    assert primary.settings["shared_buffers"] == "16384"
    assert primary.settings["work_mem"] == "2048"
    assert primary.settings["max_parallel_workers"] == "3"
    assert "memory parameters divided by 32" in primary.report


def test_a_small_server_gets_its_memory_whole() -> None:
    primary, _ = servers(stores.database("db", parameters={"shared_buffers": "1000"}))
    assert primary.memory_scale == 1
    assert primary.settings["shared_buffers"] == "1000"


def test_a_group_that_sets_the_connections_is_followed() -> None:
    primary, _ = servers(stores.database("db", parameters={"max_connections": "77"}))
    assert primary.settings["max_connections"] == "77"


@pytest.mark.parametrize("multi_az", [True, False])
def test_a_standby_is_wanted_where_the_instance_is_in_several_zones(multi_az: bool) -> None:
    primary, _ = servers(stores.database("db", multiAz=multi_az))
    assert primary.multi_az is multi_az
    assert (primary.standby.source, primary.standby.multi_az) == ("db", False)


def test_the_server_runs_with_what_the_group_says(pair: Pair) -> None:
    wanted = pair.primary.settings
    shown = {
        str(name): str(value)
        for name, value in pair.run(pair.primary, "SELECT name, setting FROM pg_settings")
    }
    assert {name: shown[name] for name in wanted} == wanted


def test_the_administrator_of_the_stack_makes_the_extension_over_tls(pair: Pair) -> None:
    pair.run(pair.primary, "CREATE EXTENSION IF NOT EXISTS vector")
    assert pair.run(pair.primary, "SELECT '[1,2]'::vector <-> '[1,3]'::vector") == [[1.0]]


def test_a_connection_without_tls_is_refused(pair: Pair) -> None:
    with pytest.raises(InterfaceError):
        pair.connect(pair.primary, ssl_context=False)


def test_a_wrong_password_is_refused(pair: Pair) -> None:
    with pytest.raises(DatabaseError, match="28P01"):
        pair.connect(pair.primary, password="another")


def test_what_the_primary_wrote_is_read_from_the_replica_which_itself_takes_nothing(
    pair: Pair,
) -> None:
    pair.run(pair.primary, "CREATE TABLE followed AS SELECT 7 AS number")
    wait_for_replica(pair)
    assert pair.run(pair.replica, "SELECT number FROM followed") == [[7]]
    with pytest.raises(DatabaseError, match="25006"):
        pair.run(pair.replica, "CREATE TABLE own (number int)")


def test_when_the_primary_is_lost_the_replica_can_take_its_place(
    own: Pair, postgres: Postgres
) -> None:
    own.run(own.primary, "CREATE TABLE kept AS SELECT 7 AS number")
    wait_for_replica(own)
    postgres.kill(own.running.pop(own.primary.identifier))
    with pytest.raises(InterfaceError):
        own.connect(own.primary)
    postgres.promote(own.replica)
    own.run(own.replica, "INSERT INTO kept VALUES (8)")
    assert own.run(own.replica, "SELECT sum(number) FROM kept") == [[15]]


def test_a_standby_takes_over_at_the_same_address_and_the_replica_follows_it(
    own: Pair, postgres: Postgres, addresses: Addresses
) -> None:
    standby = postgres.start_standby(own.primary)
    own.run(own.primary, "CREATE TABLE kept AS SELECT 7 AS number")
    postgres.kill(own.running[own.primary.identifier])
    own.running[own.primary.identifier] = postgres.fail_over(own.primary, standby, addresses)
    own.run(own.primary, "INSERT INTO kept VALUES (8)")
    wait_for_replica(own)
    assert own.run(own.replica, "SELECT sum(number) FROM kept") == [[15]]


def test_a_commit_is_not_acknowledged_before_the_standby_has_it(
    own: Pair, postgres: Postgres
) -> None:
    standby = postgres.start_standby(own.primary)
    processes.kill(standby)
    with ThreadPoolExecutor() as client:
        commit = client.submit(own.run, own.primary, "CREATE TABLE waiting (number int)")
        processes.wait(
            own.running[own.primary.identifier][0],
            lambda: bool(postgres.query(own.primary, WAITING)),
            seconds=SECONDS,
            purpose="waiting for its standby",
        )
        assert not commit.done()
        postgres.kill(own.running[own.primary.identifier])
        with pytest.raises(InterfaceError):
            commit.result(timeout=SECONDS)


def test_a_server_that_crashed_comes_back_with_what_was_committed(
    own: Pair, postgres: Postgres
) -> None:
    own.run(own.primary, "CREATE TABLE kept AS SELECT 7 AS number")
    postgres.kill(own.running[own.primary.identifier])
    own.running[own.primary.identifier] = own.start(own.primary)
    assert own.run(own.primary, "SELECT number FROM kept") == [[7]]


def test_a_version_that_is_not_here_is_refused_by_name(
    postgres: Postgres, addresses: Addresses
) -> None:
    primary, _ = servers(stores.database("later", engineVersion="99.1"))
    with pytest.raises(LiveError, match="later is PostgreSQL 99; here is 16"):
        postgres.start(primary, addresses)


def test_another_engine_is_refused() -> None:
    with pytest.raises(LiveError, match="runs mysql; only postgres runs here"):
        servers(stores.database("db", engine="mysql"))


def test_a_group_that_lets_in_plain_connections_is_refused() -> None:
    with pytest.raises(LiveError, match="only TLS is offered here"):
        servers(stores.database("db", parameters={"rds.force_ssl": "0"}))


def wait_for_replica(pair: Pair) -> None:
    """Until the replica has replayed all that the primary wrote."""
    [[written]] = pair.run(pair.primary, "SELECT pg_current_wal_lsn()::text")
    behind = f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"
    processes.wait(
        pair.running[pair.replica.identifier][0],
        lambda: pair.run(pair.replica, behind) == [[True]],
        seconds=SECONDS,
        purpose="level with its primary",
    )


def test_a_database_has_the_owner_that_the_stack_names_and_its_superuser_the_stack_s_password(
    postgres: Postgres, addresses: Addresses
) -> None:
    [primary, _] = servers(stores.database(f"db-{next(NAMES)}"))
    server = replace(
        primary, user=SUPERUSER, owner="letta", owner_password="0wnerPassw0rd", database="letta"
    )
    running = postgres.start(server, addresses)
    try:
        found = {}
        for user, password in ((SUPERUSER, stores.PASSWORD), ("letta", "0wnerPassw0rd")):
            with Connection(
                user,
                host=addresses.of(server.host),
                port=server.port,
                database="letta",
                password=password,
            ) as connection:
                found[user] = connection.run("SELECT usesuper FROM pg_user WHERE usename = user")
        assert found == {SUPERUSER: [[True]], "letta": [[False]]}
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'letta'"
        assert postgres.query(server, owner) == "letta"
    finally:
        postgres.stop(running)
