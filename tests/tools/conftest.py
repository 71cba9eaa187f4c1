"""A stand-in for Go, for an official pulumi, and for a machine that has neither."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.setup.common import ROOT

FAKE_GO = """#!/bin/sh
# Does what set-up asks of Go. The first build waits half-way if a test holds it there.
echo "$1" >> "$FAKE_GO_LOG"
case "$*" in
list*" -m "*)
    echo "$FAKE_GO_SDK" ;;
list*)
    echo 'go: downloading example.com/a v1.0.0' >&2
    printf 'a\\nb\\nc\\n' ;;
build*)
    for last; do case "$previous" in -o) product=$last ;; esac; previous=$last; done
    echo a >&2; echo b >&2
    : > "$product/pulumi"
    if [ -n "$FAKE_GO_HALF" ] && [ ! -e "$HOME/held" ]; then
        : > "$HOME/held"; echo half > "$FAKE_GO_HALF"; read -r _ < "$FAKE_GO_GO_ON"
    fi
    if [ -n "$FAKE_GO_FAIL" ]; then echo "main.go:1:1: no such thing" >&2; exit 1; fi
    : > "$product/pulumi-language-python" ;;
esac
"""


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A home directory and a PATH of a test's own."""

    programs: Path
    home: Path
    extra: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.programs),
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "FAKE_GO_LOG": str(self.home / "go.log"),
            "FAKE_GO_SDK": str(self.home / "sdk"),
            **self.extra,
        }

    @property
    def engines(self) -> Path:
        return self.home / "cache" / "letta-cloud" / "engine"

    def has(self, name: str, script: str) -> Path:
        """Put a program on the machine's PATH."""
        program = self.programs / name
        program.write_text(script)
        program.chmod(0o755)
        return program

    def has_go(self, **settings: str) -> None:
        """Put the fake Go on PATH; `/bin/sh` is named in full, so PATH holds nothing else."""
        self.has("go", FAKE_GO)
        self.extra.update(settings)

    def go_commands(self) -> list[str]:
        return (self.home / "go.log").read_text().split()

    def has_pulumi(self, version: str, *, host: bool = True) -> Path:
        """Put an official release on PATH."""
        if host:
            self.has("pulumi-language-python", "#!/bin/sh\n")
        return self.has("pulumi", f"#!/bin/sh\necho '{version}'\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A test run in the background would hand down that interrupts are ignored.
            preexec_fn=_hear_interrupts,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing on its PATH."""
    programs, home = tmp_path / "bin", tmp_path / "home"
    programs.mkdir()
    starter = home / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
    starter.parent.mkdir(parents=True)
    starter.write_text("# starter\n")
    return Machine(programs=programs, home=home, extra={})


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The same machine for code that runs in this process."""
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    return machine
