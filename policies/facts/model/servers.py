"""Tiers of copies: what runs, on which machines, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from policies.facts.model.fact import Fact

if TYPE_CHECKING:
    from policies.facts.model.pods import Pod


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


@dataclass(frozen=True, kw_only=True)
class Target(Fact):
    """A measure that the autoscaler holds."""

    metric: Literal["cpu", "memory", "other"]
    percent: float
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int


@dataclass(frozen=True, kw_only=True)
class Scaling(Fact):
    """An autoscaler of copies."""

    min_copies: int
    max_copies: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True)
class Taint:
    """What keeps pods off a machine, unless they bear it."""

    key: str
    value: str
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}"


@dataclass(frozen=True, kw_only=True)
class Machines(Fact):
    """A group of machines that copies run on."""

    type: str
    vcpus: int
    memory_gib: float
    usable_vcpus: float
    """What its containers can have of the CPU, vCPU."""
    usable_mib: float
    """What they can have of the memory, MiB."""
    addresses: int
    """Addresses that one machine can give to copies that have one of their own."""
    min_machines: int
    max_machines: int
    metadata_needs_token: bool
    """Whether the metadata service answers only requests that bear a session token."""
    metadata_hops: int
    """Network hops that its answer survives; one keeps containers on a bridge out."""
    zones: tuple[str, ...]
    spot: bool
    """Whether the cloud may take them back at short notice."""
    gpus: int
    """GPUs of one machine."""
    gpu: str
    """Model of the GPU, as `components.models.gpus` names it; empty without."""
    gpu_memory_gib: float
    """Memory of one GPU, GiB."""
    gpu_driver: bool
    """Whether the machine's image brings the GPU's driver."""
    pool: bool
    """Whether they are nodes of a Kubernetes cluster."""
    labels: Mapping[str, str]
    """Labels that pods choose them by."""
    taints: tuple[Taint, ...]


@dataclass(frozen=True, kw_only=True)
class HealthCheck(Fact):
    """How the load balancer sees whether a copy is well, and how it lets go of one."""

    path: str
    drain_seconds: int


@dataclass(frozen=True, kw_only=True)
class Service(Fact):
    """A tier of copies."""

    role: Literal["api", "worker"]
    copies: int
    """Copies that the program asks for, or, once it is `settled`, that the autoscaler wants."""
    settled: bool
    """Whether it exists already and an autoscaler moves its copies."""
    rolling_copies: int
    """Most copies at once: those of a rolling deploy at the autoscaler's ceiling."""
    connected_copies: int
    """Most copies that hold connections at once: those that a deploy replaces finish their
    requests first."""
    task: Task
    pods: tuple[Pod, ...]
    """The same as pods of a cluster; empty elsewhere."""
    serverless: bool
    spot: bool
    """Whether the cloud may take back what it runs on at short notice."""
    machines: tuple[Machines, ...]
    """Where its copies run; empty when serverless."""
    scaling: tuple[Scaling, ...]
    health_checks: tuple[HealthCheck, ...]
    zones: tuple[str, ...]
    """Zones of the subnets that its copies, or their machines, are placed in."""
    waits_for: tuple[str, ...]
    """Names of the bootstraps that end before it starts."""

    @property
    def max_copies(self) -> int:
        """Most copies, without those of a rolling deploy."""
        return max((scaling.max_copies for scaling in self.scaling), default=self.copies)

    @property
    def min_copies(self) -> int:
        """Fewest copies."""
        return min((scaling.min_copies for scaling in self.scaling), default=self.copies)


@dataclass(frozen=True, kw_only=True)
class Bootstrap(Fact):
    """A run that prepares the database, and that the deployment waits for."""

    tasks: tuple[Task, ...]
