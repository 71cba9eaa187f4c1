"""Runs containers of the server's image as processes, in an environment made from its wheel.

What a container gets, a process gets: the definition's command and variables, nothing of the
caller's, an empty folder for each volume, an address of its own. What is not done: limits of CPU
and memory, the read-only root, dropped capabilities.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.live import make_schema, processes
from sandbox.live.processes import Handle
from sandbox.live.spec import OWN_ADDRESSES, Addresses, Health, LiveError, Process

IMAGE = "letta/letta:0.16.4"
IMAGE_DIRECTORY = "app"
"""The image's own work directory, and what stands for it here."""
TEMPORARY = "/tmp"  # noqa: S108 - a mount point in the container


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container's place on this machine."""

    name: str
    process: Process
    address: str
    folder: Path
    """All that it writes."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container that was started."""

    container: Container
    handle: Handle

    @property
    def targets(self) -> tuple[tuple[str, int], ...]:
        """Where it listens."""
        return tuple((self.container.address, port) for port in self.container.process.ports)


class Letta:
    """The environment that stands for the image."""

    def __init__(self, programs: Path, home: Path) -> None:
        """`programs`: of the environment. `home`: where containers get their folders."""
        self._programs = programs
        self.home = home

    def place(self, name: str, process: Process, addresses: Addresses) -> Container:
        """Give a container its folder and its address. Raises LiveError for another image."""
        if process.image != IMAGE and not process.image.endswith(f"/{IMAGE}"):
            raise LiveError(f"{name} wants the image {process.image}; here is {IMAGE} only")
        return Container(
            name=name, process=process, address=addresses.of(name), folder=self.home / name
        )

    def start(self, container: Container, addresses: Addresses) -> Running:
        """Start a container; it is not yet ready."""
        environment = self._environment(container, addresses)
        handle = processes.start(
            container.name,
            self._found(container, container.process.command),
            log=self.log(container),
            directory=self._directory(container),
            environment=environment,
        )
        return Running(container=container, handle=handle)

    def run(self, container: Container, addresses: Addresses, *, seconds: float) -> int:
        """Run a container to its end and give its exit status. Raises LiveError if it is late."""
        environment = self._environment(container, addresses)
        command = self._found(container, container.process.command)
        directory = self._directory(container)
        log = self.log(container)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch(mode=0o600)
        with log.open("a", encoding="utf-8") as stream:
            try:
                return subprocess.run(
                    command,
                    cwd=directory,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    check=False,
                    timeout=seconds,
                ).returncode
            except subprocess.TimeoutExpired:
                raise LiveError(
                    f"{container.name} did not end within {seconds:g} s{processes.said(log)}"
                ) from None

    def wait(self, running: Running, addresses: Addresses) -> float:
        """Wait until the health check says yes; the seconds it took. Raises LiveError."""
        health = running.container.process.health
        if health is None:
            return 0.0
        patience = health.start_seconds + health.interval_seconds * health.retries
        return processes.wait(
            running.handle,
            lambda: self.healthy(running.container, health, addresses),
            seconds=patience,
            purpose="healthy",
        )

    def healthy(self, container: Container, health: Health, addresses: Addresses) -> bool:
        """What the health check says, run as in the container."""
        if not all(processes.listens(f"{container.address}:{p}") for p in container.process.ports):
            # The check's interpreter would cost what the server needs to start.
            return False
        environment = self._environment(container, addresses)
        try:
            status = subprocess.run(
                self._found(container, health.command),
                cwd=self._directory(container),
                env=environment,
                capture_output=True,
                check=False,
                timeout=health.timeout_seconds,
            ).returncode
        except subprocess.TimeoutExpired:
            return False
        return status == 0

    def stop(self, running: Running) -> float:
        """SIGTERM, and SIGKILL after the definition's grace; the seconds it took."""
        return processes.stop(running.handle, grace_seconds=running.container.process.stop_seconds)

    def log(self, container: Container) -> Path:
        """What a container writes to its two outputs. It may hold secrets."""
        return self.home / "logs" / f"{container.name}.log"

    def _folder(self, container: Container, path: str) -> Path | None:
        """Where a path of the container is here, if it is in a volume."""
        for mount, volume in container.process.folders.items():
            if path == mount or path.startswith(f"{mount}/"):
                return container.folder / volume / path[len(mount) :].lstrip("/")
        return None

    def _directory(self, container: Container) -> Path:
        inside = container.process.working_directory
        directory = self._folder(container, inside) if inside else None
        if inside and directory is None:
            raise LiveError(f"{container.name} works in {inside}, which is in no volume")
        directory = directory or container.folder / IMAGE_DIRECTORY
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for volume in container.process.folders.values():
            (container.folder / volume).mkdir(exist_ok=True, mode=0o700)
        return directory

    def _environment(self, container: Container, addresses: Addresses) -> Mapping[str, str]:
        """The definition's variables, with names resolved and paths where they are here."""
        given = container.process.environment
        environment = {
            name: str(self._folder(container, value) or addresses.resolved(value))
            for name, value in given.items()
        }
        environment["PATH"] = f"{self._alembic(container)}:{self._programs}:{processes.PATH}"
        temporary = self._folder(container, TEMPORARY)
        if temporary is not None:
            environment["TMPDIR"] = str(temporary)
        return environment

    def _alembic(self, container: Container) -> Path:
        """A folder of programs with the `alembic` that does without migration scripts."""
        folder = container.folder / "bin"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        program = folder / "alembic"
        if not program.exists():
            # -P: beside the script lie modules with the names of packages that it needs.
            script = f'#!/bin/sh\nexec python -P {shlex.quote(make_schema.__file__)} "$@"\n'
            program.write_text(script, encoding="utf-8")
            program.chmod(0o700)
        return folder

    def _found(self, container: Container, command: Sequence[str]) -> list[str]:
        """The command as it is here: its program by path, the container's own address."""
        words = list(command)
        for own in OWN_ADDRESSES:
            words = [word.replace(own, container.address) for word in words]
        program = self._programs / words[0]
        if not program.exists():
            raise LiveError(f"{container.name} starts {words[0]}, which the image does not have")
        return [str(program), *words[1:]]
