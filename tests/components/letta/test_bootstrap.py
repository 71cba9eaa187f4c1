"""The bootstrap as the container runs it, on a real PostgreSQL with pgvector."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from pg8000.native import identifier  # type: ignore[import-untyped]

from components.letta import bootstrap
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, REDIS_HOST
from tests.components.letta.conftest import Site
from tests.components.letta.image import KEY, PATIENCE_SECONDS, Image


@pytest.fixture
def image(database: Site, tmp_path: Path) -> Image:
    return Image.made(database, tmp_path)


@contextmanager
def redis_answering(reply: bytes) -> Iterator[int]:
    """A listener that takes one line and answers it; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    assert connection.recv(64) == b"PING\r\n"
                    connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def assert_finished(site: Site) -> None:
    assert site.application.run("SELECT number FROM version ORDER BY 1") == [[0], [1]]
    assert site.application.run("SELECT id FROM organizations") == [["default"]]


def test_an_empty_database_is_ready_for_servers_afterwards(image: Image) -> None:
    status, output = image.run()

    assert status == 0, output
    assert_finished(image.site)
    application = image.site.application
    [[owner]] = application.run(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    )
    assert owner == application.user
    [[extension]] = application.run("SELECT count(*) FROM pg_extension WHERE extname = 'vector'")
    assert extension == 1


def test_a_second_run_changes_nothing_and_succeeds(image: Image) -> None:
    assert image.run()[0] == 0

    status, output = image.run()

    assert status == 0, output
    assert "step" not in output
    assert_finished(image.site)


def test_model_providers_that_servers_have_entered_survive_a_later_run(image: Image) -> None:
    assert image.run()[0] == 0
    application = image.site.application
    application.run("CREATE TABLE providers (name text)")
    application.run("INSERT INTO providers VALUES ('openai')")

    status, output = image.run()

    assert status == 0, output
    assert application.run("SELECT name FROM providers") == [["openai"]]


def test_the_application_role_is_plain(image: Image) -> None:
    image.run()

    application = image.site.application
    [attributes] = application.run(
        "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles "
        "WHERE rolname = current_user"
    )
    assert attributes == [True, False, False, False]
    application.run("DROP TABLE step_0, step_1")
    image.site.admin.run("DROP EXTENSION vector")
    with pytest.raises(DatabaseError, match="permission denied to create extension"):
        application.run("CREATE EXTENSION vector")


def test_other_roles_create_nothing_in_the_public_schema(image: Image) -> None:
    admin = image.site.admin
    admin.run("GRANT CREATE ON SCHEMA public TO PUBLIC")

    image.run()

    [[allowed]] = admin.run("SELECT has_schema_privilege('pg_monitor', 'public', 'CREATE')")
    assert allowed is False


