"""Machines: what a pod that has a machine to itself may take of it."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_kubernetes import core

from components.workloads import pods
from components.workloads.cluster import GPU_TAINT

AGENTS_VCPUS = 1.0
"""CPU for the pods that run on every node: network, volumes, devices, logs and metrics. Together
they request some 0.8 vCPU where there are GPUs."""
AGENTS_MIB = 1024
"""Memory for the same, MiB; they request half of it."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine that runs one pod of a role."""

    cores: int
    """Its vCPUs, all of them."""
    vcpus: float
    """What its node leaves of them to pods."""
    memory_mib: float
    """Memory that its node leaves to pods, MiB."""
    gpus: int = 0

    @property
    def pod_vcpus(self) -> float:
        """CPU that the pod asks for."""
        return self.vcpus - AGENTS_VCPUS

    @property
    def pod_memory_mib(self) -> int:
        """Memory that the pod asks for and may take, MiB: so much that no second one finds
        room."""
        return int(self.memory_mib - AGENTS_MIB)

    def resources(self) -> core.v1.ResourceRequirementsArgs:
        """What the pod's one container is given: all GPUs, and the rest but for the agents'."""
        return pods.resources(
            request_vcpus=self.pod_vcpus,
            request_memory_mib=self.pod_memory_mib,
            limit_vcpus=self.cores,
            limit_memory_mib=self.pod_memory_mib,
            extended={GPU_TAINT: self.gpus} if self.gpus else None,
        )
