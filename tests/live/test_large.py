"""Large from its own pod specs: pods, External Secrets, target groups bound to services."""

from __future__ import annotations

import json
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

    def asked_of(self, service: str) -> list[str]:
        """Paths that the load balancer sent to a service's one copy."""
        [running] = self.booted.plane.running[service]
        [(host, port)] = running.targets
        balancer = self.booted.plane.load_balancer
        assert balancer is not None
        lines = balancer.files.requests.read_text(encoding="utf-8").splitlines()
        requests = map(json.loads, lines)
        return [each["path"] for each in requests if each["target"] == f"{host}:{port}"]


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
    Journey(client=large.client, model_endpoint=model.url, embedding_config=config).walk()
    assert large.embeddings.counters.embedded > 0
    assert model.counters.embedded == 0


def test_paths_of_background_work_reach_the_workers_and_all_others_the_api(large: Large) -> None:
    missing = "/v1/agents/agent-00000000-0000-4000-8000-000000000000"
    for path in (missing, f"{missing}/messages/async"):
        assert large.client.call("POST", path, {"messages": []}).status in (404, 405, 422)
    assert f"{missing}/messages/async" in large.asked_of("letta-large-work")
    assert f"{missing}/messages/async" not in large.asked_of("letta-large-api")
    assert missing in large.asked_of("letta-large-api")


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
