"""What is to run, in the words of no cloud: processes, their secrets resolved, and addresses.

Each package of the sandbox reads it from its own objects (`sandbox.live.reader`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sandbox.cloud import CloudObject

OWN_ADDRESSES = ("0.0.0.0", "127.0.0.1")  # noqa: S104 - looked for, not bound
"""What a container calls itself."""
OWN_NAMES = ("127.0.0.1", "localhost")
"""What containers that share a network call each other."""


class LiveError(Exception):
    """The data plane cannot run what the stack asks for; the message says what and why."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A program that runs in the container; its status 0 is a good answer."""

    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HttpGet:
    """A request from outside the container; a status from 200 to 399 is a good answer."""

    port: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Connect:
    """A connection from outside the container; that it comes about is a good answer."""

    port: int


Question: TypeAlias = Command | HttpGet | Connect


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a process is asked whether it is well."""

    question: Question
    interval_seconds: float
    timeout_seconds: float
    retries: int
    """Bad answers in a row after which it is unhealthy."""
    start_seconds: float
    """In the beginning bad answers do not count."""

    @property
    def patience_seconds(self) -> float:
        """Longest from the start of a process that never is well until it is unhealthy."""
        return self.start_seconds + self.interval_seconds * self.retries


Condition: TypeAlias = Literal["started", "healthy", "ended", "succeeded"]


@dataclass(frozen=True, kw_only=True)
class Process:
    """One container, to be run as a process."""

    name: str
    image: str
    command: tuple[str, ...]
    """Entry point and arguments, as far as they are given; else the image's own."""
    environment: Mapping[str, str] = field(repr=False)
    """All of it, secrets included."""
    working_directory: str
    """In the container; empty for the image's own."""
    folders: Mapping[str, str]
    """Where a volume is mounted in the container -> the volume's name, or the folder of the
    machine behind it, which begins with `/` and outlives the container."""
    ports: tuple[int, ...]
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the platform puts into its volumes: place in the container -> contents."""
    health: Health | None
    """After which bad answers it is replaced."""
    startup: Health | None = None
    """Until its first good answer nothing else is asked."""
    readiness: Health | None = None
    """While its answers are bad no requests are sent to it."""
    stop_seconds: float
    """From SIGTERM to SIGKILL."""
    pre_stop_seconds: float = 0
    """How long it still serves, before SIGTERM, once it is decided that it ends."""
    after: Mapping[str, Condition] = field(default_factory=dict)
    """What others of its task must have come to before it starts."""
    neighbours: tuple[str, ...] = OWN_NAMES
    """What its environment calls the address at which the others of its task are found."""
    refused: tuple[str, ...] = ()
    """What it asks for and cannot be given here."""

    @property
    def until_ready(self) -> tuple[Health, ...]:
        """The checks that must answer well before it is ready, in their order."""
        checks = tuple(each for each in (self.startup, self.readiness) if each)
        return checks or ((self.health,) if self.health else ())


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A container's port that a load balancer sends requests to."""

    container: str
    port: int
    group: str
    """What the load balancer calls those that share these requests."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Copies of a task that are kept running."""

    name: str
    processes: tuple[Process, ...]
    copies: int
    registrations: tuple[Registration, ...]
    maximum_percent: int = 200
    """Of its copies, those that may run while others replace them."""
    minimum_percent: int = 100
    """Of its copies, those that must serve meanwhile."""
    host: str = ""
    """Name by which others find its one copy, which ends before another starts."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A task that `pulumi up` waits for."""

    name: str
    processes: tuple[Process, ...]
    seconds: float
    """Longest that it may take, all attempts together."""
    attempts: int
    """How often it is tried until it ends well."""


class Objects:
    """The objects of one stack, looked up by what they are called."""

    def __init__(self, objects: Iterable[CloudObject]) -> None:
        self._objects = tuple(objects)

    @property
    def everything(self) -> tuple[CloudObject, ...]:
        """All of them, in the order of their creation."""
        return self._objects

    def all(self, type_token: str) -> tuple[CloudObject, ...]:
        """The objects of a type, in the order of their creation."""
        return tuple(item for item in self._objects if item.type == type_token)

    def one(self, type_token: str, attribute: str, value: object) -> CloudObject:
        """The object of that type whose attribute has that value. Raises LiveError."""
        for item in self.all(type_token):
            if item.get(attribute) == value:
                return item
        raise LiveError(f"the stack has no {type_token} whose {attribute} is {value}")

    def only(self, type_token: str, attribute: str, value: object) -> CloudObject:
        """The only object of that type whose attribute has that value: with several, nobody says
        which is meant. Raises LiveError."""
        found = [item for item in self.all(type_token) if item.get(attribute) == value]
        if len(found) != 1:
            raise LiveError(f"{value} has {len(found)} of {type_token}; only one runs here")
        return found[0]


class Addresses:
    """Loopback addresses, one for each host name, so that every port is the stack's own.

    Linux answers on all of 127.0.0.0/8 without set-up.
    """

    _LAST = 254

    def __init__(self, network: str) -> None:
        """`network`: the first three numbers, such as `127.77.3`."""
        self._network = network
        self._numbers: dict[str, int] = {}
        self._hosts: set[str] = set()

    def of(self, host: str) -> str:
        """The address of a host, always the same for the same order of questions."""
        self._hosts.add(host)
        return self.of_nameless(host)

    def of_nameless(self, thing: str) -> str:
        """The same for what nothing calls by that name, such as a copy of a task."""
        number = self._numbers.setdefault(thing, len(self._numbers) + 1)
        if number > self._LAST:
            raise LiveError(f"more than {self._LAST} hosts on the network {self._network}.0/24")
        return f"{self._network}.{number}"

    def share(self, thing: str, host: str) -> None:
        """Give something nameless the address of a host, so that the name leads to it."""
        self.of(host)
        self._numbers[thing] = self._numbers[host]

    @property
    def known(self) -> Mapping[str, str]:
        """Host name -> address."""
        return {host: self.of(host) for host in sorted(self._hosts)}

    def resolved(self, text: str) -> str:
        """The text with known host names replaced: what name resolution does in the cloud."""
        if not self._hosts:
            return text
        # The longest first, for one name can be the beginning of another.
        names = "|".join(sorted(map(re.escape, self._hosts), key=len, reverse=True))
        pattern = rf"(?<![\w.-])({names})(?![\w-]|\.\w)"
        return re.sub(pattern, lambda found: self.of(found.group()), text)
