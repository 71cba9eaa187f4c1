"""A bootstrap with one thing altered: what breaks, and in which words its user learns of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pg8000.native import Connection  # type: ignore[import-untyped]

from sandbox.live.spec import Objects
from tests.live import altered
from tests.live.ground import URI, Ground, bootstrap_of, ground, until

BOOTSTRAP = "bootstrap"
EXTENSION = """\
    admin.run("CREATE EXTENSION IF NOT EXISTS vector")
    admin.run("ALTER EXTENSION vector UPDATE")
"""
SHARED_LOCK = "LOCK_KEY = 0x1E77AB007"
NO_SHARED_LOCK = "LOCK_KEY = os.getpid()"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
MET = "duplicate key value violates unique constraint|tuple concurrently updated|already exists"
NO_URI_OF_BOTH_DRIVERS = "must be a postgresql:// URI with user, password, host, port and database"


@pytest.fixture(scope="module")
def stores(medium: Objects, environment: Path, temporary: Path) -> Iterator[Ground]:
    with ground(medium, environment, temporary / "bootstrap-mutants", "127.78.111") as started:
        yield started


@pytest.fixture
def empty(stores: Ground) -> Ground:
    """The same before anything used them."""
    stores.empty()
    return stores


def with_uri(objects: Objects, old: str, new: str) -> Objects:
    """The server's URI with another text in place of the first such."""
    return altered.secret(objects, BOOTSTRAP, URI, old, new)


def test_without_the_extension_the_schema_fails_on_the_type_of_vectors(empty: Ground) -> None:
    mutant = altered.script(empty.objects, BOOTSTRAP, EXTENSION, "")
    status, said = empty.bootstrap("mutant-extension", mutant)
    assert status == 1
    assert 'type "vector" does not exist' in said
    assert "bootstrap failed: migration ended with status 1" in said
    assert empty.query(TABLES) == "0"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("5432/letta", "5432/letta?sslmode=require", NO_URI_OF_BOTH_DRIVERS),
        ("@", "%21@", NO_URI_OF_BOTH_DRIVERS),
        ("postgresql:", "postgres:", NO_URI_OF_BOTH_DRIVERS),
        (
            "5432/letta",
            "5432/other",
            "BOOTSTRAP_ADMIN_URI and LETTA_PG_URI name different databases",
        ),
        ("//letta:", "//letta_admin:", "must not use the administrator's role letta_admin"),
    ],
    ids=["query", "percent", "scheme", "database", "administrator"],
)
def test_a_uri_that_would_break_something_later_is_refused_before_anything_runs(
    empty: Ground, old: str, new: str, words: str, request: pytest.FixtureRequest
) -> None:
    mutant = with_uri(empty.objects, old, new)
    status, said = empty.bootstrap(f"mutant-uri-{request.node.callspec.id}", mutant)
    assert status == 1
    [line] = said.splitlines()
    assert line.startswith("bootstrap failed: ")
    assert words in line
    assert empty.query("SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == "0"


@pytest.mark.parametrize("missing", [URI, "LETTA_ENCRYPTION_KEY"])
def test_a_bootstrap_is_told_which_variable_it_lacks(stores: Ground, missing: str) -> None:
    mutant = altered.variable(stores.objects, BOOTSTRAP, missing, None)
    status, said = stores.bootstrap(f"mutant-{missing}", mutant)
    assert (status, said) == (1, f"bootstrap failed: {missing} is not set\n")


def test_the_parts_of_the_uri_are_not_taken_for_it(stores: Ground) -> None:
    mutant = altered.variable(stores.objects, BOOTSTRAP, URI, None)
    parts = {
        "HOST": "db",
        "PORT": "5432",
        "DB": "letta",
        "USER": "letta",
        "PASSWORD": "of-the-parts",
    }
    for part, value in parts.items():
        mutant = altered.variable(mutant, BOOTSTRAP, f"LETTA_PG_{part}", value)
    status, said = stores.bootstrap("mutant-parts", mutant)
    assert (status, said) == (1, f"bootstrap failed: {URI} is not set\n")


def test_the_migration_alone_as_the_image_starts_it_breaks_on_such_uris(stores: Ground) -> None:
    """What the refusal spares: a trace far from its cause."""
    alone = altered.command(stores.objects, BOOTSTRAP, "alembic", "upgrade", "head")
    broken = {
        "query": (
            with_uri(alone, "5432/letta", "5432/letta?sslmode=require"),
            "argument 'sslmode'",
        ),
        "percent": (with_uri(alone, "@", "%21@"), "invalid interpolation syntax"),
    }
    with ThreadPoolExecutor(len(broken)) as together:
        runs = {
            name: together.submit(stores.bootstrap, f"mutant-alone-{name}", mutant)
            for name, (mutant, _) in broken.items()
        }
    for name, run in runs.items():
        status, said = run.result()
        assert status == 1, name
        assert broken[name][1] in said.splitlines()[-1], said


def test_two_without_a_common_lock_break_each_other(empty: Ground) -> None:
    mutant = altered.script(empty.objects, BOOTSTRAP, SHARED_LOCK, NO_SHARED_LOCK)
    admin = bootstrap_of(empty.objects).environment["BOOTSTRAP_ADMIN_URI"]
    user, password = re.findall(r"//(.*):(.*)@", admin)[0]
    with (
        ThreadPoolExecutor(2) as together,
        Connection(
            user,
            password=password,
            host=empty.addresses.of(empty.server.host),
            database=empty.server.database,
        ) as holding,
    ):
        # The last table that the migration makes: whoever comes first waits there with all its
        # other tables made, and the other one for them.
        holding.run("START TRANSACTION")
        holding.run("CREATE TABLE public.alembic_version ()")
        runs = [together.submit(empty.bootstrap, f"mutant-run-{n}", mutant) for n in (1, 2)]
        until(lambda: empty.query(WAITING) == "2" or any(run.done() for run in runs), seconds=240)
        holding.run("ROLLBACK")
    (first, said), (second, also_said) = sorted(run.result() for run in runs)
    assert (first, second) == (0, 1), said + also_said
    assert re.search(MET, also_said), also_said