def test_a_role_left_with_another_password_and_rights_is_put_right(image: Image) -> None:
    role = identifier(image.site.application.user)
    image.site.admin.run(f"CREATE ROLE {role} CREATEDB CREATEROLE LOGIN PASSWORD 'former'")

    status, output = image.run()

    assert status == 0, output
    [rights] = image.site.application.run(
        "SELECT rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    assert rights == [False, False]


def test_a_superuser_is_refused_as_application_role(image: Image) -> None:
    user = image.site.application.user
    image.site.admin.run(f"CREATE ROLE {identifier(user)} SUPERUSER")

    status, output = image.run()

    assert status == 1
    assert f"role {user} is a superuser; the server needs a plain role" in output


def test_an_administrator_that_is_no_superuser_is_enough(image: Image) -> None:
    """As on a managed service, where creating the extension is allowed to it by the cloud."""
    admin, superuser = image.site.admin, image.site.cluster.superuser
    admin.run("CREATE EXTENSION vector")
    superuser.run(f"ALTER ROLE {identifier(admin.user)} NOSUPERUSER CREATEDB CREATEROLE")

    assert [image.run()[0] for _ in range(2)] == [0, 0]

    assert_finished(image.site)


def test_two_at_once_run_one_after_the_other(image: Image) -> None:
    company = image.flag("await-company")
    with image.running() as first:
        assert first.stdout is not None
        assert any("Using database" in line for line in first.stdout)
        with image.running() as second:
            output, _ = first.communicate(timeout=PATIENCE_SECONDS)
            company.unlink()
            other, _ = second.communicate(timeout=PATIENCE_SECONDS)

    assert first.returncode == 0, output
    assert second.returncode == 0, other
    assert output.count("migration: step") == 2
    assert "migration: step" not in other
    assert_finished(image.site)


@pytest.mark.parametrize(
    ("end", "status"),
    [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_killed_run_is_finished_by_the_next(
    image: Image, end: signal.Signals, status: int
) -> None:
    flag = image.flag("hang-after-first-step")
    with image.running() as process:
        assert process.stdout is not None
        assert any("step 0" in line for line in process.stdout)
        if end == signal.SIGTERM:
            process.terminate()
        else:  # the end of a container takes all its processes
            os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(timeout=PATIENCE_SECONDS) == status
    flag.unlink()

    status, output = image.run()

    assert status == 0, output
    assert_finished(image.site)


def test_no_secret_reaches_the_output_or_the_servers_log(image: Image) -> None:
    status, output = image.run()

    assert status == 0
    site = image.site
    assert re.search(r"^migration: Using database: postgresql://\*{3}@\S+ \*{3}$", output, re.M)
    assert "default rows: server has ***" in output
    for secret in (site.application.password, site.admin.password, KEY):
        assert secret not in output
    log = site.cluster.log.read_text()
    assert f'ALTER ROLE "{site.application.user}"' in log
    assert site.application.password not in log


def test_a_failing_migration_ends_the_run_in_one_line(image: Image) -> None:
    image.flag("alembic-fails")

    status, output = image.run()

    assert status == 1
    assert "migration: type vector is broken" in output
    assert output.splitlines()[-1] == (
        "bootstrap failed: migration ended with status 1; see the lines above"
    )
    assert "Traceback" not in output


@pytest.mark.parametrize("variable", [bootstrap.ADMIN_URI, POSTGRES_URI, ENCRYPTION_KEY])
def test_a_missing_variable_is_named(image: Image, variable: str) -> None:
    status, output = image.run(**{variable: None})

    assert (status, output) == (1, f"bootstrap failed: {variable} is not set\n")


@pytest.mark.parametrize("addition", ["?sslmode=require", "%40"])
def test_a_uri_that_the_server_cannot_use_is_refused_unread(image: Image, addition: str) -> None:
    status, output = image.run(**{POSTGRES_URI: image.site.application.uri + addition})

    assert status == 1
    assert "LETTA_PG_URI must be a postgresql:// URI" in output
    assert image.site.application.password not in output


def test_two_different_databases_are_refused(image: Image) -> None:
    status, output = image.run(**{POSTGRES_URI: image.site.application.uri + "_other"})

    assert status == 1
    assert "BOOTSTRAP_ADMIN_URI and LETTA_PG_URI name different databases" in output


def test_the_administrators_role_is_refused_for_the_application(image: Image) -> None:
    status, output = image.run(**{POSTGRES_URI: image.site.admin.uri})

    assert status == 1
    assert "LETTA_PG_URI must not use the administrator's role" in output


def test_a_wrong_administrator_password_ends_the_run_at_once(image: Image) -> None:
    wrong = image.site.admin.uri.replace(image.site.admin.password, "wrong")

    status, output = image.run(**{bootstrap.ADMIN_URI: wrong})

    assert status == 1
    assert "password authentication failed" in output
    assert "waiting" not in output


def test_a_database_that_never_answers_is_given_up(image: Image) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    site = image.site
    moved = {
        name: uri.replace(f":{site.admin.port}/", f":{port}/")
        for name, uri in (
            (bootstrap.ADMIN_URI, site.admin.uri),
            (POSTGRES_URI, site.application.uri),
        )
    }

    status, output = image.run(BOOTSTRAP_WAIT_SECONDS="1", **moved)

    assert status == 1
    assert f"database at 127.0.0.1:{port}: waiting, 0 of 1 s" in output
    assert f"database at 127.0.0.1:{port}: gave up after 1 s" in output


def test_a_redis_that_answers_lets_the_run_go_on(image: Image) -> None:
    with redis_answering(b"+PONG\r\n") as port:
        status, output = image.run(**{REDIS_HOST: "127.0.0.1"}, LETTA_REDIS_PORT=str(port))

    assert status == 0, output
    assert f"Redis at 127.0.0.1:{port} answers" in output


def test_a_redis_with_a_password_is_refused(image: Image) -> None:
    with redis_answering(b"-NOAUTH Authentication required.\r\n") as port:
        status, output = image.run(**{REDIS_HOST: "127.0.0.1"}, LETTA_REDIS_PORT=str(port))

    assert status == 1
    assert "NOAUTH Authentication required." in output
    assert "the server knows neither password nor TLS" in output


def test_a_redis_that_does_not_answer_is_given_up(image: Image) -> None:
    with redis_answering(b"") as port:
        status, output = image.run(
            **{REDIS_HOST: "127.0.0.1"}, LETTA_REDIS_PORT=str(port), BOOTSTRAP_WAIT_SECONDS="1"
        )

    assert status == 1
    assert "must answer PING with +PONG: gave up after 1 s" in output
