"""A reader that goes away, as `head` does, is no mistake; a place that takes nothing is told."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize(
    "words", [["cost"], ["cost", "--json"], ["cost", "--markdown"], ["sandbox", "status", "--json"]]
)
def test_a_full_disk_is_told_in_one_line(home: Home, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env=home.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == f"error: cannot write any more: {os.strerror(errno.ENOSPC)}\n"
    assert done.returncode == 1


@pytest.mark.parametrize("words", [["cost"], ["cost", "--json"], ["cost", "--markdown"]])
def test_a_closed_output_is_told_in_one_line(home: Home, words: list[str]) -> None:
    done = without(1, home, words)
    assert done.stderr == "error: there is nowhere to print to: the standard output is closed\n"
    assert done.returncode == 1


def test_a_message_does_not_go_to_the_output_where_there_is_no_other_place(home: Home) -> None:
    done = without(2, home, ["cost", "--stack", "nosuch"])
    assert (done.stdout, done.returncode) == ("", 1)


def without(descriptor: int, home: Home, words: list[str]) -> subprocess.CompletedProcess[str]:
    """What comes of a command that is started with an output closed, as a shell's `>&-` does."""
    line = shlex.join([sys.executable, "-m", "cli", *words])
    return subprocess.run(
        ["sh", "-c", f"{line} {descriptor}>&-"],
        cwd=ROOT,
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
    )
