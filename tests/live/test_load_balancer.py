"""The load balancer of the live sandbox does what the objects of the stack say."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud import CloudObject
from sandbox.live import nginx_processes
from sandbox.live.load_balancer import LoadBalancer, LoadBalancerError
from sandbox.live.load_balancer import Target as Registered
from sandbox.live.load_balancer_spec import UnsupportedLoadBalancerError, read
from tests.live.objects import API, WORKER, load_balancer, made, replaced, target_group
from tests.live.targets import Target

FIVE_MINUTES_SECONDS = 300.0
# 900 seconds of idleness become three.
SCALE = 1 / 300

# Longer than any wait that is meant, for what would otherwise never come.
CLIENT_SECONDS = 30

Starter = Callable[..., LoadBalancer]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Starter]:
    """Starts balancers that end with the test; health is only checked when the test says so."""
    with ExitStack() as running:

        def start(
            objects: list[CloudObject] | None = None, *, scale: float = 1.0, watch: bool = False
        ) -> LoadBalancer:
            balancer = LoadBalancer(read(objects or load_balancer()), tmp_path, time_scale=scale)
            running.callback(balancer.stop)
            balancer.start(watch=watch)
            return balancer

        yield start


@pytest.fixture
def target() -> Iterator[Callable[..., Target]]:
    """Starts targets that end with the test."""
    with ExitStack() as running:

        def start(name: str, **options: Any) -> Target:  # noqa: ANN401 - those of Target
            return running.enter_context(Target(name, **options))

        yield start


def admit(balancer: LoadBalancer, group: str, *targets: Target) -> None:
    """Register targets and let them prove that they are well."""
    for item in targets:
        balancer.register(group, item.address)
    balancer.check(group)


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def connect(balancer: LoadBalancer) -> http.client.HTTPSConnection:
    """A client of the HTTPS listener that verifies the certificate."""
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    return http.client.HTTPSConnection(
        "127.0.0.1", balancer.ports[443], context=context, timeout=CLIENT_SECONDS
    )


def request(
    balancer: LoadBalancer,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and body of an answer; the body read as JSON where it is some."""
    connection = connect(balancer)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    if data.startswith(b"{"):
        return answer.status, json.loads(data)
    return answer.status, data


def names(balancer: LoadBalancer, path: str, count: int) -> list[str]:
    """Who answers so many requests, sorted."""
    return sorted(request(balancer, path)[1]["name"] for _ in range(count))


# Routing


def test_requests_take_turns_among_the_healthy_targets(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"), target("b"))
    assert names(balancer, "/v1/agents/", 4) == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/agents/agent-1/messages/async", "worker"),
        ("/v1/agents/agent-1/messages/async?x=1", "worker"),
        ("/v1/messages/batches", "worker"),
        ("/v1/agents/agent-1/messages", "api"),
        ("/v1/agents/agent-1/messages/async/more", "api"),
        ("/V1/messages/batches", "api"),
        ("/v1/messages/batches/", "api"),
    ],
)
def test_a_rule_takes_exactly_the_paths_of_its_patterns(
    started: Starter, target: Callable[..., Target], path: str, name: str
) -> None:
    balancer = started()
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    status, body = request(balancer, path)
    assert (status, body["name"], body["path"]) == (200, name, path)


def test_the_rule_with_the_lower_number_comes_first(
    started: Starter, target: Callable[..., Target]
) -> None:
    first = made(
        "lb/listenerRule:ListenerRule",
        arn="arn:first",
        listenerArn="arn:listener/https",
        priority=1,
        conditions=[{"pathPattern": {"values": ["/v1/messages/*"]}}],
        actions=[{"type": "forward", "targetGroupArn": API}],
    )
    balancer = started([*load_balancer(), first])
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    assert request(balancer, "/v1/messages/batches")[1]["name"] == "api"


def test_signs_of_regular_expressions_in_a_pattern_stand_for_themselves(
    started: Starter, target: Callable[..., Target]
) -> None:
    paths = ['/a.b+(c)"$', "/one?letter"]
    objects = replaced(load_balancer(), "arn:rule", conditions=[{"pathPattern": {"values": paths}}])
    balancer = started(objects)
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    answers = [
        request(balancer, path)[1]["name"]
        for path in ("/a.b+(c)%22$", "/aXb+(c)%22$", "/one-letter", "/oneletter")
    ]
    assert answers == ["worker", "api", "worker", "api"]


def test_plain_http_is_sent_to_the_https_listener_with_path_and_query(started: Starter) -> None:
    balancer = started()
    connection = http.client.HTTPConnection("127.0.0.1", balancer.ports[80])
    connection.request("GET", "/v1/agents/?limit=1", headers={"Host": "letta.example.com"})
    answer = connection.getresponse()
    connection.close()
    expected = f"https://letta.example.com:{balancer.ports[443]}/v1/agents/?limit=1"
    assert (answer.status, answer.headers["Location"]) == (301, expected)


