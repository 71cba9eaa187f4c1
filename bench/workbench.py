"""The real engine with a sandbox of its own, for as long as a part of the benchmark takes."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.processes import Command
from cli import sandbox_process, stacks
from cli.pulumi import Session
from cli.shim import CONFIG_FILE_VARIABLE
from cli.state import State
from infra import checkout
from infra.settings import NAMESPACE
from sandbox.__main__ import LATENCY_VARIABLE
from tools.setup.common import ROOT

PACK_VARIABLE = "PULUMI_OPTION_POLICY_PACK"

PROGRAM = """name: letta
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: {virtualenv}
"""
"""Pulumi.yaml of a program outside the project's folder; the name makes the stacks the same."""


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """An engine whose stacks, state and simulated cloud nobody else uses."""

    folder: Path
    """For programs that are made; goes away with the workbench."""

    def pulumi(
        self,
        stack: str,
        *words: str,
        program: Path = ROOT,
        pack: bool = False,
        stack_file: Path | None = None,
    ) -> Command:
        """A `pulumi` command on a stack, with the policy pack or without.

        `program` is the folder of its Pulumi.yaml; `stack_file` stands in for the committed one.
        """
        session = Session.open(stack)
        environment = {**os.environ, **session.exports()}
        if not pack:
            del environment[PACK_VARIABLE]
        if stack_file is not None:
            environment[CONFIG_FILE_VARIABLE] = str(stacks.refresh_copy(session.state, stack_file))
        return Command(
            # The engine itself: on PATH stands the project's shim before it.
            words=[session.engine / "pulumi", *words, "--stack", stack, "--non-interactive"],
            cwd=program,
            environment=environment,
        )

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """The resources of a stack's state."""
        exported = json.loads(self.pulumi(stack, "stack", "export").output())
        found: list[dict[str, Any]] = exported["deployment"]["resources"]
        return found

    def stack_file(self, stack: str, values: Mapping[str, Any]) -> Path:
        """A stack file like the committed one, with `letta:` values added."""
        written = yaml.safe_load(checkout.file(stack).read_text(encoding="utf-8"))
        written["config"] |= {f"{NAMESPACE}:{key}": value for key, value in values.items()}
        file = self.folder / f"Pulumi.{stack}.yaml"
        file.write_text(yaml.safe_dump(written), encoding="utf-8")
        return file

    def program(self, name: str, files: Mapping[str, str]) -> Path:
        """Make a program of its own; returns its folder."""
        folder = self.folder / name
        folder.mkdir()
        text = PROGRAM.format(virtualenv=ROOT / ".venv")
        for file, content in {"Pulumi.yaml": text, **files}.items():
            (folder / file).write_text(content, encoding="utf-8")
        return folder


@contextlib.contextmanager
def workbench(*, latency_scale: float = 0.0) -> Iterator[Workbench]:
    """Set one up: `latency_scale` is what the simulated cloud's latencies are multiplied by."""
    with tempfile.TemporaryDirectory(prefix="letta-bench-") as folder:
        variables = {"XDG_STATE_HOME": folder, LATENCY_VARIABLE: str(latency_scale)}
        with _environment(variables):
            try:
                yield Workbench(folder=Path(folder))
            finally:
                sandbox_process.stop(State.of_checkout())


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's environment with variables set, and those of another workbench left out."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
