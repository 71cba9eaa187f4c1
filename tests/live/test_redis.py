from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sandbox.aws.live.caches import nodes
from sandbox.live import processes
from sandbox.live.processes import Handle
from sandbox.live.redis import Node, Redis
from sandbox.live.spec import Addresses, LiveError
from tests.live import stores

NAMES = count()
SECONDS = 20


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


def test_a_cache_that_the_server_could_not_use_is_refused() -> None:
    with pytest.raises(LiveError, match="without TLS"):
        nodes(stores.cache("cache", 1, transitEncryptionEnabled=True))
