"""A server with one thing altered beside the stack's own, on the same stores: what breaks."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pytest

from sandbox.aws.live.load_balancer import read
from sandbox.live.containers import Running
from sandbox.live.load_balancer import probe
from sandbox.live.load_balancer_spec import HealthCheck
from sandbox.live.spec import LiveError, Objects
from sandbox.live.workloads import services
from tests.live import altered
from tests.live.conftest import Booted
from tests.live.fake_llm import FakeLlm
from tests.live.ground import Ground, primary
from tests.live.journey import Answer, Client, Journey

SERVER = "server"
OWN = "the stack's own"


def _variable(name: str, value: str | None) -> Callable[[Objects], Objects]:
    return lambda objects: altered.variable(objects, SERVER, name, value)


ALIVE: Mapping[str, Callable[[Objects], Objects]] = {
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
        mutants = dict(ALIVE) | {name: mutant for name, (mutant, _) in DEAD.items()}
        for name, mutant in mutants.items():
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


def test_a_health_check_without_the_last_slash_finds_no_copy_well(fleet: Fleet) -> None:
    fleet.ready(OWN)
    objects, address = fleet.ground.objects, fleet.address(OWN)
    own = api_health_check(objects)
    assert probe(address, own)
    assert not probe(address, replace(own, path=own.path.rstrip("/")))
    with closing(http.client.HTTPConnection(*address)) as connection:
        connection.request("GET", own.path.rstrip("/"))
        assert connection.getresponse().status == 307


def api_health_check(objects: Objects) -> HealthCheck:
    """How the load balancer asks the API's copies."""
    [service] = [each for each in services(objects) if each.name.endswith("-api")]
    [registration] = service.registrations
    groups = read(objects.everything).target_groups
    [group] = [each for each in groups if each.arn == registration.group]
    assert group.health_check is not None
    return group.health_check
