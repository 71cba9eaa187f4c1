"""Machines with GPUs, as AWS catalogues them."""

from __future__ import annotations

from components.models.memory import GpuMachine


def _machine(name: str, gpus: int, gpu: str, gpu_memory_gib: float) -> GpuMachine:
    return GpuMachine(
        name=name,
        gpus=gpus,
        gpu=gpu,
        gpu_memory_gib=gpu_memory_gib,
        memory_gib=64.0 * gpus,
        local_nvme_gib=250.0 * gpus,
    )


T4 = _machine("g4dn.xlarge", 1, "NVIDIA T4", 16)
A10G = _machine("g5.4xlarge", 1, "NVIDIA A10G", 22.3516)
FOUR_A10G = _machine("g5.12xlarge", 4, "NVIDIA A10G", 22.3516)
EIGHT_A10G = _machine("g5.48xlarge", 8, "NVIDIA A10G", 22.3516)
P4D = _machine("p4d.24xlarge", 8, "NVIDIA A100", 40)
P4DE = _machine("p4de.24xlarge", 8, "NVIDIA A100", 80)
FOUR_A100_80 = _machine("four-a100-80", 4, "NVIDIA A100", 80)

BY_PRICE = (A10G, FOUR_A10G, EIGHT_A10G, P4D, P4DE)