def test_the_certificate_is_good_for_the_domain_and_its_key_is_private(started: Starter) -> None:
    balancer = started()
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    with (
        socket.create_connection(("127.0.0.1", balancer.ports[443])) as plain,
        context.wrap_socket(plain, server_hostname="letta.example.com") as verified,
    ):
        assert verified.version() == "TLSv1.3"
    assert stat.S_IMODE(balancer.files.key.stat().st_mode) == 0o600


def test_on_an_address_of_its_own_it_keeps_the_ports_of_the_stack(tmp_path: Path) -> None:
    host, port = "127.77.250.1", unused_port()
    objects = replaced(load_balancer(), "arn:listener/https", port=port)
    balancer = LoadBalancer(read(objects), tmp_path, host=host)
    balancer.start(watch=False)
    try:
        assert balancer.url(port) == f"https://{host}:{port}"
        context = ssl.create_default_context(cafile=str(balancer.files.certificate))
        connection = http.client.HTTPSConnection(host, port, context=context)
        connection.request("GET", "/")
        assert connection.getresponse().status == 503
        connection.close()
        other = LoadBalancer(read(objects), tmp_path / "other", host=host)
        with pytest.raises(LoadBalancerError, match=f"{host}:{port} is taken"):
            other.start(watch=False)
    finally:
        balancer.stop()


def test_a_policy_for_tls_1_3_alone_refuses_older_clients(started: Starter) -> None:
    objects = replaced(
        load_balancer(), "arn:listener/https", sslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06"
    )
    balancer = started(objects)
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = http.client.HTTPSConnection("127.0.0.1", balancer.ports[443], context=context)
    with pytest.raises(ssl.SSLError):
        connection.connect()
    connection.close()


