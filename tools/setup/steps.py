"""The order of set-up, and the hand-over to the command it was done for."""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from cli import arguments
from cli.stacks import require_cloud
from infra import checkout, platforms
from tools.setup import browser, engine, environment, live
from tools.setup.common import UserError, say

DEVELOPMENT = "--development"
LIVE = "--live"
CLOUD = "--cloud="
TERMINATED = 128 + signal.SIGTERM
INTERRUPTED = 128 + signal.SIGINT


def run(command: list[str]) -> int:
    """Prepare the checkout, then become `command`, which the words `--development` (what tests
    need), `--live` (what the live sandbox runs) and `--cloud=NAME` (whose SDK is wanted where the
    command does not say it) may precede.

    A `letta-cloud` command is read before anything is built, so that a mistake in it is told at
    once, and what a stack costs needs no engine. Returns only if there is no command or set-up
    failed.
    """
    # An exception, so that what is half-made is put away.
    signal.signal(signal.SIGTERM, _stop)
    wanted = list(itertools.takewhile(lambda word: word.startswith("--"), command))
    command = command[len(wanted) :]
    try:
        cloud = _cloud(wanted)
        needs_engine = True
        if command[:1] == ["letta-cloud"]:
            options = arguments.parse(command[1:])
            cloud = _cloud_of(options) or cloud
            needs_engine = options.command != "cost"
        if needs_engine:
            engine.ensure()
        programs = environment.ensure(environment.DEVELOPMENT if DEVELOPMENT in wanted else cloud)
        if DEVELOPMENT in wanted:
            browser.ensure()
        if LIVE in wanted:
            live.ensure()
    except UserError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Nothing is left half-made; the next run goes on from here.")
        return INTERRUPTED
    if not command:
        say(f"Ready: pulumi in {engine.find()}, Python packages in {programs.parent}")
    else:
        path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
        os.execve(programs / command[0], command, {**os.environ, "PATH": path})
    return 0


def _cloud(wanted: list[str]) -> str:
    """The cloud that the words before the command name. Raises `UserError` for an unknown word."""
    cloud = platforms.DEFAULT
    for word in wanted:
        if word.startswith(CLOUD):
            cloud = word.removeprefix(CLOUD)
            require_cloud(cloud)
        elif word not in (DEVELOPMENT, LIVE):
            raise UserError(f"set-up knows no {word}; it knows {DEVELOPMENT}, {LIVE}, {CLOUD}NAME")
    return cloud


def _cloud_of(options: argparse.Namespace) -> str | None:
    """The cloud of a command's stack, by `--cloud` or by the stack's own name."""
    cloud, stack = getattr(options, "cloud", None), getattr(options, "stack", None)
    if cloud is None or stack is None:
        return cloud
    return checkout.cloud_of(checkout.name_on(stack, cloud))


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(TERMINATED)
