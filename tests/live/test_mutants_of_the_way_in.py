"""A load balancer with one thing altered: what its users see."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from components.letta.environment import DRAIN_SECONDS
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.load_balancer_spec import LOAD_BALANCER, read
from sandbox.live.spec import Addresses, Objects
from tests.live import altered
from tests.live.ground import api_group
from tests.live.targets import Target

SCALE = 0.005
"""Of all limits: five milliseconds stand for a second."""
LONGEST_SECONDS = DRAIN_SECONDS
"""How long a call of a model may be silent."""
ALB_IDLE_SECONDS = 60
"""What an application load balancer has unless it is told otherwise (ELB user guide)."""


@contextmanager
def user(objects: Objects, target: Target, folder: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to the stack's way in, behind which that target answers."""
    host = Addresses("127.78.113").of_nameless(folder.name)
    way_in = LoadBalancer(read(objects.everything), folder, host=host, time_scale=SCALE)
    way_in.start()
    try:
        way_in.register(api_group(objects), target.address)
        assert way_in.wait_until_healthy(api_group(objects), count=1, seconds=60)
        context = ssl.create_default_context(cafile=way_in.files.certificate)
        port = int(way_in.url(443).rpartition(":")[2])
        with closing(http.client.HTTPSConnection(host, port, context=context)) as connection:
            yield connection
    finally:
        way_in.stop()


def test_the_default_idle_limit_cuts_what_the_stack_s_own_lets_finish(
    medium: Objects, tmp_path: Path
) -> None:
    mutant = altered.properties(medium, LOAD_BALANCER, idleTimeout=ALB_IDLE_SECONDS)
    with Target("letta", silence_seconds=LONGEST_SECONDS * SCALE) as target:
        with user(medium, target, tmp_path / "own") as connection:
            connection.request("GET", "/stream")
            assert connection.getresponse().read() == b"firstlast"
        with user(mutant, target, tmp_path / "default") as connection:
            connection.request("GET", "/stream")
            with pytest.raises(http.client.IncompleteRead):
                connection.getresponse().read()
        with user(mutant, target, tmp_path / "silent") as connection:
            connection.request("GET", "/hold")
            assert connection.getresponse().status == 504
