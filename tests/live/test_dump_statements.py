"""What the script that dumps has psql do, run by a real one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cli import drill_servers
from components.letta import dump

pytestmark = pytest.mark.usefixtures("environment")


def test_nothing_is_counted_for_a_dump_that_failed(tmp_path: Path) -> None:
    pg_dump = tmp_path / "pg_dump"
    pg_dump.write_text("#!/bin/sh\nexit 1\n")
    pg_dump.chmod(0o700)
    script = dump.dump_command()[2]
    statements = script.partition("<<'SQL'\n")[2].partition("\nSQL\n")[0]
    assert "pg_dump" in statements
    with drill_servers.throw_away() as server:
        assert server.programs is not None
        done = subprocess.run(
            [server.programs / "psql", "-X", "-q", "-A", "-t", "--set=ON_ERROR_STOP=1"],
            input=f"{statements}\n",
            env={**server.environment, "PATH": f"{tmp_path}:{os.defpath}"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    # A count would fail: there is no Letta in it.
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "pg_dump failed\n")
