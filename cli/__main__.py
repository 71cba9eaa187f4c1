"""The `letta-cloud` command: from its words to the function that does what they ask."""

from __future__ import annotations

import errno
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TextIO

from cli import arguments
from tools.setup.common import UserError, say

INTERRUPTED = 128 + signal.SIGINT
CLOSED_PIPE = 128 + signal.SIGPIPE
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""How writing to something that is open fails."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 only if all is well."""
    try:
        return _flushed(sys.argv[1:] if words is None else words)
    except BrokenPipeError:
        _discard(sys.stdout, sys.stderr)
        return CLOSED_PIPE
    except OSError as error:
        # What fails to be opened has a name, and is told where it is opened.
        if error.errno not in UNWRITABLE or error.filename is not None:
            raise
        _discard(sys.stdout)
        say(f"error: cannot write any more: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _discard(*streams: TextIO | None) -> None:
    """Python itself flushes once more when it ends, and would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if stream is not None:
            os.dup2(nowhere, stream.fileno())


def _flushed(words: Sequence[str]) -> int:
    try:
        return _run(words)
    finally:
        # There is none when the caller closed it. Flushed here, where a reader's leaving is caught.
        if sys.stdout is not None:
            sys.stdout.flush()


def _run(words: Sequence[str]) -> int:
    try:
        options = arguments.parse(words)
        if options.command == "cost":
            return _cost(options)
        return _drill(options) if options.command == "restore-drill" else _on_sandbox(options)
    except UserError as error:
        say(f"error: {error}")
        return 1


def _cost(options: Namespace) -> int:
    # Each kind of command pays for its own imports: this one needs neither engine nor sandbox.
    from cli import cost

    return cost.run(options)


def _drill(options: Namespace) -> int:
    from cli import restore_drill

    return restore_drill.run(options)


def _on_sandbox(options: Namespace) -> int:
    from cli import deployment, simulation
    from sandbox.admin import AdminError

    try:
        if options.command == "sandbox":
            return simulation.ACTIONS[options.action](options)
        return deployment.COMMANDS[options.command](options)
    except AdminError as error:
        raise UserError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
