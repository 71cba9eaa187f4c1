"""The `letta-cloud` command: what each of its words does."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from cli import arguments, recovery, sandbox_process
from cli.pulumi import Session, project_name
from cli.stacks import require_stack
from cli.state import State
from sandbox import admin
from sandbox.admin import AdminError
from tools.setup.common import UserError, say

INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 only if all is well."""
    try:
        options = arguments.parse(sys.argv[1:] if words is None else words)
        table, word = (
            (SANDBOX_ACTIONS, options.action)
            if options.command == "sandbox"
            else (COMMANDS, options.command)
        )
        return table[word](options)
    except (UserError, AdminError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _up(options: Namespace) -> int:
    session = Session.open(options.stack)
    _recover(session)
    return session.become("up", "--yes")


def _preview(options: Namespace) -> int:
    return Session.open(options.stack).become("preview")


def _destroy(options: Namespace) -> int:
    state = State.of_checkout()
    if not state.checkpoint(project_name(), options.stack).exists():
        require_stack(options.stack)
        say(f"Stack {options.stack} is not deployed; there is nothing to destroy.")
        return 0
    session = Session.open(options.stack)
    _recover(session)
    for name in admin.unprotect(state.sandbox_objects, stack=options.stack):
        say(f"Deletion protection lifted in the sandbox: {name}")
    return session.become("destroy", "--yes")


def _recover(session: Session) -> None:
    """Clear away what an interrupted run of this stack left behind."""
    checkpoint = session.state.checkpoint(project_name(), session.stack)
    if not recovery.is_interrupted(checkpoint):
        return
    known = recovery.known_objects(checkpoint)
    for name in admin.sweep(session.state.sandbox_objects, session.stack, known):
        say(f"Left by an interrupted run, unknown to its state, deleted in the sandbox: {name}")
    session.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")


def _env(options: Namespace) -> int:
    print(Session.open(options.stack).shell_exports())
    return 0


def _start(_: Namespace) -> int:
    sandbox = sandbox_process.ensure_running(State.of_checkout())
    say(f"The sandbox listens on 127.0.0.1:{sandbox.port} (process {sandbox.pid}).")
    return 0


def _stop(_: Namespace) -> int:
    stopped = sandbox_process.stop(State.of_checkout())
    say("The sandbox is stopped." if stopped else "The sandbox does not run.")
    return 0


def _status(options: Namespace) -> int:
    state = State.of_checkout()
    sandbox = sandbox_process.running(state)
    status = {
        **admin.status(state.sandbox_objects),
        "running": sandbox is not None,
        "port": sandbox.port if sandbox else None,
        "state": str(state.sandbox_objects),
        "log": str(state.sandbox_log),
    }
    if options.json:
        print(json.dumps(status, indent=2))
        return 0
    where = f"runs on port {sandbox.port}" if sandbox else "does not run"
    print(f"The sandbox {where} and holds {status['objects']} objects.")
    for kept in status["retained"]:
        until = f" until {kept['until']}" if kept["until"] else ""
        print(f"  kept after deletion: {kept['kind']} {kept['id']}{until}")
    return 0


def _unprotect(options: Namespace) -> int:
    lifted = admin.unprotect(State.of_checkout().sandbox_objects, stack=options.stack)
    if options.json:
        print(json.dumps({"unprotected": lifted}, indent=2))
        return 0
    for name in lifted:
        print(f"Deletion protection lifted: {name}")
    if not lifted:
        print("Nothing in the sandbox is protected from deletion.")
    return 0


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "up": _up,
    "preview": _preview,
    "destroy": _destroy,
    "env": _env,
}
SANDBOX_ACTIONS: Mapping[str, Callable[[Namespace], int]] = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "unprotect": _unprotect,
}


if __name__ == "__main__":
    sys.exit(main())
