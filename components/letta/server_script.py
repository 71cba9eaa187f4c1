"""Starts the server, and keeps its password out of its log.

Runs inside the server's image. Letta 0.16.4 prints the password of its API whenever it starts
(`letta/server/rest_api/app.py`, "Using secure mode with password"), and whoever reads logs would
read it.
"""

from __future__ import annotations

import builtins
import os
from typing import Any

from letta.main import app  # type: ignore[import-not-found]

VARIABLE = "LETTA_SERVER_PASSWORD"
INSTEAD = f"[{VARIABLE}]"

_print = builtins.print


def _discreet(*values: Any, **options: Any) -> None:  # noqa: ANN401 - what `print` takes
    password = os.environ.get(VARIABLE)
    if password:
        values = tuple(str(value).replace(password, INSTEAD) for value in values)
    _print(*values, **options)


builtins.print = _discreet
app(prog_name="letta")
