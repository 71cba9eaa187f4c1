"""What a drill says before it needs a database: no dump, a bad one, no server."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import drill_servers, restore_drill
from cli.__main__ import main
from cli.drill import DrillError, Manifest, Server, drill, newest
from cli.live_process import Live
from cli.state import State
from components.letta.dump import FOLDER, SCHEMA_HEAD
from sandbox.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOWHERE = Server(programs=Path("/nonexistent"), environment={})


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A dump as its script leaves it, an hour old."""
    file = tmp_path / "20261123T110000Z.dump"
    file.write_bytes(b"the dump")
    _describe(file)
    return file


def _describe(file: Path, **changes: Any) -> None:  # noqa: ANN401 - any JSON
    contents = {
        "taken_at": (NOW - timedelta(hours=1)).isoformat(),
        "schema_head": SCHEMA_HEAD,
        "rows": {"agents": 1},
        **changes,
    }
    content = file.read_bytes()
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "contents": contents,
    }
    file.with_suffix(".json").write_text(json.dumps(manifest), encoding="utf-8")


def _reason(file: Path) -> str:
    with pytest.raises(DrillError) as caught:
        drill(file, NOWHERE, max_age_hours=2, now=NOW)
    return str(caught.value)


def test_a_good_file_gets_as_far_as_the_database(dump: Path) -> None:
    assert _reason(dump) == "there is no psql: install the client programs of PostgreSQL"


def test_a_changed_byte_is_found(dump: Path) -> None:
    dump.write_bytes(b"the dumb")
    assert "is corrupted: its SHA-256" in _reason(dump)


def test_a_missing_end_is_found(dump: Path) -> None:
    dump.write_bytes(b"the")
    assert "has 3 bytes, and had 8" in _reason(dump)


def test_a_dump_of_another_schema_is_found(dump: Path) -> None:
    _describe(dump, schema_head="0123456789ab")
    assert f"has the schema 0123456789ab, and the servers need {SCHEMA_HEAD}" in _reason(dump)


def test_an_old_dump_is_found(dump: Path) -> None:
    _describe(dump, taken_at=(NOW - timedelta(hours=3)).isoformat())
    assert "is 3.0 hours old, and the stack promises 2" in _reason(dump)


def test_a_dump_of_the_future_is_found(dump: Path) -> None:
    _describe(dump, taken_at=(NOW + timedelta(hours=3)).isoformat())
    assert "was taken 3.0 hours from now, at 2026-11-23 15:00:00+00:00: the clock" in _reason(dump)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": {'agents"; DROP DATABASE letta; --': 1}},
        {"rows": ["agents"]},
        {"taken_at": "yesterday"},
        {"rows": {"agents": "many"}},
        {"rows": {}},
        {"rows": {"agents": True}},
        {"rows": {"agents": -1}},
        {"rows": {"agents": float("inf")}},
        {"taken_at": "2026-11-23T11:00:00"},
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    dump: Path, changes: dict[str, Any]
) -> None:
    _describe(dump, **changes)
    with pytest.raises(DrillError, match="is no manifest of a dump"):
        Manifest.read(dump.with_suffix(".json"))


@pytest.mark.parametrize("bytes_", ["Infinity", "NaN", "1e400", '"8"', "null"])
def test_a_number_of_bytes_that_is_none_is_refused(dump: Path, bytes_: str) -> None:
    manifest = dump.with_suffix(".json")
    manifest.write_text(manifest.read_text().replace('"bytes": 8', f'"bytes": {bytes_}'))
    assert "is no number of bytes or rows" in _reason(dump)


@pytest.mark.parametrize("suffix", [".json", ".dump"])
def test_a_folder_in_the_place_of_a_file_is_told(dump: Path, suffix: str) -> None:
    file = dump.with_suffix(suffix)
    file.unlink()
    file.mkdir()
    assert _reason(dump) == f"{file.name} cannot be read: Is a directory"


def test_a_dump_that_is_not_there_is_told(dump: Path) -> None:
    dump.unlink()
    assert "is missing, and its manifest is there" in _reason(dump)


