"""What takes long, and what is idle for long, between the load balancer and the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.live.load_balancer import LOAD_BALANCER, read
from sandbox.live import processes
from sandbox.live.load_balancer import LoadBalancer, free_ports
from sandbox.live.nginx_configuration import Address
from tests.live.faults.site import Site, user
from tests.live.faults.wire import Wire
from tests.live.journey import JourneyError
from tests.live.objects import replaced

FIVE_MINUTES_SECONDS = 300
SILENCE_SCALE = 1 / 60
"""Five minutes are five seconds; a limit of one minute, the cloud's own, is one second."""
CLOUD_DEFAULT_IDLE_SECONDS = 60
"""ELB user guide, "Load balancer attributes": `idle_timeout.timeout_seconds`."""
IDLE_SECONDS = 8
"""Of the scaled balancer: more than the 5 seconds after which uvicorn hangs up by default."""
PATIENCE_SECONDS = 60
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
"""

Starter = Callable[..., LoadBalancer]


@pytest.fixture
def started(site: Site, tmp_path: Path) -> Iterator[Starter]:
    """Starts load balancers like the stack's with a copy of the API behind them."""
    with ExitStack() as ends:

        def start(*, scale: float, target: Address, **changes: Any) -> LoadBalancer:  # noqa: ANN401 - properties of any kind
            [stack_s] = site.objects.all(LOAD_BALANCER)
            objects = replaced(list(site.objects.everything), stack_s.id, **changes)
            balancer = LoadBalancer(read(objects), tmp_path, time_scale=scale)
            ends.callback(balancer.stop)
            balancer.start(watch=False)
            balancer.register(api_group(site), target)
            balancer.check(api_group(site))
            return balancer

        yield start


def api_group(site: Site) -> str:
    """ARN of the target group that the API's copies are in."""
    return site.service("api").registrations[0].group


def stream(site: Site, balancer: LoadBalancer) -> str:
    """What an agent says, token by token."""
    body = {**user("Hello."), "streaming": True, "stream_tokens": True, "include_pings": False}
    events = site.client(balancer).events(f"{site.agent()}/messages", body)
    said = [each["content"] for each in events if each["message_type"] == "assistant_message"]
    return "".join(each if isinstance(each, str) else each[0]["text"] for each in said)


def message(site: Site, balancer: LoadBalancer) -> int:
    """The status of a message that is answered in one piece."""
    return site.client(balancer).call("POST", f"{site.agent()}/messages", user("Hello.")).status


def test_a_stream_that_is_silent_for_five_minutes_goes_on(site: Site, started: Starter) -> None:
    balancer = started(scale=SILENCE_SCALE, target=site.api.targets[0])
    with site.model.behaving(silence_seconds=FIVE_MINUTES_SECONDS * SILENCE_SCALE):
        assert stream(site, balancer) == "You said: Hello."


def test_an_answer_that_takes_five_minutes_comes(site: Site, started: Starter) -> None:
    balancer = started(scale=SILENCE_SCALE, target=site.api.targets[0])
    with site.model.behaving(delay_seconds=FIVE_MINUTES_SECONDS * SILENCE_SCALE):
        assert message(site, balancer) == 200


def test_the_cloud_s_own_idle_limit_would_end_both(site: Site, started: Starter) -> None:
    balancer = started(
        scale=SILENCE_SCALE,
        target=site.api.targets[0],
        idleTimeout=CLOUD_DEFAULT_IDLE_SECONDS,
    )
    silence = FIVE_MINUTES_SECONDS * SILENCE_SCALE
    with site.model.behaving(silence_seconds=silence), pytest.raises(JourneyError):
        stream(site, balancer)
    with site.model.behaving(delay_seconds=silence):
        assert message(site, balancer) == 504


def test_a_server_never_hangs_up_on_a_connection_that_the_balancer_may_still_use(
    site: Site, started: Starter
) -> None:
    assert second_request(site, started, site.api.targets[0]) == ("balancer", 200)


def test_with_uvicorn_s_own_keep_alive_a_request_that_crosses_the_hang_up_is_lost(
    site: Site, started: Starter, environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "application.py").write_text(APPLICATION, encoding="utf-8")
    address = ("127.0.0.1", free_ports("127.0.0.1", [0], keep=False)[0])
    program: list[str | Path] = [
        environment / "bin" / "uvicorn",
        "application:app",
        "--port",
        str(address[1]),
    ]
    server = processes.start("uvicorn", program, log=tmp_path / "log", directory=tmp_path)
    try:
        listening = f"127.0.0.1:{address[1]}"
        processes.wait(server, lambda: processes.listens(listening), seconds=PATIENCE_SECONDS)
        assert second_request(site, started, address) == ("server", 502)
    finally:
        processes.stop(server, grace_seconds=PATIENCE_SECONDS)


def second_request(site: Site, started: Starter, server: Address) -> tuple[str, int]:
    """Who ends a connection that was used once, and what then becomes of the next request."""
    idle = read(site.objects.everything).idle_timeout_seconds
    with Wire(server) as wire:
        balancer = started(scale=IDLE_SECONDS / idle, target=wire.address)
        # The connection of the health check.
        assert wire.hung_up.get(timeout=PATIENCE_SECONDS) == "balancer"
        client = site.client(balancer)
        assert client.call("GET", "/v1/health/").status == 200
        first = wire.hung_up.get(timeout=PATIENCE_SECONDS)
        return first, client.call("GET", "/v1/health/").status


def test_a_message_under_way_is_answered_by_a_copy_that_was_told_to_end(
    site: Site, started: Starter
) -> None:
    copy = site.worker
    [(host, port)] = copy.targets
    balancer = started(scale=1, target=(host, port))
    client, agent = site.client(balancer), site.agent()
    with ThreadPoolExecutor() as side:
        with site.model.behaving(hold=True):
            sent = side.submit(client.call, "POST", f"{agent}/messages", user("Hello."))
            assert site.model.wait_for(1, seconds=PATIENCE_SECONDS)
            balancer.drain(api_group(site), (host, port))
            ended = side.submit(site.plane.containers.stop, copy)
            processes.wait(
                copy.handle,
                lambda: not processes.listens(f"{host}:{port}"),
                seconds=PATIENCE_SECONDS,
                purpose="closed to new requests",
            )
            assert client.call("GET", "/v1/agents/").status == 503
            assert not sent.done()
        answer = sent.result()
        assert (answer.status, answer.body["messages"][-1]["content"]) == (200, "You said: Hello.")
        assert balancer.deregister(api_group(site), (host, port)) == 0
        assert ended.result() < copy.container.process.stop_seconds
