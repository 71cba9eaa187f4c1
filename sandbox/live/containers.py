"""Runs containers as processes, by what stands for their images on this machine.

What a container gets, a process gets: the definition's command and variables, nothing of the
caller's, an empty folder for each volume, and an address that it shares with the others of its
task. What is not done: limits of CPU and memory, the read-only root, dropped capabilities.
"""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sandbox.live import ports, processes
from sandbox.live.images import Image, images
from sandbox.live.processes import Handle
from sandbox.live.spec import (
    OWN_ADDRESSES,
    Addresses,
    Connect,
    Health,
    HttpGet,
    LiveError,
    Process,
)

TEMPORARY = "/tmp"  # noqa: S108 - a mount point in the container
TRUSTED = "SSL_CERT_FILE"
"""Variable by which OpenSSL, and so Python, is told whom to trust."""
PREPARE_SECONDS = 600
"""Longest that a container may take which others of its task wait for."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container's place on this machine."""

    name: str
    process: Process
    image: Image
    address: str
    folder: Path
    """All that it writes."""
    paths: Mapping[str, Path]
    """Folders in the container -> where they are here."""

    def here(self, path: str) -> Path:
        """Where a path of the container is here, if it is in one of its folders."""
        return Path(self.with_paths(path))

    def with_paths(self, text: str) -> str:
        """The text with paths of the container replaced by those of this machine."""
        # The longest first, for one folder can lie in another.
        known = sorted(map(re.escape, self.paths), key=len, reverse=True)
        pattern = rf"(?<![\w./-])({'|'.join(known)})(?![\w.-])"
        return re.sub(pattern, lambda found: str(self.paths[found.group()]), text)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container that was started."""

    container: Container
    handle: Handle

    @property
    def targets(self) -> tuple[tuple[str, int], ...]:
        """Where it listens."""
        container = self.container
        return tuple((container.address, ports.here(port)) for port in container.process.ports)


class Containers:
    """All containers of a stack, and the folder under which they live."""

    def __init__(self, programs: Path, home: Path, trusted: Path | None = None) -> None:
        """`programs`: of the server's environment. `home`: where containers get their folders.

        `trusted`: authorities that they trust in place of everybody's, if there is such a file
        when they start: stores with certificates of their own are known by it.
        """
        self._programs = programs
        self._trusted = trusted
        self.buckets = home / "buckets"
        """Bucket -> its folder."""
        self._images = images(programs, self.buckets)
        self.home = home

    def missing(self, task: Sequence[Process]) -> tuple[str, ...]:
        """The images of a task that nothing stands for here; it cannot be run then."""
        return tuple(each.image for each in task if self._image(each) is None)

    def notes(self, task: Sequence[Process]) -> tuple[str, ...]:
        """What differs from the cloud in how a task's containers are run."""
        found = ((each, self._image(each)) for each in task)
        return tuple(f"{each.name}: {image.note}" for each, image in found if image and image.note)

    def place(
        self, name: str, process: Process, addresses: Addresses, *, task: str = ""
    ) -> Container:
        """Give a container its folder and its address.

        `task`: the copy that it belongs to, whose containers share an address and volumes. Raises
        LiveError for what cannot be run here.
        """
        image = self._image(process)
        if image is None:
            raise LiveError(f"{name} wants the image {process.image}, which is not here")
        if process.refused:
            raise LiveError(f"{name} cannot be run here: {', '.join(process.refused)}")
        folder = self.home / task / process.name if task else self.home / name
        volumes = self.home / task / "volumes" if task else folder
        mounted = {path: self._volume(volumes, name) for path, name in process.folders.items()}
        own = {path: folder / "image" / path.lstrip("/") for path in image.folders}
        return Container(
            name=name,
            process=process,
            image=image,
            address=addresses.of_nameless(task or name),
            folder=folder,
            paths={**own, **mounted},
        )

    def start_task(
        self, name: str, task: Sequence[Process], addresses: Addresses
    ) -> tuple[Running, ...]:
        """Start a copy of a task, each container once those that it waits for are as far.

        Returns those that go on, in the order of their start; they are not yet ready. Raises
        LiveError, and then none of them runs.
        """
        running: dict[str, Running] = {}
        try:
            for process in in_order(task):
                for other, condition in process.after.items():
                    if condition == "healthy":
                        self.wait(running[other], addresses)
                container = self.place(f"{name}-{process.name}", process, addresses, task=name)
                awaited = {each.after.get(process.name) for each in task}
                if awaited & {"ended", "succeeded"}:
                    status = self.run(container, addresses, seconds=PREPARE_SECONDS)
                    if status and "succeeded" in awaited:
                        said = processes.said(self.log(container))
                        raise LiveError(f"{container.name} ended with status {status}{said}")
                else:
                    running[process.name] = self.start(container, addresses)
        except BaseException:
            self.stop_task(tuple(running.values()))
            raise
        return tuple(running.values())

    def stop_task(self, copy: Sequence[Running]) -> None:
        """End a copy, the last started first."""
        for running in reversed(copy):
            self.stop(running)

    def start(self, container: Container, addresses: Addresses) -> Running:
        """Start a container; it is not yet ready."""
        handle = processes.start(
            container.name,
            self._found(container, container.process.command, addresses),
            log=self.log(container),
            directory=self._directory(container),
            environment=self._environment(container, addresses),
        )
        return Running(container=container, handle=handle)

    def run(self, container: Container, addresses: Addresses, *, seconds: float) -> int:
        """Run a container to its end and give its exit status. Raises LiveError if it is late."""
        environment = self._environment(container, addresses)
        command = self._found(container, container.process.command, addresses)
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
        """Wait until its checks answer well; the seconds it took. Raises LiveError."""
        until_ready = running.container.process.until_ready
        return sum(self._wait(running, health, addresses) for health in until_ready)

    def healthy(self, container: Container, health: Health, addresses: Addresses) -> bool:
        """What a check says: asked from outside, or run as in the container."""
        question = health.question
        if isinstance(question, Connect):
            return processes.listens(f"{container.address}:{ports.here(question.port)}")
        if isinstance(question, HttpGet):
            return answers(container.address, question, seconds=health.timeout_seconds)
        here = map(ports.here, container.process.ports)
        if not all(processes.listens(f"{container.address}:{port}") for port in here):
            # The check's interpreter would cost what the server needs to start.
            return False
        try:
            status = subprocess.run(
                self._found(container, question.words, addresses),
                cwd=self._directory(container),
                env=self._environment(container, addresses),
                capture_output=True,
                check=False,
                timeout=health.timeout_seconds,
            ).returncode
        except (subprocess.TimeoutExpired, OSError):
            return False
        return status == 0

    def stop(self, running: Running) -> float:
        """SIGTERM, and SIGKILL after the definition's grace; the seconds it took."""
        return processes.stop(running.handle, grace_seconds=running.container.process.stop_seconds)

    def log(self, container: Container) -> Path:
        """What a container writes to its two outputs. It may hold secrets."""
        return self.home / "logs" / f"{container.name}.log"

    def _wait(self, running: Running, health: Health, addresses: Addresses) -> float:
        return processes.wait(
            running.handle,
            lambda: self.healthy(running.container, health, addresses),
            seconds=health.patience_seconds,
            purpose="healthy",
        )

    def _image(self, process: Process) -> Image | None:
        return next((each for each in self._images if each.names.fullmatch(process.image)), None)

    def _volume(self, volumes: Path, name: str) -> Path:
        """A volume's folder: of the copy's, or of the machine that all copies share."""
        return self.home / "machine" / name.lstrip("/") if name.startswith("/") else volumes / name

    def _directory(self, container: Container) -> Path:
        for path in container.paths.values():
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        inside = container.process.working_directory or container.image.directory
        directory = container.here(inside)
        if not directory.is_relative_to(self.home):
            raise LiveError(f"{container.name} works in {inside}, which is in no volume")
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for place, text in container.process.files.items():
            container.here(place).write_text(text, encoding="utf-8")
        return directory

    def _environment(self, container: Container, addresses: Addresses) -> Mapping[str, str]:
        """The definition's variables, with names resolved and paths where they are here."""
        given = {**container.image.environment, **container.process.environment}
        environment = {}
        for name, value in given.items():
            text = addresses.resolved(value)
            for neighbour in container.process.neighbours:
                text = text.replace(neighbour, container.address)
            # Last: folders here are named after containers, which are names too.
            environment[name] = container.with_paths(text)
        if self._trusted and self._trusted.exists():
            environment.setdefault(TRUSTED, str(self._trusted))
        folders = (self._stand_ins(container), *container.image.programs)
        environment["PATH"] = ":".join([*map(str, folders), processes.PATH])
        if TEMPORARY in container.paths:
            environment["TMPDIR"] = str(container.paths[TEMPORARY])
        return environment

    def _stand_ins(self, container: Container) -> Path:
        """A folder with the programs that stand before the image's own."""
        folder = container.folder / "bin"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, script in container.image.stand_ins.items():
            program = folder / name
            if not program.exists():
                program.write_text(f"#!/bin/sh\n{script(container.address)}\n", encoding="utf-8")
                program.chmod(0o700)
        return folder

    def _found(
        self, container: Container, command: Sequence[str], addresses: Addresses
    ) -> list[str]:
        """The command as it is here: its program by path, the container's own address."""
        if not command:
            raise LiveError(f"{container.name} names no command: the image's own is not known here")
        words = [addresses.resolved(word) for word in command]
        for own in (*OWN_ADDRESSES, *container.process.neighbours):
            words = [word.replace(own, container.address) for word in words]
        program, *rest = (container.with_paths(word) for word in words)
        return [str(self._program(container, program)), *rest]

    def _program(self, container: Container, name: str) -> Path:
        for folder in (self._stand_ins(container), *container.image.programs):
            if (folder / name).exists():
                return folder / name
        if name not in container.image.installed:
            raise LiveError(f"{container.name} starts {name}, which the image does not have")
        found = shutil.which(name, path=processes.PATH)
        if found is None:
            raise LiveError(f"there is no {name}: install Debian's package of that name")
        return Path(found)


def in_order(task: Sequence[Process]) -> tuple[Process, ...]:
    """The containers of a task, those that others wait for before them. Raises LiveError."""
    named = {process.name: process for process in task}
    for process in task:
        for other in process.after.keys() - named.keys():
            raise LiveError(f"{process.name} waits for {other}, which its task does not have")
    try:
        order = TopologicalSorter({each.name: each.after for each in task}).static_order()
        return tuple(named[name] for name in order)
    except CycleError as error:
        raise LiveError(f"containers wait for each other: {', '.join(error.args[1])}") from error


def answers(address: str, question: HttpGet, *, seconds: float) -> bool:
    """Whether a server gives a good answer within so many seconds."""
    connection = http.client.HTTPConnection(address, ports.here(question.port), timeout=seconds)
    try:
        connection.request("GET", question.path)
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
