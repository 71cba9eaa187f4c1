"""`python3 -m tools.setup [--development] [--live] [COMMAND...]`: prepare, then run COMMAND.

COMMAND is a program of `.venv`; without one, only the set-up is done. This file also parses on an
old Python 3, which gets the message below instead of a syntax error from another file.
"""

from __future__ import annotations

import sys

OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Return the exit status, unless COMMAND takes this process over."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.stderr.write(
            f"error: Python 3.11 or newer is needed; {sys.executable} is {version}. Name another "
            "one if there is: make ... PYTHON=python3.12\n"
        )
        return 1
    from tools.setup.steps import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
