"""The order of set-up, and the hand-over to the command it was done for."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from cli import arguments
from infra import platforms
from tools.setup import browser, engine, environment, live
from tools.setup.common import UserError, say

DEVELOPMENT = "--development"
LIVE = "--live"
EXTRAS = (DEVELOPMENT, LIVE)
TERMINATED = 128 + signal.SIGTERM
INTERRUPTED = 128 + signal.SIGINT


def run(command: list[str]) -> int:
    """Prepare the checkout, then become `command`, which the words `--development` (what tests
    need) and `--live` (what the live sandbox runs) may precede.

    A `letta-cloud` command is read before anything is built, so that a mistake in it is told at
    once, and what a stack costs needs no engine. Returns only if there is no command or set-up
    failed.
    """
    # An exception, so that what is half-made is put away.
    signal.signal(signal.SIGTERM, _stop)
    wanted = list(itertools.takewhile(EXTRAS.__contains__, command))
    command = command[len(wanted) :]
    try:
        cloud = platforms.DEFAULT
        needs_engine = True
        if command[:1] == ["letta-cloud"]:
            options = arguments.parse(command[1:])
            cloud = getattr(options, "cloud", cloud)
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


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(TERMINATED)
