"""A running sandbox for each test, and engines that ask it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.package import Package
from sandbox.packages import package
from sandbox.server import Server
from sandbox.store import Store
from sandbox.values import Value
from tests.sandbox import toy
from tests.sandbox.engine import Engine


class Clock:
    """The clock of the simulated cloud; it stands still until moved."""

    def __init__(self) -> None:
        self._now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._now

    def move(self, *, days: float) -> None:
        """Let time pass."""
        self._now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a cloud that holds nothing; to copy it is quicker than to make one."""
    path = tmp_path_factory.mktemp("empty") / "cloud.sqlite"
    Store(path).close()
    return path


@pytest.fixture
def state(tmp_path: Path, empty_state: Path) -> Path:
    """The file of state of the running sandbox."""
    return Path(shutil.copy(empty_state, tmp_path))


def _packages(name: str) -> Package:
    return toy.TOY if name == "toy" else package(name)


@pytest.fixture
def server(state: Path, clock: Clock) -> Iterator[Server]:
    """A sandbox on a port of its own."""
    running = Server(state, packages=_packages, now=clock)
    yield running
    running.stop()


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Engine]]:
    """Makes configured engines: `connect("toy", region="south")`."""
    engines: list[Engine] = []

    def open_engine(name: str, **arguments: Value) -> Engine:
        engine = Engine(server.port, name, arguments)
        engines.append(engine)
        engine.configure()
        return engine

    yield open_engine
    for engine in engines:
        engine.close()


@pytest.fixture
def cloud(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for the toy package."""
    return connect("toy", region="north")


@pytest.fixture
def aws(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for AWS."""
    return connect("aws", region="us-east-1")


@pytest.fixture
def network_id(cloud: Engine) -> str:
    """The id of a toy network."""
    return cloud.create("toy:index/network:Network", "net", {"range": "10.0.0.0/8"}).id
