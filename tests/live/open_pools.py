"""The connections of many copies of the server, without the servers, in the server's environment.

Each copy's pool is made by the wheel's own `letta/server/db.py` from a copy's own variables, and
filled to its limit. For every line of standard input, a number of further copies, it writes a
line of JSON: connections open in all, and how many of the further ones were refused as too many.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TOO_MANY = "53300"
"""PostgreSQL's `too_many_connections`, whichever reserve is met."""
AT_ONCE = 16
"""Connections that are being opened."""


def is_refusal(error: BaseException | None) -> bool:
    """Whether an error, or one behind it, says that there are too many connections."""
    while error is not None:
        if getattr(error, "sqlstate", None) == TOO_MANY:
            return True
        error = error.__cause__
    return False


class Copies:
    """All copies' pools, each with every connection that it may have."""

    def __init__(self) -> None:
        package = find_spec("letta")
        if package is None or package.origin is None:
            raise ModuleNotFoundError("letta: run this in the server's environment")
        self._code = Path(package.origin).parent / "server" / "db.py"
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._sessions: list[Any] = []

    async def add(self, copies: int) -> dict[str, int]:
        """Start some; what is open in all, and what of theirs was refused."""
        from letta.settings import settings  # type: ignore[import-not-found]

        most = settings.pg_pool_size + settings.pg_max_overflow
        # Run once more, the module makes one more engine, as in a process of its own.
        makers = [runpy.run_path(str(self._code))["async_session_factory"] for _ in range(copies)]
        opened = await asyncio.gather(*(self._open(make()) for make in makers for _ in range(most)))
        return {"open": len(self._sessions), "refused": opened.count(False)}

    async def _open(self, session: Any) -> bool:  # noqa: ANN401 - of the server's environment
        from sqlalchemy import text  # type: ignore[import-not-found]

        async with self._turn:
            try:
                await session.execute(text("SELECT 1"))
            except Exception as error:
                if not is_refusal(error):
                    raise
                return False
        # Kept: a session that nobody refers to gives its connection back.
        self._sessions.append(session)
        return True


async def main() -> None:
    """Until standard input ends."""
    copies = Copies()
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await copies.add(int(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
