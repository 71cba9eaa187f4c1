"""The command line of `letta-cloud`, read and checked.

Standard library only: set-up checks a command with it before there is an environment to run it in.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cli import stacks

DEFAULT_STACK = "medium"


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command as a namespace with `command` and, for `sandbox`, `action`.

    Raises `UserError` for a stack or a cloud that does not exist; bad syntax ends the program with
    argparse's own message.
    """
    options = _parser().parse_args(words)
    if options.command == "sandbox":
        return options
    stacks.require_cloud(options.cloud)
    # What was deployed can be destroyed even after its stack file is gone.
    if options.command != "destroy":
        stacks.require_stack(options.stack)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="letta-cloud",
        description="Deploy Letta with Pulumi into the sandbox, a simulated cloud on this machine.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in (
        ("up", "preview a stack, check the policies, and deploy it"),
        ("preview", "show what `up` would do, and check the policies"),
        ("destroy", "lift deletion protection in the sandbox and delete what a stack deployed"),
        ("env", "print the shell exports under which plain `pulumi` works"),
    ):
        command = commands.add_parser(name, help=about, description=about.capitalize() + ".")
        command.add_argument("--stack", default=DEFAULT_STACK, help="default: %(default)s")
        command.add_argument("--cloud", default=stacks.CLOUDS[0], help="default: %(default)s")
    sandbox = commands.add_parser("sandbox", help="the simulated cloud")
    actions = sandbox.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, about in (
        ("start", "start it if it does not run"),
        ("stop", "stop it; what it holds is kept"),
        ("status", "whether it runs and what it holds"),
        ("unprotect", "lift deletion protection"),
    ):
        action = actions.add_parser(name, help=about, description=about.capitalize() + ".")
        if name in ("status", "unprotect"):
            action.add_argument("--json", action="store_true", help="print JSON")
        if name == "unprotect":
            action.add_argument("--stack", help="only from what this stack made; default: from all")
    return parser
