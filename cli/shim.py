"""The `pulumi` that `make env` puts before the engine on PATH.

The variables of `make env` name one copy of one stack file and one port. The shim brings them up to
date for the command at hand, then becomes the engine:

- the copy is written anew from the stack file that the command is about, so an edit counts at once;
- a `--config-file` of the user's is copied as well, so the engine writes its salt into the copy;
- `pulumi config` works on the stack file itself, which is what the user means to change;
- a sandbox that died, or whose sources have changed, is started again.

Standard library only, and no third-party path: it runs before every `pulumi` command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli import recovery, sandbox_process, stacks
from cli.pulumi import project_name
from cli.state import State, without_passphrase
from infra import checkout
from tools.setup.common import ROOT, UserError, say

CLOUD_COMMANDS = frozenset(
    {"up", "update", "preview", "pre", "destroy", "down", "dn", "refresh", "import", "watch"}
)
"""The commands that talk to a provider."""

VALUE_FLAGS = frozenset(
    {"-C", "--cwd", "--color", "-v", "--verbose", "--tracing", "--profiling", "--memprofilerate"}
)
"""The flags that may stand before the command and have a value of their own."""

CONFIG_FILE_VARIABLE = "PULUMI_OPTION_CONFIG_FILE"


def main() -> None:
    """Become the engine, whose path comes first, with arguments and environment made to fit."""
    _, _, engine, *arguments = sys.argv
    state = State.of_checkout()
    try:
        arguments, environment = adapted(arguments, os.environ, state=state, directory=Path.cwd())
        if _command(arguments) in CLOUD_COMMANDS:
            sandbox = sandbox_process.current(state) or sandbox_process.ensure_running(state)
            environment["PULUMI_DEBUG_PROVIDERS"] = sandbox.debug_providers
            stack = _value(arguments, "--stack", "-s") or environment.get("PULUMI_STACK")
            if stack:
                recovery.clear_remains(state, project_name(), stack.rpartition("/")[2])
    except UserError as error:
        say(f"error: {error}")
        sys.exit(1)
    os.execve(engine, ["pulumi", *arguments], environment)


def adapted(
    arguments: Sequence[str], environment: Mapping[str, str], *, state: State, directory: Path
) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for the engine, after refreshing the copies they name.

    `directory` is where the command was given; outside the checkout only the variables that would
    mislead another project are taken away.
    """
    arguments = list(arguments)
    environment = without_passphrase(environment)
    environment.pop(CONFIG_FILE_VARIABLE, None)
    directory = directory / (_value(arguments, "--cwd", "-C") or "")
    if not directory.resolve().is_relative_to(ROOT):
        return arguments, environment

    stack = _value(arguments, "--stack", "-s") or environment.get("PULUMI_STACK")
    given = _value(arguments, "--config-file")
    if _command(arguments) == "config":
        if given is None and stack and _file_of(stack).parent != ROOT:
            # The engine would look for it in the project's root.
            environment[CONFIG_FILE_VARIABLE] = str(_file_of(stack))
        return arguments, environment
    if given is not None:
        # A file that is not there is the engine's to report, under the name the user wrote.
        if (directory / given).is_file():
            copy = str(stacks.refresh_copy(state, directory / given))
            arguments = _with_value(arguments, "--config-file", copy)
            # The program looks into the file for keys in plain text.
            environment[CONFIG_FILE_VARIABLE] = copy
    elif stack:
        # In full it is organization/project/stack.
        file = _file_of(stack)
        environment[CONFIG_FILE_VARIABLE] = str(stacks.refresh_copy(state, file))
    return arguments, environment


def _file_of(stack: str) -> Path:
    """The stack's own file. In full a stack is organization/project/stack."""
    return checkout.file(stack.rpartition("/")[2])


def _command(arguments: Sequence[str]) -> str:
    """The first word that is neither a flag nor a flag's value."""
    words = iter(arguments)
    for word in words:
        if word in VALUE_FLAGS:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _value(arguments: Sequence[str], *flags: str) -> str | None:
    """The value of a flag, in any of the ways it can be written; the last one counts."""
    value = None
    for position, word in enumerate(arguments):
        for flag in flags:
            if word == flag:
                value = next(iter(arguments[position + 1 :]), None)
            elif word.startswith(f"{flag}=") or (_is_short(flag) and word.startswith(flag)):
                value = word.removeprefix(flag).removeprefix("=")
    return value


def _is_short(flag: str) -> bool:
    return not flag.startswith("--")


def _with_value(arguments: Sequence[str], flag: str, value: str) -> list[str]:
    """The arguments with the flag's value replaced wherever it stands."""
    changed: list[str] = []
    for word in arguments:
        if changed and changed[-1] == flag:
            changed.append(value)
        else:
            changed.append(f"{flag}={value}" if word.startswith(f"{flag}=") else word)
    return changed
