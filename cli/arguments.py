"""The command line of `letta-cloud`, read and checked.

Standard library only: set-up checks a command with it before there is an environment to run it in.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cli.stacks import require_cloud, require_stack
from cli.state import named
from infra import checkout, platforms
from tools.setup.common import ROOT, UserError, printable

DEFAULT_STACK = "medium"
REFERENCES = ("small", "medium", "large")
"""Architectures of the requirements (K1) that `cost` prices."""
_READ = {each.parents[1].name.partition("_")[0] for each in ROOT.glob("sandbox/*/live/__init__.py")}
"""A package's folder bears the name of its cloud, alone or with an end, as `azure_native`."""
LIVE = tuple(cloud for cloud in platforms.CLOUDS if cloud in _READ)
"""Clouds whose stacks can be run on this machine."""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command as a namespace with `command` and, for `sandbox`, `action`.

    `cost` comes with either `stack` and `file` or `reference` set.

    Raises `UserError` for a stack or a cloud that does not exist, and for what no stack can be
    called; bad syntax ends the program with argparse's own message.
    """
    options = _parser().parse_args(words)
    if options.command == "cost":
        # There a name is a title: it may be that of any file.
        _settle_cost(options)
        return options
    if getattr(options, "stack", None) is not None:
        named(options.stack)
    if options.command == "sandbox":
        return options
    if options.command == "restore-drill":
        require_stack(options.stack)
        if options.dump is None:
            _require_live(options.stack, "give --dump FILE (docs/backup.md)")
        return options
    require_cloud(options.cloud)
    options.stack = checkout.name_on(options.stack, options.cloud)
    if options.command == "up" and options.live:
        _require_live(options.stack, "deploy it without --live")
    # What was deployed can be destroyed even after its stack file is gone.
    if options.command != "destroy":
        require_stack(options.stack)
    return options


def _require_live(stack: str, way_out: str) -> None:
    """Raise `UserError` for a stack that the live sandbox cannot run."""
    cloud = checkout.cloud_of(stack)
    if cloud not in LIVE:
        raise UserError(
            f"the live sandbox runs stacks of {', '.join(LIVE)}, and {stack} is one of {cloud}; "
            f"{way_out}"
        )


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints repeat the user's words without what would steer a terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
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
        _add_cloud(command)
        if name == "up":
            command.add_argument(
                "--live",
                action="store_true",
                help=f"and run what it deploys, on this machine; stacks of {', '.join(LIVE)}",
            )
    _add_cost(commands.add_parser("cost", help="what a stack costs a month", description=_COST))
    _add_drill(
        commands.add_parser("restore-drill", help="restore the newest dump", description=_DRILL)
    )
    sandbox = commands.add_parser("sandbox", help="the simulated cloud")
    actions = sandbox.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, about in (
        ("start", "start it if it does not run"),
        ("stop", "stop it, and what runs of its stacks; what it holds is kept"),
        ("status", "whether it runs and what it holds"),
        ("unprotect", "lift deletion protection"),
    ):
        action = actions.add_parser(name, help=about, description=about.capitalize() + ".")
        if name in ("status", "unprotect"):
            action.add_argument("--json", action="store_true", help="print JSON")
        if name == "unprotect":
            action.add_argument("--stack", help="only from what this stack made; default: from all")
    return parser


_COST = (
    "What a stack costs a month, from its stack file and a book of prices alone: no cloud, no "
    "engine, no sandbox. Three figures: every autoscaler at its minimum, the stack as it starts "
    "under its declared workload, every autoscaler at its maximum."
)


_DRILL = (
    "Restore the newest dump of a stack into a throw-away database, and check its checksum, its "
    "schema, its rows and one agent. Says how old it is and how long it took; fails if the dump is "
    "corrupted, truncated, missing or older than the stack promises."
)


def _add_cloud(command: argparse.ArgumentParser) -> None:
    clouds = ", ".join(platforms.CLOUDS)
    command.add_argument(
        "--cloud", default=platforms.DEFAULT, help=f"{clouds}; default: %(default)s"
    )


def _add_drill(drill: argparse.ArgumentParser) -> None:
    drill.add_argument("--stack", default=DEFAULT_STACK, help="default: %(default)s")
    source = drill.add_mutually_exclusive_group()
    source.add_argument(
        "--dump",
        type=Path,
        metavar="FILE",
        help="a dump, its manifest beside it, in place of the newest of the live sandbox; the "
        "server is that of LETTA_DRILL_PG_URI",
    )
    source.add_argument(
        "--run-schedule", action="store_true", help="first have the live sandbox take a dump"
    )
    drill.add_argument("--json", action="store_true", help="print JSON")


def _add_cost(cost: argparse.ArgumentParser) -> None:
    cost.add_argument("--stack", help=f"default: {DEFAULT_STACK}")
    _add_cloud(cost)
    cost.add_argument("--file", type=Path, help="stack file; default: the stack's own")
    cost.add_argument(
        "--reference",
        choices=REFERENCES,
        help="an architecture of the requirements document in place of a stack",
    )
    cost.add_argument(
        "--book", help="book of prices; default: list, and source-2025 for a reference"
    )
    cost.add_argument(
        "--compare", metavar="WITH", help="another stack, a stack file's path, or another book"
    )
    cost.add_argument("--savings", action="store_true", help="what each switch would save")
    cost.add_argument(
        "--break-even", action="store_true", help="where self-hosted models start to pay"
    )
    cost.add_argument(
        "--path", action="store_true", help="the three phases of growth and what they can save"
    )
    cost.add_argument(
        "--check", action="store_true", help="fail if the ceiling exceeds letta:budget"
    )
    form = cost.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print a comment for a pull request")
    form.add_argument("--html", metavar="FILE", type=Path, help="write a page that works offline")


def _settle_cost(options: argparse.Namespace) -> None:
    """Fill in what was left out. Raises `UserError` for what does not go together."""
    require_cloud(options.cloud)
    if options.reference is not None:
        for option in ("stack", "file"):
            if getattr(options, option) is not None:
                raise UserError(
                    f"--reference prices an architecture that has no stack; leave --{option} out, "
                    "or compare with a stack: --compare NAME"
                )
        for option in ("savings", "check"):
            if getattr(options, option):
                raise UserError(f"--{option} needs a stack, and a reference is none; leave one out")
        return
    if options.stack == "":
        raise UserError(
            f"--stack is empty; the stacks are: {', '.join(checkout.names())}, or leave "
            f"--stack out for {DEFAULT_STACK}"
        )
    if options.file is None:
        options.stack = checkout.name_on(options.stack or DEFAULT_STACK, options.cloud)
        require_stack(options.stack)
        options.file = checkout.file(options.stack)
    else:
        options.stack = options.stack or checkout.of_file(options.file)
