"""A server with one thing altered beside the stack's own, on the same stores: what breaks."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from sandbox.live import nginx_processes
from sandbox.live.containers import Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.load_balancer_spec import TARGET_GROUP, read
from sandbox.live.spec import LiveError, Objects
from tests.live import altered
from tests.live.conftest import Booted
from tests.live.fake_llm import FakeLlm
from tests.live.ground import Ground, api_group, primary, until
from tests.live.journey import Answer, Client, Journey

SERVER = "server"
OWN = "the stack's own"
REQUESTS = 20
CLOSED_BY_PEER = "08"
"""CLOSE_WAIT (Linux, include/net/tcp_states.h): the other side closed, this one did not yet."""


def _variable(name: str, value: str | None) -> Callable[[Objects], Objects]:
    return lambda objects: altered.variable(objects, SERVER, name, value)


ALIVE: Mapping[str, Callable[[Objects], Objects]] = {
    "mutant-pooling": _variable("LETTA_DISABLE_SQLALCHEMY_POOLING", "true"),
    "mutant-keep-alive": _variable("LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", "5"),
    "mutant-redis": _variable("LETTA_REDIS_HOST", None),
    "mutant-password": _variable("LETTA_SERVER_SECURE", None),
    "mutant-key": _variable("LETTA_ENCRYPTION_KEY", None),
}
"""Those that start and say that they are well."""
DEAD: Mapping[str, tuple[Callable[[Objects], Objects], str]] = {
    "mutant-uri": (_variable("LETTA_PG_URI", None), r"Connect call failed \('127.0.0.1', 5432\)"),
    "mutant-link": (
        _variable("LETTA_REDIS_PORT", "tcp://10.0.0.1:6379"),
        "redis_port\n *Input should be a valid integer",
    ),
    "mutant-scheme": (
        lambda objects: altered.secret(objects, SERVER, "LETTA_PG_URI", "postgresql:", "postgres:"),
        "Can't load plugin: sqlalchemy.dialects:postgres.asyncpg",
    ),
}
"""Those that never start, and what the end of their log says."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The stack's own server and all mutants of it."""

    ground: Ground
    password: str
    servers: Mapping[str, Running]

    def ready(self, name: str) -> Client:
        """A user of that server, once it is well. Raises LiveError when it does not start."""
        self.ground.containers.wait(self.servers[name], self.ground.addresses)
        host, port = self.address(name)
        return Client(url=f"http://{host}:{port}", password=self.password)

    def address(self, name: str) -> tuple[str, int]:
        """Where that server listens."""
        [address] = self.servers[name].targets
        return address


@pytest.fixture(scope="module")
def fleet(medium: Objects, booted: Booted) -> Iterator[Fleet]:
    plane = booted.plane
    [own, *_] = next(copies for name, copies in plane.running.items() if name.endswith("-api"))
    stores = Ground(
        objects=medium,
        postgres=plane.postgres,
        server=primary(medium),
        containers=plane.containers,
        addresses=plane.addresses,
    )
    servers = {OWN: own}
    with ExitStack() as ends:
        for name, mutant in {
            **ALIVE,
            **{name: mutant for name, (mutant, _) in DEAD.items()},
        }.items():
            servers[name] = stores.serve(name, mutant(medium))
            ends.callback(stores.containers.stop, servers[name])
        yield Fleet(ground=stores, password=booted.password, servers=servers)


@pytest.fixture
def agent(fleet: Fleet, model: FakeLlm) -> Iterator[str]:
    """The path of an agent that was made with the stack's own server."""
    journey = Journey(client=fleet.ready(OWN), model_endpoint=model.url)
    journey.create()
    yield f"/v1/agents/{journey.agent}"
    journey.delete()


def asked(client: Client, agent: str, **how: bool) -> Answer:
    """What an agent answers to a message."""
    message = {"role": "user", "content": "Good morning."}
    return client.call("POST", f"{agent}/messages", {"messages": [message], **how})


@pytest.mark.parametrize("name", DEAD)
def test_a_server_that_misreads_its_variables_never_starts(fleet: Fleet, name: str) -> None:
    with pytest.raises(LiveError, match=DEAD[name][1]):
        fleet.ready(name)


def test_without_a_pool_every_request_opens_a_connection(fleet: Fleet) -> None:
    clients = {name: fleet.ready(name) for name in (OWN, *ALIVE)}

    def opened(name: str) -> int:
        sessions = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
        before = int(fleet.ground.query(sessions))
        for _ in range(REQUESTS):
            clients[name].ok("GET", "/v1/agents/?limit=1")
        # The question itself is a session.
        return int(fleet.ground.query(sessions)) - before - 1

    assert opened("mutant-pooling") >= REQUESTS
    assert opened(OWN) < REQUESTS / 4


def test_without_redis_what_runs_in_the_background_is_refused_and_health_stays_good(
    fleet: Fleet, agent: str
) -> None:
    client, mutant = fleet.ready(OWN), fleet.ready("mutant-redis")
    assert asked(client, agent, streaming=True, background=True).status == 200
    refused = asked(mutant, agent, streaming=True, background=True)
    assert refused.status == 503
    assert "Background streaming requires Redis to be running" in refused.body["detail"]
    assert mutant.call("GET", "/v1/health/").status == 200


