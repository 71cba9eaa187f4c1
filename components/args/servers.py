"""The tiers of server copies, and the machines under them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from components.args.base import Architecture, Args
from components.args.savings import NightArgs

IMAGE = "letta/letta:0.16.4"
"""The server's image. The tag is pinned: migrations run once per image, never by accident."""


KUBERNETES_LIMIT_VCPUS = 2
"""CPU limit of one copy on Kubernetes, vCPU, where a tier's is meant for machines (C3)."""
KUBERNETES_LIMIT_MIB = 4096
"""Memory limit of one copy on Kubernetes, MiB, where a tier's is meant for machines (C3)."""
API_LEAST_NODES = 2
"""Fewest machines under the API on Kubernetes: copies, and the controllers of the cluster beside
them, outlive the loss of one."""


class MachineArgs(Args):
    """The machine under a tier of containers."""

    vcpus: int = Field(ge=1, le=192)
    """Virtual CPUs of one machine; without machines, of one copy."""
    memory_gib: float = Field(gt=0, le=2048)
    """Memory of one machine; without machines, of one copy. GiB."""
    instance_type: str | None = None
    """The cloud's own name of the machine. Default: the type that the cloud's size table
    gives for `vcpus`, `memory_gib` and `architecture`; a name given here sets those three."""
    architecture: Architecture = "x86_64"
    """Instruction set of the machine; without machines, of one copy. The server's image exists for
    both."""


class ScalingArgs(Args):
    """Autoscaling of a tier (requirement C2)."""

    replicas: int = Field(ge=1, le=1000)
    """Copies that a new deployment starts with; the autoscaler moves it afterwards."""
    min_replicas: int = Field(ge=1, le=1000)
    """Fewest copies; two are the least that survives the loss of a zone."""
    max_replicas: int = Field(ge=1, le=1000)
    """Most copies."""
    cpu_target_percent: int = Field(default=65, ge=1, le=100)
    """Average CPU use that the autoscaler holds, percent."""
    memory_target_percent: int = Field(default=70, ge=1, le=100)
    """Average memory use that the autoscaler holds, percent."""
    scale_out_cooldown_seconds: int = Field(default=120, ge=0, le=3600)
    """Pause after adding copies, seconds."""
    scale_in_cooldown_seconds: int = Field(default=300, ge=0, le=3600)
    """Pause after removing copies, seconds."""

    @model_validator(mode="after")
    def _ordered(self) -> ScalingArgs:
        if not self.min_replicas <= self.replicas <= self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} <= replicas {self.replicas} <= "
                f"max_replicas {self.max_replicas} does not hold"
            )
        return self


class NodesArgs(Args):
    """How many machines a node group has."""

    initial: int = Field(ge=0, le=1000)
    """Machines at creation; the autoscaler of the nodes moves it afterwards."""
    minimum: int = Field(ge=0, le=1000)
    """Fewest machines."""
    maximum: int = Field(ge=1, le=1000)
    """Most machines."""

    @model_validator(mode="after")
    def _ordered(self) -> NodesArgs:
        if not self.minimum <= self.initial <= self.maximum:
            raise ValueError(
                f"minimum {self.minimum} <= initial {self.initial} <= maximum {self.maximum} "
                "does not hold"
            )
        return self


class TierArgs(MachineArgs, ScalingArgs):
    """A tier of server copies on machines of their own, or without."""

    CHOICE: ClassVar[str | None] = "compute"

    compute: Literal["instances", "serverless", "kubernetes"] = "instances"
    """`instances`: the cloud's machines, autoscaled with the copies. `serverless`: no machines
    of yours. `kubernetes`: pods on the nodes of a cluster. A stack file has the cloud's own words
    for these, `Catalog.computes`."""
    task_vcpus: float = Field(gt=0, le=192)
    """CPU of one copy on a machine, vCPU: set aside for it, or on Kubernetes its limit. One
    server process uses one core; the tools it starts use more. Without machines a copy has
    `vcpus` instead."""
    task_memory_mib: int = Field(ge=512, le=1_000_000)
    """Memory limit of one copy on a machine, MiB (450 MB are used at rest). Without machines
    a copy has `memory_gib` instead."""
    request_vcpus: float = Field(default=0.5, gt=0, le=192)
    """CPU that Kubernetes sets aside for one copy, vCPU (requirement C3); the autoscaler's
    percentages are of it."""
    request_memory_mib: int = Field(default=1024, ge=512, le=1_000_000)
    """Memory that Kubernetes sets aside for one copy, MiB (C3)."""
    nodes: NodesArgs | None = None
    """Machines of the tier on Kubernetes; the API needs two at least, a worker one. Default: as
    many as copies. Without Kubernetes the machines follow the copies."""
    night: NightArgs | None = None
    """When the tier keeps to `min_replicas`, however high the load; not on Kubernetes."""
    root_volume_gib: int = Field(default=30, ge=30, le=16_384)
    """Encrypted disk of each machine, GiB; 30 is what the container image of the host needs."""

    @property
    def spot(self) -> bool:
        """Whether the cloud may take the machines back at short notice."""
        return False

    @model_validator(mode="after")
    def _nights_where_scaled(self) -> TierArgs:
        if self.night and self.compute == "kubernetes":
            raise ValueError(
                "night: the autoscaler of Kubernetes has no timetable; lower max_replicas, or move "
                "the tier off Kubernetes"
            )
        if self.night and self.min_replicas == self.max_replicas:
            raise ValueError(
                f"night: min_replicas and max_replicas are both {self.min_replicas}, so there is "
                "nothing to take away at night; remove it, or raise max_replicas"
            )
        return self

    @model_validator(mode="after")
    def _requests_within_limits(self) -> TierArgs:
        if self.compute == "kubernetes" and (
            self.request_vcpus > self.task_vcpus or self.request_memory_mib > self.task_memory_mib
        ):
            raise ValueError(
                f"requests of {self.request_vcpus:g} vCPU and {self.request_memory_mib} MiB exceed "
                f"the limits, task_vcpus {self.task_vcpus:g} and task_memory_mib "
                f"{self.task_memory_mib}"
            )
        return self

    @property
    def copy_vcpus(self) -> float:
        """CPU of one copy, vCPU."""
        return self.vcpus if self.compute == "serverless" else self.task_vcpus

    @property
    def copy_memory_mib(self) -> int:
        """Memory of one copy, MiB."""
        return int(self.memory_gib * 1024) if self.compute == "serverless" else self.task_memory_mib


class ApiArgs(TierArgs):
    """The API tier: copies of the server that answer requests (requirements C1, C2)."""


class WorkerArgs(TierArgs):
    """The worker tier: the same server for batch polling, async messages and uploads (C4)."""

    enabled: bool = True
    """False: no worker tier; the API tier polls batches and takes all paths."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    """`spot`: spare capacity at 60 to 70 % less, which the cloud takes back at two minutes'
    notice. Work under way is then lost and must be sent again (requirements C4, K4)."""

    @property
    def spot(self) -> bool:
        """Whether the cloud may take the machines back at short notice."""
        return self.capacity == "spot"
