"""What one checkout keeps outside the repository: Pulumi's state, the sandbox's, a passphrase."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.setup.common import ROOT, UserError, digest, xdg_directory

_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""What the engine lets a stack be called (Pulumi manual, "Stacks")."""


@dataclass(frozen=True, kw_only=True)
class State:
    """The folder of a checkout and the names in it. Only its owner can look inside."""

    directory: Path

    @classmethod
    def of_checkout(cls) -> State:
        """The state of the checkout this code is in, below the XDG state directory."""
        return cls(directory=xdg_directory("XDG_STATE_HOME", ".local/state") / digest(bytes(ROOT)))

    @property
    def lock(self) -> Path:
        """Held while the folder, the sandbox or a stack is being made."""
        return self.directory / "lock"

    @property
    def passphrase_file(self) -> Path:
        """What the engine encrypts secrets with. A file, so that it is in no environment."""
        return self.directory / "passphrase"

    @property
    def backend(self) -> Path:
        """Pulumi's own state: one file per stack."""
        return self.directory / "backend"

    @property
    def pulumi_home(self) -> Path:
        """Keeps this project's Pulumi apart from the user's: plugins, selected stack, login."""
        return self.directory / "home"

    @property
    def programs(self) -> Path:
        """First on PATH after `make env`."""
        return self.directory / "bin"

    @property
    def stack_copies(self) -> Path:
        return self.directory / "stacks"

    @property
    def salt_file(self) -> Path:
        return self.directory / "salt"

    @property
    def sandbox_objects(self) -> Path:
        """The sandbox's SQLite file."""
        return self.directory / "sandbox.sqlite"

    @property
    def sandbox_record(self) -> Path:
        """The running sandbox's process and port, as JSON."""
        return self.directory / "sandbox.json"

    @property
    def sandbox_alive(self) -> Path:
        """Locked by the sandbox's process for as long as it lives."""
        return self.directory / "sandbox.alive"

    @property
    def sandbox_log(self) -> Path:
        return self.directory / "sandbox.log"

    @property
    def live(self) -> Path:
        """A folder for each stack that runs; see `cli/live_process.py`."""
        return self.directory / "live"

    def live_folder(self, stack: str) -> Path:
        """That of one stack. Raises `UserError` for what is no stack's name."""
        return self.live / named(stack)

    @property
    def live_lock(self) -> Path:
        """Held while a stack's live sandbox starts, follows the stack or runs its schedules."""
        return self.directory / "live.lock"

    def checkpoint(self, project: str, stack: str) -> Path:
        """The file in which the engine's local backend keeps a stack.

        Raises `UserError` for what is no stack's name.
        """
        return self.backend / ".pulumi" / "stacks" / project / f"{named(stack)}.json"

    def prepare(self) -> None:
        """Make the folder and the passphrase. To be called under `lock`."""
        self.directory.chmod(0o700)
        for folder in (self.backend, self.pulumi_home, self.programs, self.stack_copies):
            folder.mkdir(exist_ok=True)
        if not self.passphrase_file.exists():
            self.write_private(self.passphrase_file, secrets.token_urlsafe(32).encode())

    def salt(self) -> str:
        """The `encryptionsalt` of this checkout's stacks; empty before the first stack."""
        return self.salt_file.read_text(encoding="utf-8") if self.salt_file.exists() else ""

    def write_private(self, file: Path, content: bytes, *, executable: bool = False) -> None:
        """Put content under a name, whole or not at all, for the owner's eyes only."""
        handle, temporary = tempfile.mkstemp(dir=self.directory)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), 0o700 if executable else 0o600)
        Path(temporary).replace(file)


def named(stack: str) -> str:
    """A stack's name, good for one that a file or a folder has, which may then be removed.

    Raises `UserError` for what is no stack's name, such as a path.
    """
    if not _STACK_NAME.fullmatch(stack) or stack in (os.curdir, os.pardir):
        raise UserError(
            f"{stack!r} is no name of a stack: those are 1 to 100 letters, digits, `_`, `.` and `-`"
        )
    return stack


def without_passphrase(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for the engine, which would prefer this variable to the passphrase's file."""
    return {k: v for k, v in environment.items() if k != "PULUMI_CONFIG_PASSPHRASE"}
