from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from pg8000.native import Connection  # type: ignore[import-untyped]

from sandbox.live.letta import IMAGE, Container, Letta, Running
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server, servers
from sandbox.live.redis import Redis, nodes
from sandbox.live.spec import Addresses, LiveError, Objects, Process, runs, services
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


@pytest.fixture(scope="session")
def letta(environment: Path, temporary: Path) -> Letta:
    return Letta(environment / "bin", temporary / "letta")


@pytest.fixture
def placed(letta: Letta, addresses: Addresses, request: pytest.FixtureRequest) -> Container:
    """A container of a test's own, with a volume for `/work`."""
    process = Process(
        name="server",
        image=IMAGE,
        command=("python", "-c", ""),
        environment={},
        working_directory="/work",
        folders={"/work": "work", "/home/letta": "home"},
        ports=(),
        health=None,
        stop_seconds=0.5,
    )
    return letta.place(request.node.name[:60], process, addresses)


def ran(letta: Letta, placed: Container, addresses: Addresses, code: str, **changes: Any) -> str:  # noqa: ANN401 - fields of a process
    """What a container prints that runs some Python."""
    process = replace(placed.process, command=("python", "-c", code), **changes)
    container = replace(placed, process=process)
    assert letta.run(container, addresses, seconds=60) == 0, letta.log(container).read_text()
    return letta.log(container).read_text()


def test_a_container_gets_its_variables_and_none_of_the_caller_s(
    letta: Letta, placed: Container, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the caller's")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    seen = json.loads(ran(letta, placed, addresses, code, environment={"LETTA_DEBUG": "false"}))
    assert seen.keys() - {"LC_CTYPE"} == {"LETTA_DEBUG", "PATH"}


def test_names_of_hosts_become_addresses_and_paths_of_volumes_folders(
    letta: Letta, placed: Container, addresses: Addresses
) -> None:
    host = addresses.of("db.example.com")
    given = {"URI": "postgresql://u:p@db.example.com:5432/letta", "HOME": "/home/letta"}
    code = (
        "import json, os; print(json.dumps([os.getcwd(), os.environ['HOME'], os.environ['URI']]))"
    )
    seen = json.loads(ran(letta, placed, addresses, code, environment=given))
    assert seen == [
        str(placed.folder / "work"),
        str(placed.folder / "home"),
        f"postgresql://u:p@{host}:5432/letta",
    ]


def test_each_container_has_an_address_of_its_own(
    letta: Letta, placed: Container, addresses: Addresses
) -> None:
    other = letta.place("other", placed.process, addresses)
    assert other.address != placed.address
    said = ran(letta, placed, addresses, "print('listening on 0.0.0.0')")
    assert said == f"listening on {placed.address}\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": "letta/letta:0.17.0"}, "wants the image letta/letta:0.17.0"),
        ({"command": ("nosuch",)}, "starts nosuch, which the image does not have"),
        ({"working_directory": "/elsewhere"}, "works in /elsewhere, which is in no volume"),
    ],
)
def test_what_the_image_could_not_do_is_refused(
    letta: Letta, placed: Container, addresses: Addresses, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(LiveError, match=said):
        letta.start(
            letta.place(placed.name, replace(placed.process, **changes), addresses), addresses
        )


def test_who_does_not_heed_the_signal_is_ended_after_the_definition_s_grace(
    letta: Letta, placed: Container, addresses: Addresses
) -> None:
    code = (
        "import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path('deaf').touch(); signal.pause(); signal.pause()"
    )
    process = replace(placed.process, command=("python", "-c", code))
    running = letta.start(replace(placed, process=process), addresses)
    while not (placed.folder / "work" / "deaf").exists():
        assert running.handle.alive
    assert letta.stop(running) >= placed.process.stop_seconds
    assert not running.handle.alive


@dataclass(frozen=True, kw_only=True)
class Site:
    """A booted stack: its stores, its bootstrap's log, one copy of its API."""

    objects: Objects
    letta: Letta
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
    medium: Objects, letta: Letta, postgres: Postgres, temporary: Path, addresses: Addresses
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
        [[process]] = runs(medium)
        bootstrap = letta.place("bootstrap", process, addresses)
        status = letta.run(bootstrap, addresses, seconds=BOOTSTRAP_SECONDS)
        assert status == 0, letta.log(bootstrap).read_text()
        service = services(medium)[0]
        api = letta.start(letta.place("api-1", service.processes[0], addresses), addresses)
        ends.callback(letta.stop, api)
        letta.wait(api, addresses)
        yield Site(
            objects=medium,
            letta=letta,
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
    said = site.letta.log(site.bootstrap).read_text()
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
        assert site.letta.run(site.bootstrap, site.addresses, seconds=BOOTSTRAP_SECONDS) == 0
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
        env={"HOME": str(site.letta.home)},
        cwd=site.letta.home,
    ).stdout
    fields = set(json.loads(said.rpartition("FIELDS=")[2])) - NEVER_READ
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (live.packages(environment) / "letta").rglob("*.py")
    )
    given = {
        name
        for tasks in (runs(site.objects), (each.processes for each in services(site.objects)))
        for task in tasks
        for process in task
        for name in process.environment
    }
    own = {"HOME", "BOOTSTRAP_ADMIN_URI"}
    assert len(given) > 15
    assert len(fields) > 100
    assert {name for name in given - fields - own if f'"{name}"' not in source} == set()
