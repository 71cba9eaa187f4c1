"""`letta-cloud restore-drill`: whether the newest dump can be restored, how old it is, how long it
takes."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cli import drill_servers
from cli.drill import MANIFEST_SUFFIX, DrillError, Report, drill, newest
from cli.live_process import Live
from cli.signals import ended_as_interrupted
from cli.state import State
from components.letta.dump import FOLDER
from infra import checkout
from infra.settings import SettingsError
from pricing import stack
from sandbox import admin
from tools.setup.common import UserError, say


def run(options: Namespace) -> int:
    """Do the drill and say what came of it. Raises `UserError` for a drill that failed."""
    try:
        with ended_as_interrupted():
            report = _report(options)
    except (DrillError, admin.AdminError) as error:
        raise UserError(f"the restore drill failed: {error}") from error
    print(report.as_json() if options.json else report)
    return 0


def _report(options: Namespace) -> Report:
    limit = _max_age_hours(options.stack)
    if options.dump is not None:
        if not options.dump.name or options.dump.suffix == MANIFEST_SUFFIX:
            raise UserError(f"--dump {str(options.dump)!r} is no dump: name the file NAME.dump")
        return drill(options.dump, drill_servers.given(), max_age_hours=limit)
    running = Live(state=State.of_checkout(), stack=options.stack)
    if not running.runs:
        raise UserError(
            f"stack {options.stack} does not run on this machine: `letta-cloud up --stack "
            f"{options.stack} --live` runs it; for a dump of a real account, fetch it with its "
            f"manifest and give --dump FILE and {drill_servers.URI} (docs/backup.md)"
        )
    if options.run_schedule:
        running.run_schedules()
    dump = newest(_folder(running))
    say(f"Restoring {dump.name} of {options.stack} into a throw-away PostgreSQL.")
    with drill_servers.throw_away() as server:
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
    # In a bucket that is shared, the stack has a folder of its own; one of before may be there.
    folders = (running.buckets / found[0]).rglob(FOLDER)
    folder = max(folders, key=lambda each: each.stat().st_mtime, default=None)
    if folder is None:
        raise DrillError(
            f"there is no dump in the stack's bucket {found[0]} yet; run the schedule now with "
            "--run-schedule"
        )
    return folder
