"""Stacks of other clouds from their own definitions: Cloud Run behind Google's load balancer or a
mapped domain, GKE, Container Apps behind their own ingress or a gateway, ACK, and a cluster that
runs its own database, cache and Gateway."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from components.letta.dump import FOLDER
from infra import checkout
from sandbox.live import processes
from sandbox.live.containers import Running
from tests.live.clouds import CLOUDS, told
from tests.live.conftest import Booted, Deployed, boot
from tests.live.fake_llm import FakeLlm
from tests.live.ground import until
from tests.live.journey import Journey

NETWORKS = {
    checkout.name_on(tier, cloud): network
    for cloud in CLOUDS
    for tier, network in told(cloud).networks.items()
}
WITH_WORKERS = [stack for stack in NETWORKS if not stack.startswith("small")]
MISSING = "/v1/agents/agent-00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module", params=list(NETWORKS))
def stack(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def running(stack: str, deployed: Deployed, environment: Path, temporary: Path) -> Iterator[Booted]:
    with boot(
        deployed(stack),
        environment,
        temporary / stack,
        network=NETWORKS[stack],
        # One of each service.
        copies=2 if stack in WITH_WORKERS else 1,
    ) as booted:
        yield booted


def redis_of(booted: Booted) -> Running:
    """The cache where it is a container."""
    [found] = [
        each
        for copies in booted.plane.running.values()
        for each in copies
        if each.container.process.image.startswith("redis:")
    ]
    return found


def test_a_user_with_the_password_has_a_good_first_day_and_strangers_have_none(
    running: Booted, model: FakeLlm
) -> None:
    assert running.client.without_password().call("GET", "/v1/agents/").status == 401
    Journey(client=running.client, model_endpoint=model.url).walk()


def test_a_server_s_own_redirect_leads_to_the_address_that_was_called(running: Booted) -> None:
    assert running.redirect("/v1/agents?limit=1") == (307, f"{running.url}/v1/agents/?limit=1")


def test_plain_http_is_sent_to_https(running: Booted) -> None:
    balancer = running.plane.load_balancer
    assert balancer is not None
    place = urlsplit(balancer.url(80))
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", "/v1/agents/?limit=1")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status in (301, 302)
    assert answer.headers["Location"].startswith("https://")
    assert answer.headers["Location"].endswith("/v1/agents/?limit=1")


@pytest.mark.parametrize(("path", "role"), [("", "-api"), ("/messages/async", "-work")])
@pytest.mark.parametrize("stack", WITH_WORKERS, indirect=True)
def test_paths_of_background_work_reach_the_workers_and_all_others_the_api(
    running: Booted, path: str, role: str
) -> None:
    balancer = running.plane.load_balancer
    assert balancer is not None
    status = running.client.call("POST", MISSING + path, {"messages": []}).status
    assert 400 <= status < 500
    served = {
        f"{host}:{port}": service
        for service, copies in running.plane.running.items()
        for each in copies
        for host, port in each.targets
    }

    def targets() -> list[str]:
        lines = balancer.files.requests.read_text(encoding="utf-8").splitlines()
        requests = map(json.loads, lines)
        return [each["target"] for each in requests if each["path"] == MISSING + path]

    until(lambda: bool(targets()))
    assert role in served[targets()[-1]]


def test_the_stack_s_own_dump_is_in_its_bucket_once_its_schedule_has_run(running: Booted) -> None:
    running.plane.run_schedules()
    found = [
        each.name
        for bucket in running.plane.stack.buckets
        for folder in (running.plane.containers.buckets / bucket).rglob(FOLDER)
        for each in folder.iterdir()
    ]
    assert sorted(name.rpartition(".")[2] for name in found) == ["dump", "json"]


@pytest.mark.parametrize("stack", ["medium-kubernetes"], indirect=True)
def test_the_cluster_s_cache_comes_back_at_its_name_s_address(running: Booted) -> None:
    before = redis_of(running)
    [host] = [each.host for each in running.plane.stack.services if each.host]
    assert before.container.address == running.plane.addresses.of(host)
    processes.kill(before.handle)

    def is_back() -> bool:
        copies = [each for each in running.plane.running.values() if each]
        return any(
            each.container.address == before.container.address and each.handle != before.handle
            for containers in copies
            for each in containers
        )

    until(is_back)
    assert running.client.call("GET", "/v1/agents/?limit=1").status == 200
