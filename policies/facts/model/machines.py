"""Groups of machines, and what keeps pods off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policies.facts.model.fact import Fact


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