def test_a_target_learns_who_asked_and_how_and_no_malformed_header(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"))
    sent = {"Host": "letta.example.com", "user_id": "somebody", "X-Forwarded-For": "10.1.2.3"}
    _, body = request(balancer, "/", headers=sent)
    headers = body["headers"]
    assert headers["host"] == "letta.example.com"
    assert headers["x-forwarded-for"] == "10.1.2.3, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert "user_id" not in headers


def test_headers_with_an_underscore_pass_where_the_balancer_may_keep_them(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started(load_balancer(dropInvalidHeaderFields=False))
    admit(balancer, API, target("a"))
    _, body = request(balancer, "/", headers={"user_id": "somebody"})
    assert body["headers"]["user_id"] == "somebody"


def test_an_upload_of_fifty_megabytes_reaches_the_target(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"))
    size = 50_000_000
    status, body = request(balancer, "/upload", method="POST", body=bytes(size))
    assert (status, body["received"]) == (200, size)


# Health


def test_a_new_target_gets_requests_after_its_first_good_answer(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a")
    assert request(balancer, "/")[0] == 503
    balancer.register(API, server.address)
    assert request(balancer, "/")[0] == 503
    balancer.check(API)
    assert request(balancer, "/")[0] == 200
    assert balancer.states(API) == {server.address: "healthy"}


def test_a_sick_target_is_left_out_after_three_bad_answers_and_back_after_two_good_ones(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, sick, well = started(), target("sick"), target("well")
    admit(balancer, API, sick, well)
    sick.well = False
    seen = []
    for _ in range(3):
        balancer.check(API)
        seen.append(names(balancer, "/", 2))
    sick.well = True
    for _ in range(2):
        balancer.check(API)
        seen.append(names(balancer, "/", 2))
    assert seen == [["sick", "well"], ["sick", "well"], ["well"] * 2, ["well"] * 2, seen[0]]


def test_one_good_answer_between_bad_ones_starts_the_count_anew() -> None:
    health = read(load_balancer()).target_groups[0].health_check
    registered = Registered(address=("127.0.0.1", 1))
    answers = (True, False, False, True, False, False, False)
    states = [(registered.observe(well, health), registered.state) for well in answers]
    assert states == [(True, "healthy"), *[(False, "healthy")] * 5, (True, "unhealthy")]


def test_a_group_without_a_healthy_target_sends_requests_to_all(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, servers = started(), [target("a"), target("b")]
    admit(balancer, API, *servers)
    for server in servers:
        server.well = False
    for _ in range(3):
        balancer.check(API)
    assert set(balancer.states(API).values()) == {"unhealthy"}
    assert names(balancer, "/", 2) == ["a", "b"]


def test_until_a_check_notices_a_dead_target_its_requests_fail_and_are_not_repeated(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, dead, alive = started(), target("dead"), target("alive")
    admit(balancer, API, dead, alive)
    dead.stop()
    statuses = sorted(request(balancer, "/", method="POST")[0] for _ in range(6))
    assert statuses == [200] * 3 + [502] * 3
    assert len(alive.served) == 3
    for _ in range(3):
        balancer.check(API)
    assert names(balancer, "/", 4) == ["alive"] * 4


def test_with_anomaly_mitigation_a_dead_target_is_avoided_before_any_check(
    started: Starter, target: Callable[..., Target]
) -> None:
    objects = replaced(load_balancer(), API, loadBalancingAnomalyMitigation="on")
    balancer, dead, alive = started(objects), target("dead"), target("alive")
    admit(balancer, API, dead, alive)
    dead.stop()
    statuses = [request(balancer, "/")[0] for _ in range(6)]
    assert statuses.count(502) == 1


def test_the_watch_admits_a_target_on_its_own(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(watch=True), target("a")
    balancer.register(API, server.address)
    assert balancer.wait_until_healthy(API, count=1, seconds=60)
    assert request(balancer, "/")[0] == 200


# Idle limits


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


# Draining


def test_a_drained_target_ends_what_it_has_and_gets_no_more(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, old, new = started(), target("old"), target("new")
    admit(balancer, API, old)
    with ThreadPoolExecutor() as client:
        held = client.submit(request, balancer, "/hold")
        old.held.acquire()
        admit(balancer, API, new)
        balancer.drain(API, old.address)
        assert names(balancer, "/", 4) == ["new"] * 4
        assert balancer.requests_under_way(old.address) == 1
        old.release()
        assert held.result()[1]["name"] == "old"
    assert balancer.deregister(API, old.address) == 0
    assert balancer.states(API) == {new.address: "healthy"}


def test_a_request_longer_than_the_delay_is_left_to_its_process(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, old = started(scale=SCALE), target("old", silence_seconds=None)
    admit(balancer, API, old)
    connection = connect(balancer)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    assert answer.read(5) == b"first"
    assert balancer.deregister(API, old.address) == 1
    assert request(balancer, "/")[0] == 503
    old.release()
    assert answer.read() == b"last"
    connection.close()


def test_a_target_may_come_back_at_the_same_address(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a")
    admit(balancer, API, server)
    assert balancer.deregister(API, server.address) == 0
    assert request(balancer, "/")[0] == 503
    admit(balancer, API, server)
    assert request(balancer, "/")[0] == 200


# Life


def test_the_log_tells_the_targets_errors_from_the_balancers_own(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a")
    request(balancer, "/none")
    admit(balancer, API, server)
    request(balancer, "/one?secret=1")
    balancer.stop()
    lines = [json.loads(line) for line in balancer.files.requests.read_text().splitlines()]
    kept = [(line["path"], line["status"], line["target_status"]) for line in lines]
    assert kept == [("/none", 503, ""), ("/one", 200, "200")]


def test_after_the_end_no_process_is_left_and_the_ports_are_free(started: Starter) -> None:
    balancer = started()
    processes = [balancer.pid, *nginx_processes.workers(balancer.pid)]
    balancer.stop()
    assert len(processes) == 2
    assert not [pid for pid in processes if Path(f"/proc/{pid}").exists()]
    for port in balancer.ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    with pytest.raises(LoadBalancerError, match="nginx does not run"):
        _ = balancer.pid


def test_a_balancer_that_died_is_an_error_when_a_target_comes(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a")
    workers = nginx_processes.workers(balancer.pid)
    for pid in (balancer.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    assert balancer.wait(seconds=60)
    balancer.register(API, server.address)
    with pytest.raises(LoadBalancerError, match="nginx does not run"):
        balancer.check(API)


# What cannot be done here


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([], "0 load balancers"),
        (load_balancer(loadBalancerType="network"), "'network'.*application"),
        (load_balancer(xffHeaderProcessingMode="x"), "xffHeaderProcessingMode"),
        (
            replaced(load_balancer(), "arn:listener/https", sslPolicy="ELBSecurityPolicy-2016-08"),
            "ELBSecurityPolicy-2016-08.*TLS13",
        ),
        (
            replaced(
                load_balancer(), "arn:rule", conditions=[{"hostHeader": {"values": ["a.com"]}}]
            ),
            "hostHeader.*one path pattern",
        ),
        (
            replaced(
                load_balancer(),
                "arn:listener/https",
                defaultActions=[{"type": "authenticate-oidc"}, {"type": "forward"}],
            ),
            "authenticate-oidc.*one action",
        ),
        (
            replaced(load_balancer(), API, stickiness={"enabled": True}),
            "stickiness.enabled is True",
        ),
        (replaced(load_balancer(), API, protocol="HTTPS"), "'HTTPS'.*HTTP"),
        (
            [item for item in load_balancer() if "listener/" not in item.id],
            "no listener",
        ),
    ],
)
def test_what_the_sandbox_cannot_do_is_refused_by_name(
    objects: list[CloudObject], words: str
) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        read(objects)


@pytest.mark.parametrize(
    ("matcher", "statuses"),
    [("200", {200}), ("200,204", {200, 204}), ("200-202", {200, 201, 202})],
)
def test_a_matcher_lists_statuses_or_a_range(matcher: str, statuses: set[int]) -> None:
    group = target_group(API, "letta-api", healthCheck={"matcher": matcher})
    objects = [item for item in load_balancer() if item.id != API]
    check = read([*objects, group]).target_groups[-1].health_check
    assert check.statuses == statuses
    assert (check.path, check.interval_seconds, check.unhealthy_threshold) == ("/", 30, 2)
