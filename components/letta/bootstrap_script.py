"""Prepares the database once, before any server starts.

Runs inside the server's image, in its work directory, with what that image holds: the
standard library, pg8000 with scramp, alembic and letta. Every step can be repeated, so the
next run finishes what a killed one began; an advisory lock keeps two runs apart.

Environment: `BOOTSTRAP_ADMIN_URI` and `LETTA_PG_URI` (the same database as administrator and
as application), `LETTA_ENCRYPTION_KEY`, optionally `LETTA_REDIS_HOST`, `LETTA_REDIS_PORT` and
`BOOTSTRAP_WAIT_SECONDS` (bound of each wait, 240).
"""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import FrameType
from urllib.parse import SplitResult, urlsplit

from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]
from pg8000.native import Connection, identifier, literal  # type: ignore[import-untyped]
from scramp import ScramMechanism  # type: ignore[import-untyped]

ADMIN_URI = "BOOTSTRAP_ADMIN_URI"
LOCK_KEY = 0x1E77AB007
RETRY_SECONDS = 2
NOT_YET = ("57P03", "53300")  # cannot_connect_now, too_many_connections
LOCK_NOT_AVAILABLE = "55P03"
SECRET_NAME = re.compile(r"(KEY|KEY_ID|PASSWORD|SECRET|TOKEN|URI)$")
CREDENTIALS = re.compile(r"://[^\s/@]*:[^\s@]*@")
# The server's own start-up, but for its last step: that one deletes from the database every model
# provider for which this process, which has no provider's key, is not configured.
DEFAULT_ROWS = """
import asyncio
from letta.server.server import SyncServer

class DefaultRows(SyncServer):
    async def _sync_provider_models_async(self):
        pass

asyncio.run(DefaultRows().init_async())
"""


class BootstrapError(Exception):
    """What ends the run, in one line for the person who must act."""


