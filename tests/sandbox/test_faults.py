"""Faults on request, latencies, and being told to stop."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from sandbox import admin
from sandbox.latency import Latency
from sandbox.server import Server
from sandbox.values import Secret
from tests.sandbox.engine import Engine, Refused
from tests.sandbox.toy import packages

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"


def test_a_failure_is_met_once_and_leaves_nothing(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="create", kind="fail", message="InternalFailure: no luck")
    with pytest.raises(Refused, match="InternalFailure: no luck"):
        cloud.create(NETWORK, "net", {"range": "x"})
    assert admin.status(state, packages)["objects"] == 0
    cloud.create(NETWORK, "net", {"range": "x"})


def test_a_fault_can_be_for_one_type_and_one_operation(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="delete", kind="fail", resource_type=HOST)
    network = cloud.create(NETWORK, "net", {"range": "x"})
    host = cloud.create(HOST, "web", {"image": "base"})
    cloud.delete(network)
    with pytest.raises(Refused):
        cloud.delete(host)
    cloud.delete(host)


def test_throttling_is_waited_out_as_the_provider_does(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="create", kind="throttle", times=24)
    cloud.create(NETWORK, "net", {"range": "x"})
    assert admin.status(state, packages)["faults"] == []


def test_throttling_without_end_is_an_error(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="create", kind="throttle", times=26)
    with pytest.raises(Refused, match="Rate exceeded, after 25 tries") as refusal:
        cloud.create(NETWORK, "net", {"range": "x"})
    assert refusal.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_partly_created_object_is_handed_over_with_its_reason(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="create", kind="partial", message="it never became ready")
    with pytest.raises(Refused) as refusal:
        cloud.create(HOST, "web", {"image": "base", "name": "web", "password": "p"})
    partly = refusal.value.partly
    assert partly is not None
    assert (partly.id, list(partly.reasons)) == ("web", ["it never became ready"])
    assert partly.properties.fields["address"].string_value == "web.north.toy"
    kept = cloud.import_by_id(HOST, "web", "web")
    assert kept is not None
    assert kept.outputs["password"] == Secret("p")


def test_a_partly_made_change_is_kept(cloud: Engine, state: Path) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    admin.inject_fault(state, operation="update", kind="partial", message="still changing")
    with pytest.raises(Refused, match="still changing"):
        cloud.update(network, {"range": "x", "size": 8})
    read = cloud.read(network)
    assert read is not None
    assert read.outputs["size"] == 8


def test_faults_still_to_come_are_listed_and_can_be_cleared(cloud: Engine, state: Path) -> None:
    admin.inject_fault(state, operation="read", kind="fail", times=3)
    expected = {"operation": "read", "type": "*", "kind": "fail", "times": 3}
    assert admin.status(state, packages)["faults"] == [expected]
    admin.clear_faults(state)
    assert admin.status(state, packages)["faults"] == []


@pytest.mark.parametrize(("operation", "kind"), [("explode", "fail"), ("create", "explode")])
def test_a_fault_that_does_not_exist_is_refused(
    cloud: Engine, state: Path, operation: str, kind: str
) -> None:
    with pytest.raises(admin.AdminError, match=re.escape("'explode': use one of")):
        admin.inject_fault(state, operation=operation, kind=kind)


# Latency


class Recorder(threading.Event):
    """An event that notes how long it is waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        return self.is_set()


def test_a_latency_is_scaled() -> None:
    recorder = Recorder()
    assert Latency(0.1).wait(480, recorder)
    assert recorder.waited == [48]


def test_the_scale_of_nothing_waits_for_nothing() -> None:
    recorder = Recorder()
    assert Latency().wait(480, recorder)
    assert recorder.waited == []


def test_a_cancelled_wait_ends_at_once() -> None:
    recorder = Recorder()
    recorder.set()
    assert not Latency(1).wait(480, recorder)
    assert not Latency(0).wait(480, recorder)


@pytest.fixture
def slow_server(state: Path) -> Iterator[Server]:
    """A sandbox in which a network takes a while."""
    running = Server(state, latency_scale=10, packages=packages)
    yield running
    running.stop()


def test_cancel_ends_the_waits_of_that_engine_and_hands_over_what_exists(
    slow_server: Server, state: Path
) -> None:
    engine = Engine(slow_server.port, "toy", {"region": "north"})
    engine.configure()
    with ThreadPoolExecutor() as pool:
        creating = [
            pool.submit(engine.create, NETWORK, f"net{number}", {"range": "x"})
            for number in range(3)
        ]
        try:
            _until_objects(state, 3)
            engine.cancel()
            errors = [future.exception(timeout=30) for future in creating]
        finally:
            engine.close()
    assert all(isinstance(error, Refused) and error.partly for error in errors)


def test_a_sandbox_that_is_stopped_waits_for_nothing_more(slow_server: Server, state: Path) -> None:
    engine = Engine(slow_server.port, "toy", {"region": "north"})
    engine.configure()
    with ThreadPoolExecutor() as pool:
        try:
            creating = pool.submit(engine.create, NETWORK, "net", {"range": "x"})
            _until_objects(state, 1)
            slow_server.stop()
            error = creating.exception(timeout=30)
        finally:
            engine.close()
    assert isinstance(error, Refused)
    assert error.partly is not None


def _until_objects(state: Path, number: int) -> None:
    while admin.status(state, packages)["objects"] < number:
        pass
