"""How the URI of a drill's server is read; what a throw-away server says that does not start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cli import drill_servers
from cli.__main__ import main
from cli.drill import DrillError
from sandbox.live import postgres
from sandbox.live.spec import LiveError
from tools.setup.common import UserError

GOOD = "postgresql://me:s3cret@localhost:5433/postgres"


def given(monkeypatch: pytest.MonkeyPatch, uri: str) -> dict[str, str]:
    monkeypatch.setenv(drill_servers.URI, uri)
    monkeypatch.setenv("PGSSLMODE", "require")
    found = drill_servers.given()
    return {key: value for key, value in found.environment.items() if key != "PATH"}


def test_its_parts_are_the_variables_of_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(monkeypatch, GOOD) == {
        "PGHOST": "localhost",
        "PGPORT": "5433",
        "PGUSER": "me",
        "PGPASSWORD": "s3cret",
        "PGDATABASE": "postgres",
        "PGSSLMODE": "require",
    }


def test_what_is_percent_encoded_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = given(monkeypatch, "postgres://m%40e:a%2Fb%3A%25+c@[::1]/my%20db")
    assert (seen["PGUSER"], seen["PGPASSWORD"]) == ("m@e", "a/b:%+c")
    assert (seen["PGHOST"], seen["PGPORT"], seen["PGDATABASE"]) == ("::1", "5432", "my db")


def test_its_tls_goes_before_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = given(monkeypatch, f"{GOOD}?sslmode=verify-full&sslrootcert=%2Fa%20b+c.pem")
    assert (seen["PGSSLMODE"], seen["PGSSLROOTCERT"]) == ("verify-full", "/a b+c.pem")


def test_what_it_may_not_ask_for_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="asks for host, options; it may ask for sslmode and ssl"):
        given(monkeypatch, f"{GOOD}?options=-c%20x&sslmode=require&host=elsewhere")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "mysql://me:s3cret@localhost/postgres",
        "postgresql://me:s3cret@localhost:abc/postgres",
        "postgresql://me:s3cret@localhost:99999999/postgres",
        "postgresql://me:s3cret@[::1/postgres",
        "postgresql://me:s3/cret@localhost/postgres",
        "postgresql://me:s3?cret@localhost/postgres",
        "postgresql://me:s3#cret@localhost/postgres",
        "postgresql://me:s3cret@localhost/post#gres",
        "postgresql://me:s3cret%00@localhost/postgres",
        "postgresql://localhost/postgres",
        f"{GOOD}?sslmode",
    ],
)
def test_one_that_is_none_is_one_message_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, uri: str
) -> None:
    monkeypatch.setenv(drill_servers.URI, uri)
    assert main(["restore-drill", "--dump", str(tmp_path / "a.dump")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: --dump needs {drill_servers.URI}, such as postgresql://")
    assert said.count("\n") == 1
    assert "s3" not in said


@pytest.mark.parametrize("dump", ["", ".", "/", "a.json"])
def test_what_names_no_dump_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], dump: str
) -> None:
    monkeypatch.setenv(drill_servers.URI, GOOD)
    assert main(["restore-drill", "--dump", dump]) == 1
    assert "is no dump: name the file NAME.dump" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        subprocess.CalledProcessError(1, ["openssl"]),
        FileNotFoundError(2, "No such file or directory", "openssl"),
        LiveError("initdb failed"),
    ],
)
def test_a_throw_away_server_that_does_not_start_says_why_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    def fails(_: postgres.Postgres) -> None:
        raise error

    monkeypatch.setattr(drill_servers, "HOMES", tmp_path)
    monkeypatch.setattr(postgres.Postgres, "prepare", fails)
    with (
        pytest.raises(DrillError, match="no throw-away database could be started: ") as told,
        drill_servers.throw_away(),
    ):
        pass
    assert str(error) in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_where_no_server_can_be_kept_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(drill_servers, "HOMES", tmp_path / "nowhere")
    with (
        pytest.raises(DrillError, match="no throw-away database could be started"),
        drill_servers.throw_away(),
    ):
        pass
