"""A state folder of a test's own, and a stand-in for the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import sandbox_process
from cli.state import State
from tools.setup import engine
from tools.setup.common import ROOT

SALT = "v1:c2FsdA==:v1:bm9uY2U=:Y2lwaGVy"

FAKE_PULUMI = """#!/bin/sh
# Answers as the engine does where `letta-cloud` looks, and records what else it is asked.
case "$1 $2" in
"version ") echo 'v{version}'; exit ;;
"stack init")
    printf 'encryptionsalt: {salt}\\n' > "$5/Pulumi.$3.yaml"
    exit ;;
esac
echo "$@" >> "$HOME/pulumi.log"
env > "$HOME/pulumi.env"
exit "${{FAKE_PULUMI_STATUS:-0}}"
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state folder with a stack made in it."""
    state = State(directory=tmp_path / "state")
    state.directory.mkdir()
    state.prepare()
    state.write_private(state.salt_file, SALT.encode())
    return state


@dataclass(frozen=True, kw_only=True)
class Home:
    """A user's machine with an official pulumi, for running `letta-cloud` as a user does."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.directory),
            "PATH": f"{self.directory / 'bin'}{os.pathsep}{os.defpath}",
            "XDG_STATE_HOME": str(self.directory / "state's home"),
            "XDG_CACHE_HOME": str(self.directory / "cache"),
        }

    @property
    def state(self) -> State:
        (folder,) = (self.directory / "state's home" / "letta-cloud").iterdir()
        return State(directory=folder)

    def letta_cloud(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def pulumi_calls(self) -> list[str]:
        """What the engine was asked to do to a stack, in order."""
        log = self.directory / "pulumi.log"
        return log.read_text().splitlines() if log.exists() else []

    def pulumi_environment(self) -> dict[str, str]:
        """The variables that the engine saw at the last of these calls."""
        lines = (self.directory / "pulumi.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home directory whose sandbox is stopped in the end."""
    home = Home(directory=tmp_path / "home")
    programs = home.directory / "bin"
    programs.mkdir(parents=True)
    script = FAKE_PULUMI.format(version=engine.dotted(engine.sdk_version()), salt=SALT)
    for name in ("pulumi", "pulumi-language-python"):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    yield home
    if (home.directory / "state's home").exists():
        sandbox_process.stop(home.state)
