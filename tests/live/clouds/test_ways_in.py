"""The ways in of whole stack files as nginx runs them, with small servers behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.letta.environment import WORKER_PATHS
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.stack import Stack
from tests.live.balancer.clients import plain, request
from tests.live.clouds import CASES, told
from tests.live.held import held
from tests.live.targets import Target

SMALL = [case for case in CASES if case[1] == "small"]
OTHERS = [case for case in CASES if case not in SMALL]
DEEPER = "/v1/agents/a/b/messages/async"


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """A load balancer that runs, and who is behind it: the service's name is the target's."""

    balancer: LoadBalancer

    def asked(self, path: str) -> str:
        """The service that answers a path."""
        status, body = request(self.balancer, path)
        assert status == 200, body
        name: str = body["name"]
        return name


@pytest.fixture
def way_in(tmp_path: Path, case: tuple[str, str]) -> Iterator[WayIn]:
    stack = Stack.read(held(*case).everything)
    assert stack.balancer is not None
    with ExitStack() as ends:
        balancer = LoadBalancer(stack.balancer, tmp_path)
        ends.callback(balancer.stop)
        balancer.start(watch=False)
        for service in stack.services:
            for registration in service.registrations:
                target = ends.enter_context(Target(service.name))
                balancer.register(registration.group, target.address)
                balancer.check(registration.group)
        yield WayIn(balancer=balancer)


@pytest.mark.parametrize("case", OTHERS)
def test_long_work_reaches_the_workers_and_all_else_the_api(way_in: WayIn) -> None:
    workers = [path.replace("*", "agent-1.a~b") for path in WORKER_PATHS]
    others = ["/", "/v1/agents/a/messages", "/v1/messages/batches/a"]
    assert {way_in.asked(path).split("-")[2] for path in workers} == {"work"}
    assert {way_in.asked(path).split("-")[2] for path in others} == {"api"}


@pytest.mark.parametrize("case", OTHERS)
def test_a_path_of_more_segments_is_a_worker_s_where_a_star_is_any_text(
    way_in: WayIn, case: tuple[str, str]
) -> None:
    role = "work" if told(case[0]).star_is_any_text else "api"
    assert way_in.asked(DEEPER).split("-")[2] == role


@pytest.mark.parametrize("case", SMALL)
def test_the_one_service_of_small_takes_everything(way_in: WayIn) -> None:
    assert {way_in.asked(path).split("-")[2] for path in ("/", *WORKER_PATHS)} == {"api"}


@pytest.mark.parametrize("case", CASES)
def test_plain_http_is_sent_to_https(way_in: WayIn) -> None:
    status, location = plain(way_in.balancer, "/v1/agents/?limit=1")
    assert status in (301, 302)
    assert location.startswith("https://")
    assert location.endswith("/v1/agents/?limit=1")
