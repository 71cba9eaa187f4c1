"""A reader that goes away, as `head` does, is no mistake of anybody's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import Home
from tools.setup.common import ROOT


@pytest.fixture
def closed() -> int:
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["cost", "--help"],
        ["cost"],
        ["cost", "--json", "--savings", "--break-even"],
        ["cost", "--markdown"],
        ["env", "--stack", "small"],
        ["sandbox", "status"],
        ["sandbox", "status", "--json"],
    ],
)
def test_a_closed_pipe_ends_a_command_quietly_with_the_status_of_its_signal(
    home: Home, closed: int, words: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words],
        cwd=ROOT,
        env=home.environment,
        stdout=closed,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(closed)
    assert done.stderr == ""
    assert done.returncode == 128 + signal.SIGPIPE
