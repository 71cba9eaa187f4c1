"""What one copy consists of: containers, and among them those that run Letta."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policies.facts.model.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Probe:
    """How the cluster asks a container whether it is well."""

    kind: Literal["startup", "readiness", "liveness"]
    path: str
    """What it asks over HTTP; empty: it asks in another way."""
    seconds: int
    """How long the container may fail it, seconds, counted from its start."""


@dataclass(frozen=True, kw_only=True)
class Container(Fact):
    """A container of a task; named and pointed at as its task is."""

    container: str
    """Its name within the task."""
    image: str
    arguments: tuple[str, ...]
    """Entry point and command, as far as they replace the image's."""
    environment: Mapping[str, str]
    """Plain variables."""
    references: tuple[str, ...]
    """Variables that are fetched from the cloud's store when the container starts."""
    stop_timeout_seconds: int
    host_ports: tuple[int, ...]
    """Ports of the machine that it answers on; empty where the task has an address of its own."""
    health_command: tuple[str, ...]
    """What the runtime runs inside to see whether it is well; empty: nothing."""
    probes: tuple[Probe, ...]
    """How a cluster sees whether it is well; empty elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Server(Container):
    """A container that runs Letta, with what its variables mean to it."""

    processes: int
    """Server processes in the container."""
    pooling: bool
    """Whether a process keeps its database connections."""
    pool_size: int
    """Connections that a process keeps."""
    max_overflow: int
    """Connections that it may open beyond those."""
    secure: bool
    """Whether it asks for a password."""
    keepalive_seconds: int
    """How long it keeps an idle client connection."""
    debug: bool
    """Whether it logs at the level DEBUG."""
    model: str
    """Handle `provider/model` used where an agent names none; empty: none."""
    embedding: str
    """The same for embeddings."""


@dataclass(frozen=True, kw_only=True)
class Task(Fact):
    """What one copy consists of."""

    vcpus: float
    """CPU set aside for one copy, vCPU."""
    memory_mib: int
    """Memory set aside for one copy, MiB."""
    own_address: bool
    """Whether each copy has a network interface of its own."""
    containers: tuple[Container, ...]
    """All containers, the servers too."""
    servers: tuple[Server, ...]
    """The containers that run Letta."""
