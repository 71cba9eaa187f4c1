"""The engine's command line, run for this checkout's sandbox."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from cli import recovery, sandbox_process, stacks
from cli.sandbox_process import Sandbox
from cli.state import State, without_passphrase
from infra import checkout
from tools.setup import engine
from tools.setup.common import ROOT, UserError, exclusive

VENV_PROGRAMS = ROOT / ".venv" / "bin"
POLICY_PACK = ROOT / "policies"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One stack of this checkout, ready for `pulumi`: engine found, sandbox up, stack made."""

    state: State
    stack: str
    engine: Path
    sandbox: Sandbox

    @classmethod
    def open(cls, stack: str) -> Session:
        """Make ready what is not. Raises `UserError` if there is no engine."""
        state = State.of_checkout()
        directory = engine.find()
        if directory is None:
            raise UserError("the Pulumi engine is not set up yet; `make setup` builds it")
        session = cls(
            state=state,
            stack=stack,
            engine=directory,
            sandbox=sandbox_process.ensure_running(state),
        )
        with exclusive(state.lock, "making the stack"):
            if not state.checkpoint(project_name(), stack).exists():
                session._make_stack()
            state.write_private(state.programs / "pulumi", session._shim(), executable=True)
        stacks.refresh_copy(state, checkout.file(stack))
        recovery.clear_remains(state, project_name(), stack)
        return session

    def run(self, *arguments: str) -> str:
        """What `pulumi` prints that is run on the stack beside another command.

        Raises `UserError` if it fails.
        """
        words = [
            str(self.engine / "pulumi"),
            *arguments,
            "--stack",
            self.stack,
            "--non-interactive",
        ]
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = f"{done.stdout}\n{done.stderr}".strip()
            raise UserError(f"`pulumi {' '.join(arguments)}` failed:\n{said}")
        return done.stdout

    def call(self, *arguments: str) -> int:
        """Run `pulumi` on the stack with its output, and return its exit status.

        It hears of an interrupt itself, puts its things away, and only then this goes on.
        """
        words = [str(self.engine / "pulumi"), *arguments, "--stack", self.stack]
        with subprocess.Popen(words, cwd=ROOT, env=self._environment()) as process:
            # A terminal's interrupt reaches both; another's word is passed on.
            handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
                signal.SIGINT: lambda _number, _frame: None,
                signal.SIGTERM: lambda _number, _frame: process.send_signal(signal.SIGINT),
            }
            before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
            try:
                return process.wait()
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)

    def outputs(self) -> dict[str, Any]:
        """What the stack says of itself, secrets in clear. Raises `UserError`."""
        found: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--show-secrets"))
        return found

    def become(self, *arguments: str) -> NoReturn:
        """Let `pulumi` take this process over, for the stack, with its output and exit status.

        No process of ours stands above it that an interrupt could end before the engine is done.
        """
        os.chdir(ROOT)
        program = self.engine / "pulumi"
        words = ["pulumi", *arguments, "--stack", self.stack]
        os.execve(program, words, self._environment())

    def exports(self) -> dict[str, str]:
        """The variables under which plain `pulumi` works on the stack in the project's root."""
        # Where the state is must be the same for the commands that follow.
        where = {k: v for k, v in os.environ.items() if k == "XDG_STATE_HOME"}
        return {
            **where,
            "PATH": self._path(),
            "PULUMI_BACKEND_URL": self.state.backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.state.passphrase_file),
            "PULUMI_DEBUG_PROVIDERS": self.sandbox.debug_providers,
            # The engine would try to download each provider before it attaches to ours.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(self.state.pulumi_home),
            "PULUMI_OPTION_CONFIG_FILE": str(stacks.copy_of(self.state, checkout.file(self.stack))),
            "PULUMI_OPTION_POLICY_PACK": str(POLICY_PACK),
            # `pulumi stack rm` would delete the committed stack file.
            "PULUMI_OPTION_PRESERVE_CONFIG": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_STACK": self.stack,
        }

    def shell_exports(self) -> str:
        """The variables as lines for a shell to read."""
        lines = (f"export {name}={shlex.quote(value)}" for name, value in self.exports().items())
        return "\n".join(lines)

    def _environment(self) -> dict[str, str]:
        return without_passphrase({**os.environ, **self.exports()})

    def _path(self) -> str:
        """The caller's PATH with this project's programs first, however often that was done."""
        own = [self.state.programs, VENV_PROGRAMS]
        callers = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)]
        if self.engine not in callers:
            own.append(self.engine)
        return os.pathsep.join(map(str, [*own, *(entry for entry in callers if entry not in own)]))

    def _make_stack(self) -> None:
        """Make the stack, in a folder of its own: `stack init` writes into the stack file."""
        with tempfile.TemporaryDirectory(dir=self.state.directory) as folder:
            project = Path(folder, "Pulumi.yaml")
            project.write_bytes((ROOT / "Pulumi.yaml").read_bytes())
            made = subprocess.run(
                [self.engine / "pulumi", "stack", "init", self.stack, "--cwd", folder],
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode != 0:
                raise UserError(f"`pulumi stack init {self.stack}` failed:\n{made.stderr.strip()}")
            text = Path(folder, f"Pulumi.{self.stack}.yaml").read_text(encoding="utf-8")
        salt = re.search(r"^encryptionsalt: (\S+)$", text, re.MULTILINE)
        if salt and not self.state.salt():
            self.state.write_private(self.state.salt_file, salt[1].encode())

    def _shim(self) -> bytes:
        """The `pulumi` that stands before the engine on PATH; see `cli/shim.py`."""
        code = "import sys; sys.path.insert(0, sys.argv[1]); from cli.shim import main; main()"
        # Isolated and without site-packages: it starts in a fraction of the engine's own time.
        python = [VENV_PROGRAMS / "python", "-I", "-S", "-c", code, ROOT, self.engine / "pulumi"]
        return f'#!/bin/sh\nexec {shlex.join(map(str, python))} "$@"\n'.encode()


def project_name() -> str:
    """The `name` in Pulumi.yaml."""
    text = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    name = re.search(r"^name: (\S+)$", text, re.MULTILINE)
    if name is None:
        raise UserError("Pulumi.yaml has no `name`")
    return name[1]