def test_the_newest_is_the_last_whose_upload_ended(dump: Path) -> None:
    dump.with_name("20261122T110000Z.json").touch()
    dump.with_name("20261124T110000Z.dump").touch()
    assert newest(dump.parent) == dump


def test_a_folder_without_dumps_is_told(tmp_path: Path) -> None:
    with pytest.raises(DrillError, match="no scheduled run has succeeded yet"):
        newest(tmp_path)


def _deployed(state: State, kind: str, name: str, **outputs: Any) -> None:  # noqa: ANN401 - any JSON
    """An object of medium in the sandbox."""
    store = Store(state.sandbox_objects)
    store.insert(
        type_token=f"aws:{kind}",
        region="us-east-1",
        object_id=name,
        urn=f"urn:pulumi:medium::letta::aws:{kind}::{name}",
        name_scope=None,
        inputs={},
        outputs=outputs,
        seed="",
        created="2026-11-23",
        edges=[],
    )
    store.close()


def _with_dumps(state: State) -> Live:
    """Medium, whose task on schedule is told of its bucket `own`, not of the bucket for logs."""
    for name in ("logs", "own"):
        _deployed(state, "s3/bucket:Bucket", name, bucket=name)
    told = {"name": "DUMP_BUCKET", "value": "own"}
    container = {"name": "upload", "image": "amazon/aws-cli:2.37.5", "environment": [told]}
    _deployed(
        state,
        "ecs/taskDefinition:TaskDefinition",
        "task",
        arn="arn:task",
        containerDefinitions=json.dumps([container]),
    )
    target = {"ecsParameters": {"taskDefinitionArn": "arn:task"}}
    _deployed(state, "scheduler/schedule:Schedule", "dump", target=target)
    return Live(state=state, stack="medium")


@pytest.mark.parametrize("other", ["aaa-gone", "logs", "zzz-gone"])
def test_the_dumps_are_those_of_the_bucket_that_the_stack_dumps_to_now(
    state: State, other: str
) -> None:
    running = _with_dumps(state)
    (running.buckets / other / FOLDER).mkdir(parents=True)
    with pytest.raises(DrillError, match="there is no dump in the stack's bucket own yet"):
        restore_drill._folder(running)
    own = running.buckets / "own" / FOLDER
    own.mkdir(parents=True)
    assert restore_drill._folder(running) == own


def test_in_a_bucket_that_is_shared_the_folder_is_the_one_that_was_dumped_to_last(
    state: State,
) -> None:
    running = _with_dumps(state)
    for number, name in enumerate(("letta", "before")):
        folder = running.buckets / "own" / name / FOLDER
        folder.mkdir(parents=True)
        os.utime(folder, (1_000_000 - number, 1_000_000 - number))
    assert restore_drill._folder(running) == running.buckets / "own" / "letta" / FOLDER


def test_a_stack_that_dumps_to_no_bucket_is_told(state: State) -> None:
    _deployed(state, "s3/bucket:Bucket", "own", bucket="own")
    running = Live(state=state, stack="medium")
    (running.buckets / "own" / FOLDER).mkdir(parents=True)
    with pytest.raises(DrillError, match="dumps to one bucket, and here are 0; `letta-cloud up"):
        restore_drill._folder(running)


def test_a_dump_by_hand_needs_a_server(
    dump: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(drill_servers.URI, raising=False)
    assert main(["restore-drill", "--dump", str(dump)]) == 1
    assert f"error: --dump needs {drill_servers.URI}" in capsys.readouterr().err


def test_a_dump_by_hand_that_fails_says_so_and_no_password(
    dump: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(drill_servers.URI, "postgresql://me:s3cret@localhost:1/postgres")
    dump.with_suffix(".json").unlink()
    assert main(["restore-drill", "--dump", str(dump)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: the restore drill failed: ")
    assert "is missing: without it" in said
    assert "s3cret" not in said


def test_a_stack_that_does_not_run_is_told_how_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["restore-drill"]) == 1
    assert "letta-cloud up --stack medium --live" in capsys.readouterr().err
