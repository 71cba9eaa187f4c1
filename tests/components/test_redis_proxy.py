"""The proxy beside the server: what it adds on the way to Redis, and what it does without one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi
import pytest

from components import redis_proxy_script as script
from components.redis_proxy import HOST, LOOPBACK, PASSWORD, UPSTREAM_PORT, redis_proxy
from components.roles import Reference

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SECRET = "a-key-of-redis"
AUTH = f"*2\r\n$4\r\nAUTH\r\n${len(SECRET)}\r\n{SECRET}\r\n".encode()


async def _answering(
    asked: list[bytes], answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """A Redis that wants a password first and then says what it hears."""
    asked.append(await reader.readexactly(len(AUTH)))
    writer.write(answer)
    while data := await reader.read(100):
        asked.append(data)
        writer.write(b"+" + data)
    writer.close()


def _through_proxy(
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]],
) -> tuple[bytes, list[bytes], list[dict[str, Any]]]:
    """What the client got, what Redis was asked, and how the connection to it was opened."""
    asked: list[bytes] = []
    opened: list[dict[str, Any]] = []
    connect = asyncio.open_connection

    async def plain(host: str, port: int, **options: Any) -> Streams:  # noqa: ANN401
        opened.append({"host": host, **options})
        return await connect("127.0.0.1", port)

    async def run() -> bytes:
        redis = await asyncio.start_server(
            lambda reader, writer: _answering(asked, answer, reader, writer), "127.0.0.1", 0
        )
        proxy = await asyncio.start_server(script._serve, "127.0.0.1", 0)
        monkeypatch.setenv(HOST, "cache.example.net")
        monkeypatch.setenv(UPSTREAM_PORT, str(redis.sockets[0].getsockname()[1]))
        monkeypatch.setenv(PASSWORD, SECRET)
        async with redis, proxy:
            reader, writer = await connect("127.0.0.1", proxy.sockets[0].getsockname()[1])
            got = await talk(reader, writer)
            writer.close()
            await writer.wait_closed()
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0)
        return got

    monkeypatch.setattr(asyncio, "open_connection", plain)
    # A loop of its own, which is left tidy: the SDK's stays as it is.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(run()), asked, opened


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"PING\r\n")
    return await reader.readline()


def test_the_password_comes_first_and_the_client_sees_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    got, asked, _ = _through_proxy(monkeypatch, b"+OK\r\n", _ask)
    assert got == b"+PING\r\n"
    assert asked == [AUTH, b"PING\r\n"]


def test_the_certificate_of_redis_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, [opened] = _through_proxy(monkeypatch, b"+OK\r\n", _ask)
    assert opened["host"] == opened["server_hostname"] == "cache.example.net"
    assert opened["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert opened["ssl"].check_hostname


def test_a_refused_password_ends_the_clients_connection_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    got, _, _ = _through_proxy(monkeypatch, b"-WRONGPASS\r\n", _ask)
    assert got == b""
    told = capsys.readouterr().err
    assert "the password was refused: -WRONGPASS" in told
    assert SECRET not in told


def test_only_its_own_copy_reaches_it() -> None:
    assert script.LISTEN == (LOOPBACK, 6379)


def test_the_container_gets_the_password_by_reference() -> None:
    nothing = pulumi.Output.from_input("")
    reference = Reference(name=nothing, readable=nothing, revision=nothing)
    container = redis_proxy("cache.example.net", 10_000, reference)
    assert container.references == {PASSWORD: reference}
    assert container.environment == {HOST: "cache.example.net", UPSTREAM_PORT: "10000"}


def test_a_silent_connection_to_redis_shows_signs_of_life() -> None:
    kept: dict[tuple[int, int], int] = {}

    class Raw:
        def setsockopt(self, level: int, option: int, value: int) -> None:
            kept[level, option] = value

    script.keep_alive(Raw())
    assert kept[socket.SOL_SOCKET, socket.SO_KEEPALIVE] == 1
    assert kept[socket.IPPROTO_TCP, socket.TCP_KEEPIDLE] <= 240


def test_a_network_that_gives_up_ends_the_clients_connection_too() -> None:
    closed: list[bool] = []

    class Lost:
        async def read(self, _: int) -> bytes:
            raise TimeoutError(110, "Connection timed out")

    class Client:
        def close(self) -> None:
            closed.append(True)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(script._copy(Lost(), Client()))  # type: ignore[arg-type]
    assert closed == [True]
