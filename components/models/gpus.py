"""GPUs by the names that cloud catalogues give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A GPU model."""

    name: str
    compute_capability: tuple[int, int]
    """"CUDA GPU Compute Capability" of NVIDIA's developer site."""
    visible_share: float
    """What CUDA reports of the catalogued memory: ECC and the driver keep the rest. Rounded down
    from the lowest that public vLLM logs show: 14.56 of 16 GiB (T4), 22.07 of 24 (A10), 22.06 of
    22.35 (A10G), 39.38 of 40 and 79.14 of 80 (A100), 79.11 of 80 (H100); the rest by analogy."""


GPUS: Final[Mapping[str, Gpu]] = MappingProxyType(
    {
        gpu.name: gpu
        for gpu in (
            Gpu(name="NVIDIA V100", compute_capability=(7, 0), visible_share=0.98),
            Gpu(name="NVIDIA T4", compute_capability=(7, 5), visible_share=0.91),
            Gpu(name="NVIDIA A100", compute_capability=(8, 0), visible_share=0.98),
            Gpu(name="NVIDIA A10", compute_capability=(8, 6), visible_share=0.92),
            Gpu(name="NVIDIA A10G", compute_capability=(8, 6), visible_share=0.98),
            Gpu(name="NVIDIA L4", compute_capability=(8, 9), visible_share=0.98),
            Gpu(name="NVIDIA L40S", compute_capability=(8, 9), visible_share=0.98),
            Gpu(name="NVIDIA H100", compute_capability=(9, 0), visible_share=0.98),
            Gpu(name="NVIDIA H200", compute_capability=(9, 0), visible_share=0.98),
        )
    }
)


def gpu_named(name: str) -> Gpu:
    """The GPU of that name.

    Raises:
        ValueError: it is not known here; the message names those that are.
    """
    if name not in GPUS:
        raise ValueError(f"GPU {name!r} is not known: {', '.join(GPUS)}")
    return GPUS[name]
