"""What the commands that deploy do: each hands a stack to the engine, on this checkout's cloud."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping

from cli import live, recovery
from cli.live_process import Live
from cli.pulumi import Session, project_name
from cli.stacks import require_stack
from cli.state import State
from sandbox import admin
from tools.setup.common import say


def up(options: Namespace) -> int:
    """Deploy a stack, after clearing away what an interrupted run of it left.

    With `--live` it runs on this machine too; one that runs already follows the stack.
    """
    running = Live(state=State.of_checkout(), stack=options.stack)
    if options.live:
        # Told before the engine has worked for half a minute.
        running.require()
    session = Session.open(options.stack)
    _recover(session)
    if not options.live and not running.runs:
        return session.become("up", "--yes")
    return session.call("up", "--yes") or live.bring(session)


def preview(options: Namespace) -> int:
    """Show what `up` would do."""
    return Session.open(options.stack).become("preview")


def destroy(options: Namespace) -> int:
    """Delete what a stack deployed, protected or not. Raises `UserError` for an unknown stack."""
    state = State.of_checkout()
    deployed = state.checkpoint(project_name(), options.stack).exists()
    if not deployed:
        require_stack(options.stack)
    if Live(state=state, stack=options.stack).stop():
        say(f"The live sandbox of {options.stack} is ended.")
    if not deployed:
        say(f"Stack {options.stack} is not deployed; there is nothing to destroy.")
        return 0
    session = Session.open(options.stack)
    _recover(session)
    for name in admin.unprotect(state.sandbox_objects, stack=options.stack):
        say(f"Deletion protection lifted in the sandbox: {name}")
    if kept := recovery.protected(state.checkpoint(project_name(), options.stack)):
        session.run("state", "unprotect", "--all", "--yes")
        for name in kept:
            say(f"Deletion protection lifted in the engine's state: {name}")
    return session.become("destroy", "--yes")


def env(options: Namespace) -> int:
    """Print the exports under which plain `pulumi` works on a stack."""
    print(Session.open(options.stack).shell_exports())
    return 0


def _recover(session: Session) -> None:
    """Clear away what an interrupted run of this stack left behind."""
    checkpoint = session.state.checkpoint(project_name(), session.stack)
    if not recovery.is_interrupted(checkpoint):
        return
    known = recovery.known_objects(checkpoint)
    for name in admin.sweep(session.state.sandbox_objects, session.stack, known):
        say(f"Left by an interrupted run, unknown to its state, deleted in the sandbox: {name}")
    session.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "up": up,
    "preview": preview,
    "destroy": destroy,
    "env": env,
}
