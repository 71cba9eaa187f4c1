"""Small from its own task definition: the server, Redis and the proxy on one machine."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.live.way_in import WayIn
from tests.live.conftest import Booted, Deployed, boot
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Journey

NETWORK = "127.78.32"
SERVICE = "letta-small-api"


@pytest.fixture(scope="module")
def small(deployed: Deployed, environment: Path, temporary: Path) -> Iterator[Booted]:
    with boot(
        deployed("small"), environment, temporary / "small", network=NETWORK, copies=1
    ) as booted:
        yield booted


@pytest.fixture
def way_in(small: Booted) -> WayIn:
    found = small.plane.way_in
    assert found is not None
    return found


def test_a_user_with_the_password_has_a_good_first_day_and_strangers_have_none(
    small: Booted, model: FakeLlm
) -> None:
    Journey(client=small.client, model_endpoint=model.url).walk()


def test_the_proxy_answers_to_the_domain_alone(small: Booted, way_in: WayIn) -> None:
    assert way_in.domain == "letta-small.example.com"
    stranger = replace(small.client, host="other.example.com")
    with pytest.raises(OSError, match="TLSV1_ALERT_INTERNAL_ERROR"):
        stranger.call("GET", "/v1/health/")


def test_no_client_is_sent_to_udp_which_nothing_lets_in(small: Booted) -> None:
    answer = small.client.call("GET", "/v1/health/")
    assert answer.headers["Server"] == "Caddy"
    assert "Alt-Svc" not in answer.headers


def test_plain_http_is_sent_to_https(way_in: WayIn) -> None:
    connection = http.client.HTTPConnection(way_in.address, 80, timeout=10)
    connection.request("GET", "/v1/agents/?limit=1", headers={"Host": way_in.domain})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 308
    assert answer.headers["Location"] == f"{way_in.url}/v1/agents/?limit=1"


def test_the_server_uses_the_redis_beside_it(small: Booted, way_in: WayIn) -> None:
    with socket.create_connection((way_in.address, 6379), timeout=10) as connection:
        connection.sendall(b"INFO clients\r\n")
        said = connection.recv(4096).decode()
    clients = {
        name: value
        for name, _, value in (line.partition(":") for line in said.splitlines())
        if value
    }
    # One is this test's own.
    assert int(clients["connected_clients"]) > 1
