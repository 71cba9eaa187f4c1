from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from pg8000.native import Connection  # type: ignore[import-untyped]

from sandbox.live.containers import Container, Containers, Running
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server, servers
from sandbox.live.redis import Redis, nodes
from sandbox.live.spec import Addresses, Objects
from sandbox.live.workloads import runs, services
from tools.setup import live

BOOTSTRAP_SECONDS = 300
NEVER_READ = {
    "LETTA_DB_MAX_CONCURRENT_SESSIONS",
    "LETTA_POOL_USE_LIFO",
    "LETTA_ENABLE_DB_POOL_MONITORING",
    "LETTA_EVENT_LOOP_THREADPOOL_MAX_WORKERS",
    "LETTA_LOGGING_LOG_LEVEL",
    "LETTA_LOGGING_LETTA_LOG_PATH",
}
"""The settings classes define them; nothing of the wheel uses their fields."""
FIELDS = """
import importlib, json
# As an attribute of its package, the name is that of an instance.
settings = importlib.import_module("letta.settings")
classes = [each for each in vars(settings).values() if isinstance(each, type)]
print("FIELDS=" + json.dumps([
    each.model_config.get("env_prefix", "").upper() + name.upper()
    for each in classes if issubclass(each, settings.BaseSettings)
    for name in each.model_fields
]))
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A booted stack: its stores, its bootstrap's log, one copy of its API."""

    objects: Objects
    containers: Containers
    addresses: Addresses
    database: Server
    bootstrap: Container
    api: Running

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        [(address, port)] = self.api.targets
        request = urllib.request.Request(f"http://{address}:{port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def connect(self, variable: str) -> Connection:
        uri = self.bootstrap.process.environment[variable]
        user, password = re.findall(r"//(.*):(.*)@", uri)[0]
        return Connection(
            user,
            password=password,
            host=self.addresses.of(self.database.host),
            database=self.database.database,
        )


@pytest.fixture(scope="session")
def site(
    medium: Objects,
    containers: Containers,
    postgres: Postgres,
    temporary: Path,
    addresses: Addresses,
) -> Iterator[Site]:
    """What medium describes, booted from its own objects."""
    with ExitStack() as ends:
        known: dict[str, Server] = {}
        for server in servers(medium):
            running = postgres.start(server, addresses, known.get(server.source))
            ends.callback(postgres.stop, running)
            known[server.identifier] = server
        redis = Redis(temporary / "redis")
        for node in nodes(medium):
            ends.callback(redis.stop, redis.start(node, addresses))
        [run] = runs(medium)
        [process] = run.processes
        bootstrap = containers.place("bootstrap", process, addresses)
        status = containers.run(bootstrap, addresses, seconds=BOOTSTRAP_SECONDS)
        assert status == 0, containers.log(bootstrap).read_text()
        [api_process] = services(medium)[0].processes
        api = containers.start(containers.place("api-1", api_process, addresses), addresses)
        ends.callback(containers.stop, api)
        containers.wait(api, addresses)
        yield Site(
            objects=medium,
            containers=containers,
            addresses=addresses,
            database=servers(medium)[0],
            bootstrap=bootstrap,
            api=api,
        )


def test_the_server_is_healthy_and_lets_in_who_knows_the_password_alone(site: Site) -> None:
    password = site.api.container.process.environment["LETTA_SERVER_PASSWORD"]
    status, said = site.get("/v1/health/")
    assert (status, json.loads(said)["version"]) == (200, "0.16.4")
    assert site.get("/v1/agents/")[0] == 401
    assert site.get("/v1/agents/", Authorization="Bearer another")[0] == 401
    assert site.get("/v1/agents/", Authorization=f"Bearer {password}") == (200, b"[]")


def test_the_bootstrap_s_log_holds_no_secret(site: Site) -> None:
    said = site.containers.log(site.bootstrap).read_text()
    environment = site.bootstrap.process.environment
    passwords = [re.findall(r":([^:@/]+)@", value) for value in environment.values()]
    secrets = [
        *(each for found in passwords for each in found),
        environment["LETTA_ENCRYPTION_KEY"],
    ]
    assert len(secrets) == 3
    assert [secret for secret in secrets if secret in said] == []
    assert "making the schema from its metadata" in said


def test_a_second_bootstrap_changes_nothing(site: Site) -> None:
    counted = "SELECT (SELECT count(*) FROM tools), (SELECT count(*) FROM organizations)"
    with site.connect("LETTA_PG_URI") as connection:
        before = connection.run(counted)
        assert site.containers.run(site.bootstrap, site.addresses, seconds=BOOTSTRAP_SECONDS) == 0
        assert connection.run(counted) == before
        assert before[0][1] == 1


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
    site: Site, statement: str
) -> None:
    with (
        site.connect("LETTA_PG_URI") as connection,
        pytest.raises(DatabaseError, match="42501"),
    ):
        connection.run(statement)


def test_every_variable_of_every_container_is_one_that_the_server_reads(
    site: Site, environment: Path
) -> None:
    said = subprocess.run(
        [environment / "bin" / "python", "-c", FIELDS],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(site.containers.home)},
        cwd=site.containers.home,
    ).stdout
    fields = set(json.loads(said.rpartition("FIELDS=")[2])) - NEVER_READ
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (live.packages(environment) / "letta").rglob("*.py")
    )
    given = {
        name
        for tasks in (runs(site.objects), services(site.objects))
        for task in tasks
        for process in task.processes
        for name in process.environment
    }
    own = {"HOME", "BOOTSTRAP_ADMIN_URI"}
    assert len(given) > 15
    assert len(fields) > 100
    assert {name for name in given - fields - own if f'"{name}"' not in source} == set()