def required(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise BootstrapError(f"{variable} is not set")
    return value


def parsed(variable: str) -> SplitResult:
    uri = required(variable)
    parts = urlsplit(uri)
    plain = parts.scheme == "postgresql" and not parts.query and "%" not in uri
    if not (plain and parts.username and parts.password and parts.port and parts.path[1:]):
        raise BootstrapError(
            f"{variable} must be a postgresql:// URI with user, password, host, port and database, "
            "without a query and without %: server and migrations understand no other form"
        )
    return parts


def say(text: str) -> None:
    """Print a line without any secret of the environment."""
    text = CREDENTIALS.sub("://***@", text)
    secrets = {value for name, value in os.environ.items() if value and SECRET_NAME.search(name)}
    passwords = {password for value in secrets if (password := urlsplit(value).password)}
    for secret in sorted(secrets | passwords, key=len, reverse=True):
        text = text.replace(secret, "***")
    print(text, flush=True)


def attempts(purpose: str) -> Iterator[None]:
    """Tries until the bound; the end of patience is an error."""
    bound = int(os.environ.get("BOOTSTRAP_WAIT_SECONDS", "240"))
    started = time.monotonic()
    while True:
        yield
        waited = time.monotonic() - started
        if waited >= bound:
            raise BootstrapError(f"{purpose}: gave up after {bound} s")
        say(f"{purpose}: waiting, {waited:.0f} of {bound} s")
        time.sleep(min(RETRY_SECONDS, bound - waited))


def check_redis(host: str, port: int) -> None:
    """The server outlives a Redis that it cannot use, silently crippled: refuse it here."""
    place = f"Redis at {host}:{port}"
    for _ in attempts(f"{place} must answer PING with +PONG"):
        try:
            with socket.create_connection((host, port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                reply = connection.recv(256).decode(errors="replace").strip()
        except OSError as error:
            reply = str(error)
        if reply == "+PONG":
            say(f"{place} answers")
            return
        if reply.startswith("-"):
            raise BootstrapError(
                f"{place} answers PING with {reply!r}; the server knows neither password nor TLS, "
                "so turn both off and let the network keep strangers out"
            )
        say(f"{place}: {reply or 'connection closed'}")


def message(error: Exception) -> str:
    details = error.args[0] if isinstance(error, DatabaseError) else error
    return str(details["M"] if isinstance(details, dict) else details)


def connect(uri: SplitResult) -> Connection:
    patience = attempts(f"database at {uri.hostname}:{uri.port}")
    while True:
        next(patience)
        try:
            return Connection(
                uri.username,
                password=uri.password,
                host=uri.hostname,
                port=uri.port,
                database=uri.path[1:],
                timeout=30,
            )
        except DatabaseError as error:
            if error.args[0]["C"] not in NOT_YET:
                raise
            say(message(error))
        except (InterfaceError, OSError) as error:
            say(message(error))


def lock(admin: Connection) -> None:
    admin.run("SET lock_timeout = '10s'")
    for _ in attempts("lock held by another bootstrap"):
        try:
            admin.run("SELECT pg_advisory_lock(:key)", key=LOCK_KEY)
        except DatabaseError as error:
            if error.args[0]["C"] != LOCK_NOT_AVAILABLE:
                raise
        else:
            break
    admin.run("SET lock_timeout = 0")


def verifier(password: str) -> str:
    """What PostgreSQL stores: sent instead of the password, which no statement log then holds."""
    salt, stored_key, server_key, iterations = ScramMechanism().make_auth_info(password)
    encoded = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *encoded)


def prepare(admin: Connection, name: str, password: str, database: str) -> None:
    """Extension, plain role, ownership."""
    admin.run("CREATE EXTENSION IF NOT EXISTS vector")
    admin.run("ALTER EXTENSION vector UPDATE")
    role = identifier(name)
    if not admin.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=name):
        admin.run(f"CREATE ROLE {role}")
    attributes = f"LOGIN NOCREATEDB NOCREATEROLE PASSWORD {literal(verifier(password))}"
    admin.run(f"ALTER ROLE {role} {attributes}")
    if admin.run("SELECT 1 FROM pg_roles WHERE rolname = :name AND rolsuper", name=name):
        raise BootstrapError(f"role {name} is a superuser; the server needs a plain role")
    # An administrator that is no superuser may hand over only to a role that it belongs to.
    admin.run(f"GRANT {role} TO CURRENT_USER")
    admin.run(f"ALTER DATABASE {identifier(database)} OWNER TO {role}")
    admin.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    say(f"extension vector and role {name} are ready")


def run(purpose: str, *command: str) -> None:
    """Run a child without the administrator's URI; its output is redacted line by line."""
    say(f"{purpose}: started")
    with subprocess.Popen(
        command,
        env={name: value for name, value in os.environ.items() if name != ADMIN_URI},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as child:
        try:
            for line in child.stdout or ():
                say(f"{purpose}: {line.rstrip()}")
        except SystemExit:
            child.kill()
            raise
    if child.returncode:
        raise BootstrapError(f"{purpose} ended with status {child.returncode}; see the lines above")
    say(f"{purpose}: done")


def bootstrap() -> None:
    admin_uri, uri = parsed(ADMIN_URI), parsed("LETTA_PG_URI")
    name, password, database = str(uri.username), str(uri.password), uri.path[1:]
    if (admin_uri.hostname, admin_uri.port, admin_uri.path) != (uri.hostname, uri.port, uri.path):
        raise BootstrapError(f"{ADMIN_URI} and LETTA_PG_URI name different databases")
    if admin_uri.username == name:
        raise BootstrapError(f"LETTA_PG_URI must not use the administrator's role {name}")
    required("LETTA_ENCRYPTION_KEY")  # without it, revisions that encrypt rows skip them for good
    if redis_host := os.environ.get("LETTA_REDIS_HOST"):
        check_redis(redis_host, int(os.environ.get("LETTA_REDIS_PORT", "6379")))
    with connect(admin_uri) as admin:
        lock(admin)
        prepare(admin, name, password, database)
        run("migration", "alembic", "upgrade", "head")
        run("default rows", sys.executable, "-c", DEFAULT_ROWS)
        if admin.run("SELECT pg_advisory_unlock(:key)", key=LOCK_KEY) != [[True]]:
            raise BootstrapError("the lock was lost while the run went on; run it again")
    say("bootstrap: done")


def stop(signum: int, _frame: FrameType | None) -> None:
    # As process 1 of a container, Python would ignore the signal. Nothing is printed here,
    # for the signal may have come in the middle of a print.
    raise SystemExit(128 + signum)


def main() -> int:
    signal.signal(signal.SIGTERM, stop)
    try:
        bootstrap()
    except (BootstrapError, DatabaseError, InterfaceError, OSError) as error:
        say(f"bootstrap failed: {message(error)}")
        return 1
    except SystemExit:
        say("bootstrap stopped; the next run finishes the work")
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
