"""The connection budget on a real PostgreSQL: what the rule allows connects, one more breaks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pg8000.native import Connection  # type: ignore[import-untyped]

from infra import capacity
from policies.facts.model import Deployment
from policies.rules.sizing import connection_budget
from sandbox.aws.live.databases import PARAMETER_GROUP, servers
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server
from sandbox.live.spec import Addresses
from tests.live import open_pools, stores
from tests.live.test_environment import containers, variables
from tests.policies import assembly, judging
from tests.policies.changes import Put, Resources, Where, apply

ROLE, PASSWORD = "letta", "AppPasswordOfTheTests"
MOST_REPLICAS = 60
NUMBERS = count()
STACKS: Mapping[str, Mapping[str, Any]] = {
    "default pools": {"instance_type": "db.t3.medium"},
    "small pools": {"instance_type": "db.t3.small", "pool_size": 3, "max_overflow": 2},
}
"""Name -> what a stack file says of the database: small classes, whose connections are opened in
seconds."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A stack as the rule sees it, with any number of API copies."""

    resources: Resources

    def facts(self, max_replicas: int) -> Deployment:
        ceiling = Put(Where("Target", "-api"), "maxCapacity", max_replicas)
        return judging.facts("medium", apply(self.resources, [ceiling]))

    def copies(self, max_replicas: int) -> int:
        """Of all tiers, that the rule counts."""
        return sum(each.connected_copies for each in self.facts(max_replicas).services)

    def most_replicas(self) -> int:
        """At the autoscaler's ceiling, that the rule allows."""
        return max(
            replicas
            for replicas in range(MOST_REPLICAS)
            if not list(connection_budget(self.facts(replicas), {}))
        )

    def parameters(self) -> dict[str, str]:
        """Of the database's parameter group."""
        [group] = [each for each in self.resources if each.type == PARAMETER_GROUP]
        return {each["name"]: each["value"] for each in group.properties["parameters"]}

    def environment(self) -> dict[str, str]:
        """Of the API's server."""
        [server] = [
            container
            for resource in self.resources
            if resource.name.endswith("-api")
            for container in containers(resource)
        ]
        return dict(variables(server))


@cache
def budget(stack: str) -> Budget:
    return Budget(resources=assembly.resources("medium", {"database": STACKS[stack]}))


@dataclass(frozen=True, kw_only=True)
class Database:
    """A PostgreSQL with the stack's parameters, and a plain role such as the server's."""

    server: Server
    address: str

    def connect(self) -> Connection:
        return Connection(ROLE, password=PASSWORD, host=self.address, database=self.server.database)

    @property
    def uri(self) -> str:
        return f"postgresql://{ROLE}:{PASSWORD}@{self.address}:{self.server.port}/letta"


@pytest.fixture
def database(
    postgres: Postgres, addresses: Addresses, request: pytest.FixtureRequest
) -> Iterator[Database]:
    parameters = budget(request.node.callspec.params["stack"]).parameters()
    server = servers(stores.database(f"budget-{next(NUMBERS)}", parameters=parameters))[0]
    running = postgres.start(server, addresses)
    postgres.query(server, f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
    yield Database(server=server, address=addresses.of(server.host))
    postgres.stop(running)


class Pools:
    """The pools of copies of the server, all in one process."""

    def __init__(self, python: Path, environment: dict[str, str], home: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-P", open_pools.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "HOME": str(home)},
            cwd=home,
        )

    def add(self, copies: int) -> dict[str, Any]:
        """Fill the pools of so many more copies."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{copies}\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def __enter__(self) -> Pools:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.mark.parametrize("stack", STACKS)
def test_what_the_rule_allows_connects_and_one_replica_more_does_not(
    stack: str, database: Database, environment: Path, tmp_path: Path
) -> None:
    allowed = budget(stack)
    replicas = allowed.most_replicas()
    given = {**allowed.environment(), "LETTA_PG_URI": database.uri}
    each = int(given["LETTA_PG_POOL_SIZE"]) + int(given["LETTA_PG_MAX_OVERFLOW"])
    copies, more = allowed.copies(replicas), allowed.copies(replicas + 1)
    with ExitStack() as others, Pools(environment / "bin" / "python", given, tmp_path) as pools:
        for _ in range(capacity.TOOL_CONNECTIONS + capacity.BOOTSTRAP_CONNECTIONS):
            others.enter_context(database.connect())
        assert pools.add(copies) == {"open": copies * each, "refused": 0}
        assert pools.add(more - copies)["refused"] > 0


@pytest.mark.parametrize("stack", STACKS)
def test_one_replica_more_than_the_rule_allows_needs_over_nine_tenths_of_what_there_is(
    stack: str,
) -> None:
    found = budget(stack)
    given = found.environment()
    each = int(given["LETTA_PG_POOL_SIZE"]) + int(given["LETTA_PG_MAX_OVERFLOW"])
    needed = found.copies(found.most_replicas() + 1) * each
    assert needed > 0.9 * int(found.parameters()["max_connections"])