def test_without_the_switch_for_the_password_anybody_is_let_in(fleet: Fleet) -> None:
    stranger, anybody = (fleet.ready(n).without_password() for n in (OWN, "mutant-password"))
    assert stranger.call("GET", "/v1/agents/").status == 401
    assert anybody.call("GET", "/v1/agents/").status == 200


def test_without_the_key_a_copy_reads_no_secret_of_the_others_and_keeps_its_own_in_plain_text(
    fleet: Fleet, agent: str
) -> None:
    client, mutant = fleet.ready(OWN), fleet.ready("mutant-key")
    secret = "hush-7f3a"
    kept = f"SELECT count(*) FROM agent_environment_variables WHERE value_enc = '{secret}'"

    def read(reader: Client) -> object:
        body = reader.ok("GET", f"{agent}?include=agent.secrets")
        return [item["value"] for item in body["secrets"]]

    client.ok("PATCH", agent, {"secrets": {"TOKEN": secret}})
    assert read(client) == [secret]
    assert read(mutant) != [secret]
    assert fleet.ground.query(kept) == "0"
    mutant.ok("PATCH", agent, {"secrets": {"TOKEN": secret}})
    assert fleet.ground.query(kept) == "1"


@contextmanager
def balancer(
    fleet: Fleet, objects: Objects, name: str, *, watch: bool = True
) -> Iterator[LoadBalancer]:
    """The stack's way in, before one server."""
    folder = fleet.ground.containers.home / f"in-of-{fleet.address(name)[0]}"
    host = fleet.ground.addresses.of_nameless(folder.name)
    running = LoadBalancer(read(objects.everything), folder, host=host)
    running.start(watch=watch)
    try:
        running.register(api_group(objects), fleet.address(name))
        yield running
    finally:
        running.stop()


def test_a_health_check_without_the_last_slash_takes_every_copy_out(fleet: Fleet) -> None:
    fleet.ready(OWN)
    objects = fleet.ground.objects
    check = objects.one(TARGET_GROUP, "arn", api_group(objects)).get("healthCheck")
    assert isinstance(check, dict)
    mutant = altered.properties(objects, TARGET_GROUP, healthCheck={**check, "path": "/v1/health"})
    states = {}
    for name, stack in (("right", objects), ("mutant", mutant)):
        with balancer(fleet, stack, OWN, watch=False) as way_in:
            for _ in range(int(check["unhealthyThreshold"])):
                way_in.check(api_group(stack))
            states[name] = way_in.states(api_group(stack))
    address = fleet.address(OWN)
    assert states == {"right": {address: "healthy"}, "mutant": {address: "unhealthy"}}
    with closing(http.client.HTTPConnection(*address)) as connection:
        connection.request("GET", "/v1/health")
        assert connection.getresponse().status == 307


def test_a_server_that_closes_idle_connections_first_loses_requests(fleet: Fleet) -> None:
    """The balancer writes into a connection that the server has just closed: 502."""
    mutant, password = "mutant-keep-alive", fleet.ready("mutant-keep-alive").password
    fleet.ready(OWN)
    headers = {"Authorization": f"Bearer {password}"}
    with (
        balancer(fleet, fleet.ground.objects, mutant) as way_in,
        closing(socket.create_connection(fleet.address(OWN))) as lasting,
    ):
        assert way_in.wait_until_healthy(api_group(fleet.ground.objects), count=1, seconds=60)
        context = ssl.create_default_context(cafile=way_in.files.certificate)
        host, _, port = way_in.url(443).removeprefix("https://").partition(":")
        with closing(http.client.HTTPSConnection(host, int(port), context=context)) as user:
            greet(lasting)
            user.request("GET", "/v1/health/")
            assert user.getresponse().read()
            [worker] = nginx_processes.workers(way_in.pid)
            # The network between the two takes as long as it likes: here until the server's
            # word that it closes has crossed the user's request.
            os.kill(worker, signal.SIGSTOP)
            try:
                user.request("GET", "/v1/agents/", headers=headers)
                until(lambda: closed_by(fleet.address(mutant)))
            finally:
                os.kill(worker, signal.SIGCONT)
            assert user.getresponse().status == 502
        # The stack's own server still holds a connection that it was last asked on before.
        assert not select.select([lasting], [], [], 0)[0]
        greet(lasting)


def greet(connection: socket.socket) -> None:
    """Ask for the health on a connection that stays open."""
    connection.sendall(b"GET /v1/health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert json.loads(answer.read())["status"] == "ok"


def closed_by(address: tuple[str, int]) -> bool:
    """Whether that server has closed a connection whose other side does not know it yet."""
    host, port = address
    # The address is a number in the byte order of the machine (proc(5)).
    remote = f"{int.from_bytes(IPv4Address(host).packed, 'little'):08X}:{port:04X}"
    table = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return [remote, CLOSED_BY_PEER] in [line.split()[2:4] for line in table]
