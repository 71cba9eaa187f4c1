"""How copies of a service are kept, without a process: what is started and ended, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar, cast

import pytest

from sandbox.live import capacity, scheduler
from sandbox.live.containers import Containers, Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.scheduler import Scheduler, Tools
from sandbox.live.spec import (
    Addresses,
    Connect,
    Health,
    LiveError,
    Process,
    Registration,
    Service,
)

P = ParamSpec("P")
R = TypeVar("R")
GROUP = "arn:group"
RETRIES = 3
INTERVAL_SECONDS = 30.0
HEALTH = Health(
    question=Connect(port=80),
    interval_seconds=INTERVAL_SECONDS,
    timeout_seconds=1,
    retries=RETRIES,
    start_seconds=0,
)
PROCESS = Process(
    name="server",
    image="image",
    command=("server",),
    environment={},
    working_directory="",
    folders={},
    ports=(80,),
    health=HEALTH,
    stop_seconds=0,
)
SERVICE = Service(
    name="api",
    processes=(PROCESS,),
    copies=3,
    registrations=(Registration(container="server", port=80, group=GROUP),),
)
OTHER = replace(SERVICE, processes=(replace(PROCESS, environment={"NEW": "1"}),))


class Now(Executor):
    """Does at once what is given to it."""

    def submit(
        self,
        function: Callable[P, R],
        /,
        *arguments: P.args,
        **options: P.kwargs,
    ) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(function(*arguments, **options))
        except LiveError as error:
            future.set_exception(error)
        return future


@dataclass
class Handle:
    alive: bool = True


@dataclass
class Container:
    name: str
    process: Process
    address: str


@dataclass
class Copy:
    container: Container
    handle: Handle = field(default_factory=Handle)


@dataclass
class World:
    """Containers and load balancer in one; it notes what happens to whom."""

    home: Path
    events: list[tuple[str, str]] = field(default_factory=list)
    running: dict[str, Copy] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)
    broken: bool = False
    now: float = 0.0

    def start_task(self, name: str, task: Sequence[Process], addresses: Addresses) -> Any:  # noqa: ANN401
        self.events.append(("start", name))
        if self.broken:
            raise LiveError("it does not start")
        copy = Copy(Container(name=name, process=task[0], address=addresses.of_nameless(name)))
        self.running[name] = copy
        return (copy,)

    def wait(self, running: Running, addresses: Addresses) -> float:
        return 0

    def healthy(self, container: Container, health: Health, addresses: Addresses) -> bool:
        return container.name not in self.sick

    def stop_task(self, copy: Sequence[Copy]) -> None:
        for each in copy:
            self.events.append(("end", each.container.name))
            if self.running.get(each.container.name) is each:
                del self.running[each.container.name]

    def register(self, group: str, address: tuple[str, int]) -> None:
        self.events.append(("register", self._name(address)))

    def states(self, group: str) -> dict[tuple[str, int], str]:
        return {(each.container.address, 80): "healthy" for each in self.running.values()}

    def deregister(self, group: str, address: tuple[str, int]) -> int:
        self.events.append(("deregister", self._name(address)))
        return 0

    def _name(self, address: tuple[str, int]) -> str:
        [name] = [n for n, each in self.running.items() if each.container.address == address[0]]
        return name

    def counted(self, event: str) -> int:
        return [name for name, _ in self.events].count(event)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    clock = SimpleNamespace(monotonic=lambda: world.now)
    monkeypatch.setattr("sandbox.live.scheduler.time", clock)
    return world


def keeper(world: World, service: Service, count: int) -> Scheduler:
    tools = Tools(
        containers=cast(Containers, world),
        addresses=Addresses("127.78.4"),
        balancer=lambda: cast(LoadBalancer, world),
        workers=Now(),
        ended=threading.Event(),
        say=lambda _: None,
        time_scale=1.0,
    )
    return Scheduler(tools=tools, service=service, count=count)


def settle(keeper: Scheduler) -> None:
    """Look until nothing more happens."""
    for _ in range(20):
        keeper.look()


def test_as_many_copies_as_are_wanted_start_and_register(world: World) -> None:
    api = keeper(world, SERVICE, 3)
    settle(api)
    assert api.steady
    assert list(world.running) == ["api-1", "api-2", "api-3"]
    assert world.counted("register") == 3


def test_a_copy_that_ended_is_replaced_at_once(world: World) -> None:
    api = keeper(world, SERVICE, 2)
    settle(api)
    first = world.running["api-1"]
    first.handle.alive = False
    settle(api)
    assert api.steady
    assert len(world.running) == 2
    assert first not in world.running.values()
    assert ("deregister", "api-1") in world.events


def test_a_copy_is_replaced_after_as_many_bad_answers_as_its_check_says(world: World) -> None:
    api = keeper(world, SERVICE, 1)
    settle(api)
    world.sick.add("api-1")
    for _ in range(RETRIES - 1):
        world.now += INTERVAL_SECONDS
        settle(api)
    assert list(world.running) == ["api-1"]
    world.now += INTERVAL_SECONDS
    settle(api)
    assert list(world.running) == ["api-2"]
    # The new one serves before the old one goes.
    assert world.events.index(("register", "api-2")) < world.events.index(("end", "api-1"))


def test_a_good_answer_makes_up_for_bad_ones_before_it(world: World) -> None:
    api = keeper(world, SERVICE, 1)
    settle(api)
    for sick in (True, True, False, True, True):
        world.sick = {"api-1"} if sick else set()
        world.now += INTERVAL_SECONDS
        settle(api)
    assert list(world.running) == ["api-1"]


def test_copies_of_another_definition_are_replaced_one_by_one(world: World) -> None:
    api = keeper(world, SERVICE, 3)
    settle(api)
    api.want(OTHER, 3)
    while not api.steady:
        api.look()
        assert 3 <= len(world.running) <= 4
    assert all(copy.container.process is OTHER.processes[0] for copy in world.running.values())
    for number in (1, 2, 3):
        name = f"api-{number}"
        assert world.events.index(("deregister", name)) < world.events.index(("end", name))


def test_where_no_more_copies_may_run_an_old_one_ends_before_a_new_one_starts(
    world: World,
) -> None:
    api = keeper(world, replace(SERVICE, maximum_percent=100, minimum_percent=0), 1)
    settle(api)
    api.want(replace(OTHER, maximum_percent=100, minimum_percent=0), 1)
    settle(api)
    assert api.steady
    starts = [number for number, event in enumerate(world.events) if event[0] == "start"]
    assert world.events.index(("end", "api-1")) < starts[1]


def test_never_more_nor_fewer_copies_run_than_the_service_allows(world: World) -> None:
    service, other = (
        replace(each, maximum_percent=100, minimum_percent=50) for each in (SERVICE, OTHER)
    )
    api = keeper(world, service, 4)
    settle(api)
    world.events.clear()
    api.want(other, 4)
    running = 4
    settle(api)
    for event, _ in world.events:
        running += {"start": 1, "end": -1}.get(event, 0)
        assert 2 <= running <= 4
    assert api.steady
    assert world.counted("start") == 4


@pytest.mark.parametrize("count", [0, 1, 5])
def test_another_count_is_followed_without_touching_the_others(world: World, count: int) -> None:
    api = keeper(world, SERVICE, 3)
    settle(api)
    before = dict(world.running)
    api.want(SERVICE, count)
    settle(api)
    assert api.steady
    assert len(world.running) == count
    kept = [name for name in before if world.running.get(name) is before[name]]
    assert len(kept) == min(3, count)


def test_what_does_not_come_up_waits_longer_each_time_and_never_more_than_the_most(
    world: World,
) -> None:
    api = keeper(world, SERVICE, 1)
    world.broken = True
    api.look()
    waits = []
    for _ in range(7):
        # Takes note that the last one failed.
        api.look()
        before, starts = world.now, world.counted("start")
        while world.counted("start") == starts:
            world.now += 1
            api.look()
        waits.append(world.now - before)
    assert str(api.error) == "it does not start"
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    world.broken = False
    api.look()
    world.now += scheduler.MOST_DELAY_SECONDS
    settle(api)
    assert api.steady
    assert api.error is None


def test_a_rollout_that_fails_takes_no_copy_away_and_can_be_taken_back(world: World) -> None:
    api = keeper(world, SERVICE, 3)
    settle(api)
    before = dict(world.running)
    world.broken = True
    api.want(OTHER, 3)
    settle(api)
    assert api.error is not None
    assert world.running == before
    api.want(SERVICE, 3)
    settle(api)
    assert api.steady
    assert world.running == before


def test_a_registration_without_a_load_balancer_is_refused(world: World) -> None:
    api = keeper(world, SERVICE, 1)
    api.tools = replace(api.tools, balancer=lambda: None)
    settle(api)
    assert "registers with a load balancer that the stack does not have" in str(api.error)
    assert world.running == {}


def test_copies_are_as_many_as_cores_and_memory_hold() -> None:
    assert capacity.held(memory_mib=16 * 1024, cores=2) == 4
    assert capacity.held(memory_mib=2 * 1024, cores=8) == 2
    with pytest.raises(LiveError, match="1000 MiB of memory are free, and the live sandbox needs"):
        capacity.held(memory_mib=1000, cores=8)
    assert capacity.here() >= 1


@pytest.mark.parametrize(
    ("total", "given"), [(1, (1, 1, 0)), (3, (2, 1, 0)), (4, (2, 2, 0)), (99, (3, 2, 0))]
)
def test_services_share_the_copies_in_turn_and_none_that_is_wanted_has_none(
    total: int, given: tuple[int, ...]
) -> None:
    services = [
        replace(SERVICE, name=name, copies=copies)
        for name, copies in (("api", 3), ("work", 2), ("off", 0))
    ]
    assert tuple(capacity.shares(services, total).values()) == given


def test_the_cache_of_a_cluster_takes_no_copy_from_the_servers() -> None:
    cache = replace(SERVICE, name="cache", copies=1, host="cache.letta.svc.cluster.local")
    services = (replace(SERVICE, name="api", copies=3), cache, replace(SERVICE, name="work"))
    assert tuple(capacity.shares(services, 3).values()) == (2, 1, 1)


class Later(Now):
    """Does what it is given when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(
        self,
        function: Callable[P, R],
        /,
        *arguments: P.args,
        **options: P.kwargs,
    ) -> Future[R]:
        future: Future[R] = Future()
        self.waiting.append(lambda: future.set_result(function(*arguments, **options)))
        return future

    def do(self) -> None:
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()


def test_the_one_copy_behind_a_name_has_its_address_and_is_gone_before_the_next(
    world: World,
) -> None:
    alone = replace(
        SERVICE, host="cache.example.com", registrations=(), maximum_percent=100, minimum_percent=0
    )
    cache = keeper(world, alone, 1)
    settle(cache)
    address = cache.tools.addresses.of("cache.example.com")
    [first] = world.running.values()
    assert first.container.address == address
    later = Later()
    cache.tools = replace(cache.tools, workers=later)
    first.handle.alive = False
    settle(cache)
    # Its end is ordered, and no start before it has come.
    assert [copy.state for copy in cache.copies] == ["draining"]
    later.do()
    settle(cache)
    later.do()
    settle(cache)
    assert world.counted("start") == 2
    [second] = world.running.values()
    assert second is not first
    assert second.container.address == address
