"""The script that starts the server, run on a stand-in for Letta's command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.letta.environment import SERVER_PASSWORD
from components.letta.server import START

LETTA = f"""
import os, sys

def app(prog_name):
    password = os.environ.get({SERVER_PASSWORD!r})
    print(f"Using secure mode with password: {{password}}")
    print("warning", 7, sep=": ", file=sys.stderr)
    print(prog_name, *sys.argv[1:])
    sys.exit(3)
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    package = tmp_path / "letta"
    package.mkdir()
    (package / "main.py").write_text(LETTA, encoding="utf-8")
    return tmp_path


def started(image: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *START[1:], "--port", "8283"]
    environment = {"PYTHONPATH": str(image), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_password_is_not_in_the_log(image: Path) -> None:
    done = started(image, LETTA_SERVER_PASSWORD="hunter2")
    assert "hunter2" not in done.stdout + done.stderr
    assert "with password: [LETTA_SERVER_PASSWORD]" in done.stdout


def test_all_else_is_as_the_command_has_it(image: Path) -> None:
    done = started(image, LETTA_SERVER_PASSWORD="hunter2")
    assert done.stdout.splitlines()[-1] == "letta server --port 8283"
    assert done.stderr == "warning: 7\n"
    assert done.returncode == 3


@pytest.mark.parametrize("variables", [{}, {"LETTA_SERVER_PASSWORD": ""}])
def test_without_a_password_nothing_is_replaced(image: Path, variables: dict[str, str]) -> None:
    done = started(image, **variables)
    assert done.stdout.splitlines()[-1] == "letta server --port 8283"
