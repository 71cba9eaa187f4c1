"""Targets that come, fall ill, recover and leave; the balancer's own end."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from sandbox.aws.live.load_balancer import read
from sandbox.live import load_balancer as module
from sandbox.live import nginx_processes
from sandbox.live.load_balancer import LoadBalancer, LoadBalancerError
from sandbox.live.load_balancer import Target as Registered
from sandbox.live.load_balancer_spec import Balancer
from tests.live.balancer.clients import (
    SCALE,
    Starter,
    admit,
    connect,
    names,
    request,
)
from tests.live.objects import API, load_balancer, replaced
from tests.live.targets import Target

SECONDS = 20


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


def test_a_reload_that_is_late_does_not_end_the_health_checks(
    tmp_path: Path, target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: SimpleQueue[str] = SimpleQueue()
    balancer = LoadBalancer(read(load_balancer()), tmp_path, time_scale=SCALE, say=said.put)
    server, other = target("a"), target("b")
    balancer.start()
    try:
        for each in (server, other):
            balancer.register(API, each.address)
        assert balancer.wait_until_healthy(API, count=2, seconds=SECONDS)
        with monkeypatch.context() as busy:
            busy.setattr(module, "_START_SECONDS", 0.0)
            busy.setattr(balancer, "_taken_over", lambda _before: False)
            server.well = False
            assert said.get(timeout=SECONDS) == (
                "health checks of letta-api: nginx did not take its configuration"
            )
        server.well = True
        assert balancer.wait_until_healthy(API, count=2, seconds=SECONDS)
    finally:
        balancer.stop()


def test_nginx_that_was_killed_starts_again_where_it_was_and_with_its_targets(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer, server = started(), target("a")
    admit(balancer, API, server)
    ports, before = dict(balancer.ports), balancer.pid
    os.kill(before, signal.SIGKILL)
    assert balancer.wait(seconds=SECONDS)
    assert not balancer.alive
    balancer.restart()
    assert balancer.pid != before
    assert balancer.ports == ports
    assert names(balancer, "/", 2) == ["a", "a"]


def test_what_runs_is_not_started_again(started: Starter) -> None:
    balancer = started()
    before = balancer.pid
    balancer.restart()
    assert balancer.pid == before


def test_one_good_answer_between_bad_ones_starts_the_count_anew() -> None:
    health = read(load_balancer()).target_groups[0].health_check
    assert health is not None
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


def _altered(**changes: Any) -> Balancer:  # noqa: ANN401 - of a target group
    """The balancer, with its groups otherwise."""
    balancer = read(load_balancer())
    groups = tuple(replace(group, **changes) for group in balancer.target_groups)
    return replace(balancer, target_groups=groups)


def test_where_nobody_asks_a_target_gets_requests_from_the_moment_when_it_is_there(
    tmp_path: Path, target: Callable[..., Target]
) -> None:
    balancer, server = LoadBalancer(_altered(health_check=None), tmp_path), target("a")
    balancer.start()
    try:
        balancer.register(API, server.address)
        assert request(balancer, "/")[0] == 200
        server.well = False
        balancer.check(API)
        assert balancer.states(API) == {server.address: "healthy"}
    finally:
        balancer.stop()


def test_a_group_that_does_not_fail_open_has_no_answer_while_no_target_is_well(
    tmp_path: Path, target: Callable[..., Target]
) -> None:
    balancer, server = LoadBalancer(_altered(fails_open=False), tmp_path), target("a")
    balancer.start(watch=False)
    try:
        admit(balancer, API, server)
        server.well = False
        for _ in range(3):
            balancer.check(API)
        assert request(balancer, "/")[0] == 503
    finally:
        balancer.stop()
