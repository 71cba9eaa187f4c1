from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.live import processes
from sandbox.live.containers import Containers, Running, in_order
from sandbox.live.images import LETTA
from sandbox.live.spec import Addresses, Command, Connect, Health, HttpGet, LiveError, Process

SERVER = (
    "import http.server;"
    "http.server.ThreadingHTTPServer(('0.0.0.0', 8283),"
    " http.server.SimpleHTTPRequestHandler).serve_forever()"
)
REST = "import signal; signal.pause()"


def container(name: str, code: str, **changes: object) -> Process:
    """A container that runs some Python."""
    process = Process(
        name=name,
        image=LETTA,
        command=("python", "-c", code),
        environment={},
        working_directory="/work",
        folders={"/work": "work"},
        ports=(),
        health=None,
        stop_seconds=5,
    )
    return replace(process, **changes)  # type: ignore[arg-type]


def check(question: Command | Connect | HttpGet) -> Health:
    return Health(
        question=question, interval_seconds=1, timeout_seconds=10, retries=20, start_seconds=0
    )


class Starter:
    """Starts tasks of a test's own, and ends them with it."""

    def __init__(self, containers: Containers, addresses: Addresses, name: str) -> None:
        self.containers = containers
        self.addresses = addresses
        self.name = name
        self.running: tuple[Running, ...] = ()

    def __call__(self, *task: Process) -> dict[str, Running]:
        self.running = self.containers.start_task(self.name, task, self.addresses)
        return {each.container.process.name: each for each in self.running}

    def stop(self) -> None:
        self.containers.stop_task(self.running)

    def said(self, name: str) -> str:
        log = self.containers.home / "logs" / f"{self.name}-{name}.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
def started(
    containers: Containers, addresses: Addresses, request: pytest.FixtureRequest
) -> Iterator[Starter]:
    starter = Starter(containers, addresses, request.node.name[:40])
    yield starter
    starter.stop()


def test_containers_of_a_task_find_each_other_by_what_they_call_their_machine(
    started: Starter,
) -> None:
    checks = Command(words=("python", "-c", "open('checked', 'w')"))
    server = container("server", SERVER, ports=(8283,), health=check(checks))
    asks = container(
        "asks",
        "import os, urllib.request; urllib.request.urlopen(os.environ['URL'] + 'checked');"
        f"open('asked', 'w'); {REST}",
        environment={"URL": "http://172.17.0.1:8283/"},
        neighbours=("172.17.0.1",),
        after={"server": "healthy"},
        health=check(Command(words=("python", "-c", "open('asked')"))),
    )
    running = started(asks, server)
    assert list(running) == ["server", "asks"]
    started.containers.wait(running["asks"], started.addresses)
    assert len({each.container.address for each in running.values()}) == 1


def test_what_prepares_a_task_has_ended_well_before_the_rest_starts_and_shares_its_volumes(
    started: Starter,
) -> None:
    prepares = container("prepares", "open('made', 'w').write('before')")
    serves = container(
        "serves", f"print(open('made').read(), flush=True);{REST}", after={"prepares": "succeeded"}
    )
    running = started(serves, prepares)
    assert list(running) == ["serves"]
    processes.wait(running["serves"].handle, lambda: "before" in started.said("serves"), seconds=20)


@pytest.mark.parametrize(("condition", "fails"), [("succeeded", True), ("ended", False)])
def test_what_ended_badly_stops_only_who_needs_it_to_have_succeeded(
    started: Starter, condition: str, fails: bool
) -> None:
    task = (
        container("beside", REST),
        container("prepares", "raise SystemExit(3)", after={"beside": "started"}),
        container("serves", REST, after={"prepares": condition}),
    )
    if not fails:
        assert list(started(*task)) == ["beside", "serves"]
        return
    with pytest.raises(LiveError, match="prepares ended with status 3"):
        started(*task)
    home = started.containers.home / started.name
    assert home.exists()
    assert processes.inside([home]) == []


def test_a_server_is_ready_when_its_checks_from_outside_say_so(started: Starter) -> None:
    server = container(
        "server",
        SERVER,
        ports=(8283,),
        startup=check(Connect(port=8283)),
        readiness=check(HttpGet(port=8283, path="/")),
        health=check(HttpGet(port=8283, path="/none")),
    )
    running = started(server)["server"]
    started.containers.wait(running, started.addresses)
    well, unwell = server.readiness, server.health
    assert well is not None
    assert unwell is not None
    assert started.containers.healthy(running.container, well, started.addresses)
    assert not started.containers.healthy(running.container, unwell, started.addresses)
    started.stop()
    assert not started.containers.healthy(running.container, well, started.addresses)


def test_a_folder_of_the_machine_outlives_a_copy(started: Starter) -> None:
    kept = {"/work": "work", "/kept": "/var/lib/kept"}
    code = "import os; print(os.path.exists('/kept/note')); open('/kept/note', 'w')"
    task = container("server", code, folders=kept)
    for found in ("False", "True"):
        started.name += "-next"
        place = started.containers.place(started.name, task, started.addresses, task=started.name)
        assert started.containers.run(place, started.addresses, seconds=20) == 0
        assert started.containers.log(place).read_text(encoding="utf-8").strip() == found


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("letta/letta:0.16.4", True),
        ("registry.example.com/mirror/letta/letta:0.16.4", True),
        ("letta/letta:0.16.5", False),
        ("redis:7.4.6-alpine", True),
        ("docker.io/library/redis:7", True),
        ("redis:8.0", False),
        ("bitnami/redis:7.4", False),
        ("caddy:2.10.2", True),
        ("vllm/vllm-openai:v0.11.0", False),
    ],
)
def test_only_images_whose_programs_are_here_are_run(
    containers: Containers, image: str, known: bool
) -> None:
    task = [container("server", "", image=image)]
    assert containers.missing(task) == (() if known else (image,))


def test_what_differs_from_the_cloud_is_said(containers: Containers) -> None:
    task = [container("server", ""), container("proxy", "", image="caddy:2.10.2")]
    [note] = containers.notes(task)
    assert note.startswith("proxy: certificates come from an authority of the proxy's own")


def test_what_was_noted_when_it_was_read_is_refused_when_it_is_to_run(started: Starter) -> None:
    with pytest.raises(LiveError, match="server cannot be run here: volume v of kind nfs"):
        started(container("server", REST, refused=("volume v of kind nfs",)))


def test_a_container_without_a_command_is_refused(started: Starter) -> None:
    with pytest.raises(LiveError, match="server names no command"):
        started(container("server", "", command=()))


def test_containers_that_wait_for_each_other_or_for_none_are_refused() -> None:
    first = container("first", "", after={"second": "started"})
    second = container("second", "", after={"first": "started"})
    with pytest.raises(LiveError, match="wait for each other: "):
        in_order([first, second])
    with pytest.raises(LiveError, match="first waits for second, which its task does not have"):
        in_order([first])


def test_the_redis_of_a_task_listens_on_the_task_s_address_alone(started: Starter) -> None:
    redis = container(
        "redis",
        "",
        image="redis:7.4.6-alpine",
        command=("redis-server", "--save", "", "--protected-mode", "no"),
        working_directory="",
        ports=(6379,),
        health=check(Connect(port=6379)),
    )
    running = started(redis)["redis"]
    started.containers.wait(running, started.addresses)
    command = Path(f"/proc/{running.handle.pid}/cmdline").read_text(encoding="utf-8")
    assert f"redis-server {running.container.address}:6379" in command
