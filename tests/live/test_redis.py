from __future__ import annotations

import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sandbox.aws.live.caches import nodes
from sandbox.live import processes
from sandbox.live.processes import Handle
from sandbox.live.redis import SECRETS, Node, Redis
from sandbox.live.spec import Addresses, LiveError
from tests.live import stores

NAMES = count()
SECONDS = 20
PASSWORD = "K3yOfTheTests"


@pytest.fixture
def redis(temporary: Path) -> Redis:
    return Redis(temporary / "redis")


@pytest.fixture
def running(redis: Redis, addresses: Addresses) -> Iterator[list[tuple[Node, Handle]]]:
    """A primary and a replica."""
    running = [
        (node, redis.start(node, addresses))
        for node in nodes(stores.cache(f"cache-{next(NAMES)}", 2, policy="volatile-ttl"))
    ]
    yield running
    for _, handle in running:
        redis.stop(handle)


def asked(node: Node, addresses: Addresses, command: str) -> str:
    """All that a node answers."""
    with socket.create_connection((addresses.of(node.host), node.port)) as connection:
        connection.sendall(f"{command}\r\nQUIT\r\n".encode())
        with connection.makefile() as answer:
            return answer.read()


def test_a_node_runs_with_what_the_group_says_and_asks_for_no_password(
    running: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, _), _ = running
    assert "volatile-ttl" in asked(primary, addresses, "CONFIG GET maxmemory-policy")
    assert f"{primary.memory_mib * 2**20}" in asked(primary, addresses, "CONFIG GET maxmemory")
    assert primary.memory_mib == 256


def test_a_node_tells_how_much_it_holds(
    redis: Redis, running: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, handle), _ = running
    info = redis.info(primary, addresses)
    assert 0 < int(info["used_memory"]) < int(info["maxmemory"]) == primary.memory_mib * 2**20
    processes.kill(handle)
    assert redis.info(primary, addresses) == {}


def test_a_small_node_has_the_memory_of_its_type() -> None:
    [node] = nodes(stores.cache("cache", 1))
    assert replace(node, memory_gib=0.125).memory_mib == 128


def test_a_replica_has_what_its_primary_has(
    redis: Redis, running: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, _), (replica, handle) = running
    assert redis.ask(primary, addresses, "SET key value") == "+OK"
    processes.wait(
        handle,
        lambda: "value" in asked(replica, addresses, "GET key"),
        seconds=SECONDS,
        purpose="level with its primary",
    )
    assert redis.ask(replica, addresses, "SET key other").startswith("-READONLY")


def test_a_node_that_died_does_not_answer_and_comes_back_empty(
    redis: Redis, running: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, handle), _ = running
    redis.ask(primary, addresses, "SET key value")
    processes.kill(handle)
    assert redis.ask(primary, addresses, "PING") == ""
    running[0] = (primary, redis.start(primary, addresses))
    assert redis.ask(primary, addresses, "DBSIZE") == ":0"


def test_a_parameter_that_redis_does_not_know_ends_the_start_with_its_own_words(
    redis: Redis, addresses: Addresses
) -> None:
    [node] = nodes(stores.cache(f"cache-{next(NAMES)}", 1, policy="no-such-policy"))
    with pytest.raises(LiveError, match="argument"):
        redis.start(node, addresses)


@pytest.fixture
def guarded(redis: Redis, addresses: Addresses) -> Iterator[list[tuple[Node, Handle]]]:
    """A primary and a replica that speak TLS and ask for a password."""
    name = f"cache-{next(NAMES)}"
    running = [
        (node, redis.start(node, addresses))
        for plain in nodes(stores.cache(name, 2))
        for node in [replace(plain, password=PASSWORD, tls=True)]
    ]
    yield running
    for _, handle in running:
        redis.stop(handle)


def test_a_node_that_asks_for_tls_and_a_password_tells_nobody_else_anything(
    redis: Redis, guarded: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, handle), _ = guarded
    assert redis.ask(primary, addresses, "PING") == "+PONG"
    wrong = replace(primary, password="wrong")
    assert redis.ask(wrong, addresses, "PING").startswith("-NOAUTH")
    assert redis.ask(replace(primary, tls=False), addresses, "PING") == ""
    said = Path(f"/proc/{handle.pid}/cmdline").read_bytes()
    assert PASSWORD.encode() not in said
    kept = redis.home / primary.identifier / SECRETS
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_whoever_trusts_the_nodes_certificates_verifies_their_addresses(
    redis: Redis, guarded: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, _), (replica, _) = guarded
    context = ssl.create_default_context(cafile=redis.trusted)
    for node in (primary, replica):
        host = addresses.of(node.host)
        with (
            socket.create_connection((host, node.port)) as connection,
            context.wrap_socket(connection, server_hostname=host) as encrypted,
        ):
            assert encrypted.version() in ("TLSv1.2", "TLSv1.3")
    with (
        socket.create_connection((addresses.of(primary.host), primary.port)) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(connection, server_hostname=addresses.of("another host"))


def test_a_guarded_replica_has_what_its_primary_has(
    redis: Redis, guarded: list[tuple[Node, Handle]], addresses: Addresses
) -> None:
    (primary, _), (replica, handle) = guarded
    assert redis.ask(primary, addresses, "SET key value") == "+OK"
    processes.wait(
        handle,
        lambda: redis.ask(replica, addresses, "STRLEN key") == ":5",
        seconds=SECONDS,
        purpose="level with its primary",
    )


def test_a_cache_that_the_server_could_not_use_is_refused() -> None:
    with pytest.raises(LiveError, match="without TLS"):
        nodes(stores.cache("cache", 1, transitEncryptionEnabled=True))
