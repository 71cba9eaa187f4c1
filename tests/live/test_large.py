"""Large from its own pod specs: pods, External Secrets, target groups bound to services."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.letta.embedding import embedding_config
from components.models.embeddings import embedding
from tests.live.conftest import Booted, Deployed, boot
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Client, Journey

NETWORK = "127.78.31"
EMBEDDINGS = ("embeddings.letta.svc.cluster.local", 8080)
EMBEDDING_MODEL = "bge-large-en-v1.5"
LOG_SECONDS = 30
COPIES = 2
"""One of the API and one of the workers."""


@dataclass(frozen=True, kw_only=True)
class Large:
    """A running large, with a stand-in where its embeddings would be."""

    booted: Booted
    said: list[str]
    embeddings: FakeLlm

    @property
    def client(self) -> Client:
        return self.booted.client

    def served(self, path: str) -> str:
        """The service whose copy the load balancer sent a request to."""
        targets = {
            f"{host}:{port}": service
            for service, running in self.booted.plane.running.items()
            for each in running
            for host, port in each.targets
        }
        balancer = self.booted.plane.load_balancer
        assert balancer is not None
        end = time.monotonic() + LOG_SECONDS
        while time.monotonic() < end:
            # The line comes once the answer has gone out.
            for line in balancer.files.requests.read_text(encoding="utf-8").splitlines():
                request = json.loads(line)
                if request["path"] == path:
                    return targets[request["target"]]
        raise AssertionError(f"{path} is not in the load balancer's log")


@pytest.fixture(scope="module")
def large(deployed: Deployed, environment: Path, temporary: Path) -> Iterator[Large]:
    objects = deployed("large")
    said: list[str] = []
    with ExitStack() as ends:
        booted = ends.enter_context(
            boot(
                objects,
                environment,
                temporary / "large",
                network=NETWORK,
                copies=COPIES,
                say=said.append,
            )
        )
        host, port = EMBEDDINGS
        stand_in = FakeLlm(
            host=booted.plane.addresses.of(host),
            port=port,
            dimensions=embedding(EMBEDDING_MODEL).dimensions,
        )
        yield Large(booted=booted, said=said, embeddings=ends.enter_context(stand_in))


def test_a_user_with_the_password_has_a_good_first_day_and_strangers_have_none(
    large: Large, model: FakeLlm
) -> None:
    host, port = EMBEDDINGS
    assert host in large.booted.plane.stack.hosts
    config = embedding_config(EMBEDDING_MODEL, f"http://{host}:{port}/v1")
    # A request's text is the user's own: nothing but DNS would resolve the name in it.
    config["embedding_endpoint"] = large.embeddings.url
    # The model is that of all live tests.
    before = model.counters.embedded
    Journey(client=large.client, model_endpoint=model.url, embedding_config=config).walk()
    assert large.embeddings.counters.embedded > 0
    assert model.counters.embedded == before


@pytest.mark.parametrize(
    ("path", "service"),
    [("", "letta-large-api"), ("/messages/async", "letta-large-work")],
)
def test_paths_of_background_work_reach_the_workers_and_all_others_the_api(
    large: Large, path: str, service: str
) -> None:
    missing = f"/v1/agents/agent-00000000-0000-4000-8000-000000000000{path}"
    status = large.client.call("POST", missing, {"messages": []}).status
    assert 400 <= status < 500
    assert large.served(missing) == service


def test_every_secret_of_a_pod_comes_from_the_stores_of_the_cloud(large: Large) -> None:
    [running] = large.booted.plane.running["letta-large-api"]
    environment = running.container.process.environment
    assert len(environment["LETTA_SERVER_PASSWORD"]) >= 32
    assert environment["LETTA_PG_URI"].startswith("postgresql://letta:")
    assert environment["LETTA_REDIS_HOST"].endswith(".cache.amazonaws.com")


def test_what_is_not_run_is_said(large: Large) -> None:
    left_out = [line for line in large.said if "not run: " in line]
    assert any(line.startswith("letta-large-embed: not run: image ") for line in left_out)
    assert sum("helm.sh/v3:Release" in line for line in left_out) == 4
