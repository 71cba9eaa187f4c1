"""The real engine against a sandbox of its own, as a user's shell after `make env` has it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra import checkout

ROOT = Path(__file__).parents[2]
LETTA_CLOUD = ROOT / ".venv" / "bin" / "letta-cloud"


@dataclass(frozen=True)
class Result:
    """How a command ended, and all it printed."""

    status: int
    output: str

    def __bool__(self) -> bool:
        return self.status == 0


@dataclass(frozen=True)
class Shell:
    """A shell in the project's root in which plain `pulumi` works on one stack."""

    stack: str
    environment: dict[str, str]

    @classmethod
    def open(cls, stack: str, state_home: Path) -> Shell:
        """`eval "$(letta-cloud env --stack STACK)"` with a state of its own."""
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            "XDG_STATE_HOME": str(state_home),
        }
        printed = subprocess.run(
            [LETTA_CLOUD, "env", "--stack", stack],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in printed.splitlines():
            keyword, assignment = shlex.split(line)
            assert keyword == "export"
            name, _, value = assignment.partition("=")
            environment[name] = value
        return cls(stack, environment)

    def run(self, *command: str | Path) -> Result:
        """Run a command, output and errors together."""
        done = subprocess.run(
            [*map(str, command)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout)

    def pulumi(self, *arguments: str | Path) -> Result:
        """Run plain `pulumi` on the stack."""
        return self.run("pulumi", *arguments, "--stack", self.stack, "--non-interactive")

    def letta_cloud(self, *arguments: str) -> Result:
        """Run `letta-cloud`."""
        return self.run("letta-cloud", *arguments)

    def preview_with(self, folder: Path, overrides: dict[str, Any]) -> Result:
        """Preview the stack with values of its file replaced, merged one level deep."""
        return self.pulumi("preview", "--config-file", self.variant(folder, overrides))

    def variant(self, folder: Path, overrides: dict[str, Any], *, merged: bool = True) -> Path:
        """A stack file like the committed one, with values replaced; `merged`: one level deep."""
        text = checkout.file(self.stack).read_text(encoding="utf-8")
        config = yaml.safe_load(text)["config"]
        for key, value in overrides.items():
            name = f"letta:{key}"
            old = config.get(name)
            both = merged and isinstance(value, dict) and isinstance(old, dict)
            config[name] = {**old, **value} if both else value
            if value is None:
                del config[name]
        path = folder / f"Pulumi.{self.stack}.yaml"
        path.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        return path

    def objects(self) -> int:
        """Objects that the sandbox holds."""
        done = subprocess.run(
            [LETTA_CLOUD, "sandbox", "status", "--json"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        count: int = json.loads(done.stdout)["objects"]
        return count

    def close(self) -> None:
        """Stop the sandbox."""
        self.letta_cloud("sandbox", "stop")
