"""The script that dumps, with programs in the place of PostgreSQL's; `tests/live/test_backup.py`
runs it with those."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.args import DumpArgs
from components.letta import dump

PASSWORD = "s3cretPassw0rd"
CONTENTS = '{"taken_at" : "2026-11-23T03:17:05Z", "rows" : {"agents" : 1}}'
FINISHED = "the dump"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A run of the script."""

    status: int
    folder: Path
    seen: dict[str, str]
    """What psql was given: its variables, and its words under the empty name."""


def ran(tmp_path: Path, *, psql_status: int = 0, restore_status: int = 0) -> Ran:
    programs, folder = tmp_path / "bin", tmp_path / "scratch"
    programs.mkdir()
    folder.mkdir()
    seen = tmp_path / "seen"
    _program(
        programs / "psql",
        f'cat >/dev/null; env -0 >"{seen}"; printf "=%s\\0" "$*" >>"{seen}"\n'
        f"printf '%s' '{FINISHED}' >finished; printf '%s\\n' '{CONTENTS}'; exit {psql_status}",
    )
    _program(programs / "pg_restore", f"exit {restore_status}")
    args = DumpArgs(every_hours=6)
    status = subprocess.run(
        dump.dump_command(),
        env={
            **dump.dump_environment(args),
            "DUMP_SCRATCH": str(folder),
            "LETTA_PG_URI": f"postgresql://letta:{PASSWORD}@db.example.com:5433/agents",
            "PATH": f"{programs}:{os.environ['PATH']}",
        },
        check=False,
        capture_output=True,
    ).returncode
    entries = (entry.partition("=") for entry in seen.read_text().split("\0") if entry)
    return Ran(status=status, folder=folder, seen={name: value for name, _, value in entries})


def _program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o700)


def test_the_uri_reaches_the_client_part_by_part_and_in_no_command_line(tmp_path: Path) -> None:
    seen = ran(tmp_path).seen
    assert {name: seen[name] for name in seen if name.startswith("PG")} == {
        "PGUSER": "letta",
        "PGPASSWORD": PASSWORD,
        "PGHOST": "db.example.com",
        "PGPORT": "5433",
        "PGDATABASE": "agents",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "30",
        "PGAPPNAME": "letta-dump",
    }
    assert PASSWORD not in seen[""]
    assert "LETTA_PG_URI" not in seen
    assert seen["DUMP_SECONDS"] == str(3 * 3600)


def test_a_dump_and_its_manifest_are_named_by_their_time(tmp_path: Path) -> None:
    run = ran(tmp_path)
    assert run.status == 0
    assert sorted(file.name for file in run.folder.iterdir()) == [
        "20261123T031705Z.dump",
        "20261123T031705Z.json",
    ]
    manifest = json.loads((run.folder / "20261123T031705Z.json").read_text())
    assert manifest == {
        "sha256": hashlib.sha256(FINISHED.encode()).hexdigest(),
        "bytes": len(FINISHED),
        "contents": json.loads(CONTENTS),
    }


@pytest.mark.parametrize("failing", [{"psql_status": 3}, {"restore_status": 1}])
def test_what_cannot_be_dumped_or_read_again_is_not_handed_on(
    tmp_path: Path, failing: dict[str, int]
) -> None:
    run = ran(tmp_path, **failing)
    assert run.status != 0
    assert list(run.folder.glob("*.json")) == list(run.folder.glob("*.dump")) == []


@pytest.mark.parametrize("hanging", ["psql", "pg_restore"])
def test_a_step_that_hangs_is_ended_in_time(tmp_path: Path, hanging: str) -> None:
    programs, folder = tmp_path / "bin", tmp_path / "scratch"
    programs.mkdir()
    folder.mkdir()
    _program(programs / "psql", f"cat >/dev/null; touch finished; echo '{CONTENTS}'")
    _program(programs / hanging, "exec sleep 600")
    done = subprocess.run(
        dump.dump_command(),
        env={
            "DUMP_SECONDS": "1",
            "DUMP_SCRATCH": str(folder),
            "LETTA_PG_URI": f"postgresql://letta:{PASSWORD}@db.example.com:5433/agents",
            "PATH": f"{programs}:{os.environ['PATH']}",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("no dump (within 1 s)\n")
    assert list(folder.glob("*.json")) == list(folder.glob("*.dump")) == []


def test_the_dump_is_uploaded_before_its_manifest(tmp_path: Path) -> None:
    for name in ("b.json", "b.dump"):
        (tmp_path / name).touch()
    shell, flag, script = dump.upload_command('echo "$file"')
    found = subprocess.run(
        [shell, flag, script.replace(dump.SCRATCH, str(tmp_path))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines() == [
        f"{tmp_path}/b.dump",
        f"{tmp_path}/b.json",
        f"{dump.STORED}: b.json",
    ]


def test_an_upload_that_fails_says_nothing_of_a_stored_dump(tmp_path: Path) -> None:
    (tmp_path / "b.dump").touch()
    shell, flag, script = dump.upload_command("false")
    found = subprocess.run(
        [shell, flag, script.replace(dump.SCRATCH, str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode != 0
    assert dump.STORED not in found.stdout


def test_dumps_are_evenly_spread_over_the_day() -> None:
    assert DumpArgs(at="22:05", every_hours=8).starts == ("06:05", "14:05", "22:05")
    assert DumpArgs().starts == ("03:17",)


def test_a_run_may_take_half_of_the_time_until_the_next() -> None:
    args = DumpArgs(every_hours=4)
    assert (args.longest_seconds, args.max_age_hours) == (7200, 6)


def test_an_interval_that_does_not_divide_the_day_is_refused() -> None:
    with pytest.raises(ValidationError, match="every_hours"):
        DumpArgs.model_validate({"every_hours": 5})


def test_there_is_a_client_for_every_version_of_the_database() -> None:
    for version, image in dump.IMAGES.items():
        assert image.startswith(f"postgres:{version}.")
