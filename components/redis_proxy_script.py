"""Answers on the loopback as a plain Redis, and adds TLS and a password on the way to the real one.

Runs in a container beside the server; standard library only. Each connection of the client has one
of its own behind it, which is opened, encrypted and authenticated first; then bytes pass as they
are. When the real one is away, the client sees its own connection end.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
from typing import Protocol

LISTEN = ("127.0.0.1", 6379)
CONNECT_SECONDS = 5
CHUNK = 65_536
KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))
"""Networks forget silent connections without a word, and the next command would wait for minutes:
after a minute of silence, signs of life every 15 s, and four that are missed end it."""


class Connection(Protocol):
    """What of a socket is needed here."""

    def setsockopt(self, level: int, option: int, value: int, /) -> None:
        """Set an option."""


async def _open() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the real Redis, past its password."""
    host, password = os.environ["REDIS_PROXY_HOST"], os.environ["REDIS_PROXY_PASSWORD"].encode()
    reader, writer = await asyncio.open_connection(
        host,
        int(os.environ["REDIS_PROXY_PORT"]),
        ssl=ssl.create_default_context(),
        server_hostname=host,
    )
    keep_alive(writer.get_extra_info("socket"))
    writer.write(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(password), password))
    await writer.drain()
    answer = await reader.readline()
    if answer.strip() != b"+OK":
        writer.close()
        raise ConnectionError(
            f"the password was refused: {answer.decode(errors='replace').strip()}"
        )
    return reader, writer


def keep_alive(connection: Connection) -> None:
    """Have the kernel look for the other end of a silent connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE:
        connection.setsockopt(socket.IPPROTO_TCP, option, value)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until one end is closed."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:  # of TLS and of time-outs too
        pass  # the other direction ends with it
    finally:
        writer.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        behind = await asyncio.wait_for(_open(), CONNECT_SECONDS)
    except (TimeoutError, OSError) as error:
        print(f"redis proxy: {error or 'no answer in time'}", file=sys.stderr, flush=True)
        writer.close()
        return
    await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))


async def main() -> None:
    """Listen for ever."""
    server = await asyncio.start_server(_serve, *LISTEN)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
