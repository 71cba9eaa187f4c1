"""What uploads dumps and deletes old ones, with a program in the place of the client."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

import pytest

from components import s3
from components.letta import dump

FOLDER = "s3://bucket/stack/database/"
_DAY = datetime.timedelta(days=1)


def _name(age_days: int) -> str:
    taken = datetime.datetime.now(tz=datetime.UTC) - age_days * _DAY
    return f"{taken:%Y%m%dT%H%M%SZ}"


def ran(tmp_path: Path, listed: list[str], *, list_status: int = 0) -> tuple[int, list[str]]:
    """Status of the upload, and what the client was told to do, in order."""
    programs, told = tmp_path / "bin", tmp_path / "told"
    programs.mkdir()
    (tmp_path / "new.dump").touch()
    (tmp_path / "new.json").touch()
    lines = "".join(f"2026-11-23 03:17:05       1234 {name}\n" for name in listed)
    (tmp_path / "listed").write_text(lines)
    client = programs / "aws"
    client.write_text(
        f'#!/bin/sh\necho "$*" >>"{told}"\n'
        f'case $2 in ls) cat "{tmp_path}/listed"; exit {list_status};; esac\n'
    )
    client.chmod(0o700)
    shell, flag, script = s3.upload_command(FOLDER, s3.deletion(FOLDER))
    status = subprocess.run(
        [shell, flag, script.replace(dump.SCRATCH, str(tmp_path))],
        env={"PATH": f"{programs}:{os.environ['PATH']}", dump.KEPT_DAYS: "30"},
        check=False,
        capture_output=True,
    ).returncode
    return status, told.read_text().splitlines()


def test_only_dumps_beyond_their_age_go_and_after_the_new_one_is_there(tmp_path: Path) -> None:
    old, young = _name(32), _name(29)
    foreign = "20200101-notes.txt"
    status, told = ran(
        tmp_path, [f"{old}.dump", f"{old}.json", f"{young}.dump", f"{young}.json", foreign]
    )
    assert status == 0
    assert told[2:] == [
        f"s3 ls {FOLDER}",
        f"s3 rm --only-show-errors {FOLDER}{old}.dump",
        f"s3 rm --only-show-errors {FOLDER}{old}.json",
    ]
    assert [words.split()[-1] for words in told[:2]] == [f"{FOLDER}new.dump", f"{FOLDER}new.json"]


def test_a_folder_that_cannot_be_listed_fails_the_run(tmp_path: Path) -> None:
    status, told = ran(tmp_path, [], list_status=254)
    assert status != 0
    assert told[-1] == f"s3 ls {FOLDER}"


@pytest.mark.parametrize("command", [s3.upload_command(FOLDER)])
def test_nothing_is_deleted_where_the_bucket_ages_by_itself(command: tuple[str, ...]) -> None:
    assert " rm " not in command[-1]
