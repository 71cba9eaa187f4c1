"""A stand-in for the server's image: Alembic and the server do what matters of theirs. They leak
the URI, use the vector type, take two steps, and refuse company."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from components.letta import bootstrap
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI
from tests.components.letta.conftest import Site

_CONNECT = """
import os, pathlib, signal, sys
from urllib.parse import urlsplit
from pg8000.native import Connection
uri = urlsplit(os.environ["LETTA_PG_URI"])
work = pathlib.Path(os.environ["WORK"])
database = Connection(uri.username, host=uri.hostname, port=uri.port, database=uri.path[1:],
                      password=uri.password)
"""

_ALEMBIC = """#!{python}
{connect}
assert sys.argv[1:] == ["upgrade", "head"]
assert "BOOTSTRAP_ADMIN_URI" not in os.environ
print("Using database:", os.environ["LETTA_PG_URI"], uri.password, flush=True)
if (work / "alembic-fails").exists():
    sys.exit("type vector is broken")
if (work / "await-company").exists():
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not database.run(waiting) and (work / "await-company").exists():
        pass
database.run("CREATE TABLE IF NOT EXISTS version (number int)")
number = len(database.run("SELECT 1 FROM version"))
for step in range(number, 2):
    database.run(f"CREATE TABLE step_{{step}} (embedding vector(3))")
    database.run("INSERT INTO version VALUES (:step)", step=step)
    print("step", step, flush=True)
    if (work / "hang-after-first-step").exists():
        signal.pause()
"""

_SERVER = """
class SyncServer:
    async def init_async(self):
        database.run("CREATE TABLE IF NOT EXISTS organizations (id text PRIMARY KEY)")
        if not database.run("SELECT 1 FROM organizations"):
            database.run("INSERT INTO organizations VALUES ('default')")
        print("server has", os.environ["LETTA_ENCRYPTION_KEY"])
        await self._sync_provider_models_async()

    async def _sync_provider_models_async(self):
        database.run("DELETE FROM providers")
"""

KEY = "encryption-key-0123456789"
PATIENCE_SECONDS = 20
"""Bound for what should end by itself; a healthy run takes one second."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """The server's image as far as the bootstrap uses it."""

    site: Site
    work: Path

    def environment(self, **changes: str | None) -> dict[str, str]:
        """Variables of the container; None takes one away."""
        values = {
            "PATH": f"{self.work / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.work / "lib"),
            "WORK": str(self.work),
            bootstrap.ADMIN_URI: self.site.admin.uri,
            POSTGRES_URI: self.site.application.uri,
            ENCRYPTION_KEY: KEY,
            "BOOTSTRAP_WAIT_SECONDS": "10",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    @contextmanager
    def running(self, **changes: str | None) -> Iterator[subprocess.Popen[str]]:
        """The bootstrap in a process group of its own, of which nothing is left afterwards."""
        process = subprocess.Popen(
            bootstrap.command(),
            env=self.environment(**changes),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def run(self, **changes: str | None) -> tuple[int, str]:
        """Exit status and output."""
        with self.running(**changes) as process:
            output, _ = process.communicate(timeout=PATIENCE_SECONDS)
            return process.returncode, output

    def flag(self, name: str) -> Path:
        path = self.work / name
        path.touch()
        return path

    @classmethod
    def made(cls, site: Site, work: Path) -> Image:
        """An image whose programs lie in a folder."""
        (work / "bin").mkdir()
        alembic = work / "bin" / "alembic"
        alembic.write_text(_ALEMBIC.format(python=sys.executable, connect=_CONNECT))
        alembic.chmod(0o755)
        package = work / "lib" / "letta" / "server"
        package.mkdir(parents=True)
        (package / "server.py").write_text(_CONNECT + _SERVER)
        return cls(site=site, work=work)
