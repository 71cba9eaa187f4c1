"""How long the balancer bears silence."""

from __future__ import annotations

import http.client
from collections.abc import Callable

import pytest

from tests.live.balancer.clients import (
    SCALE,
    Starter,
    admit,
    connect,
    request,
)
from tests.live.objects import API, load_balancer
from tests.live.targets import Target

FIVE_MINUTES_SECONDS = 300.0


def test_a_stream_that_is_silent_for_five_minutes_survives(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started(scale=SCALE)
    admit(balancer, API, target("a", silence_seconds=FIVE_MINUTES_SECONDS * SCALE))
    assert request(balancer, "/stream") == (200, b"firstlast")


def test_the_clouds_own_limit_of_a_minute_would_cut_it(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started(load_balancer(idleTimeout=60), scale=SCALE)
    admit(balancer, API, target("a", silence_seconds=FIVE_MINUTES_SECONDS * SCALE))
    with pytest.raises(http.client.IncompleteRead) as cut:
        request(balancer, "/stream")
    assert cut.value.partial == b"first"


def test_a_stream_that_stays_silent_is_cut_and_a_silent_answer_becomes_504(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(scale=SCALE), target("a", silence_seconds=None)
    admit(balancer, API, server)
    with pytest.raises(http.client.IncompleteRead):
        request(balancer, "/stream")
    assert request(balancer, "/hold")[0] == 504


def test_what_a_stream_sends_is_passed_on_at_once(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a", silence_seconds=None)
    admit(balancer, API, server)
    connection = connect(balancer)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    # The target sends the rest only after this has come.
    assert answer.read(5) == b"first"
    server.release()
    assert answer.read() == b"last"
    connection.close()
