"""What a cloud offers to a stack file: the neutral half, which needs no SDK and no engine.

A cloud fills it in `components/<cloud>/offer.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from components.args.base import Architecture
from components.models.memory import GpuMachine

Feature = Literal["gpu", "queue_scaling", "multi_node"]
"""What a cluster must be able to do beyond running servers: give GPUs to pods, scale on a
server's own queue, run one server across several machines."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """What a cloud offers, read offline while settings load."""

    regions: Callable[[], tuple[str, ...]]
    """Regions of the cloud."""
    zones: Callable[[str], tuple[str, ...]]
    """Region -> its availability zones."""
    machine: Callable[[int, float, Architecture], str]
    """vCPUs, GiB, architecture -> machine type. Raises `ValueError` with the sizes that exist."""
    database: Callable[[int, float, Architecture], str]
    """vCPUs, GiB, architecture -> database class. Raises `ValueError` with the sizes that exist."""
    cache: Callable[[float], str]
    """GiB -> cache node type. Raises `ValueError` with the sizes that exist."""
    machine_size: Callable[[str], tuple[int, float]]
    """Machine type -> vCPUs, GiB. Raises `ValueError` with near names."""
    machine_architecture: Callable[[str], Architecture]
    """Machine type -> its instruction set. Raises `ValueError` with near names."""
    database_size: Callable[[str], tuple[int, float]]
    """Database class -> vCPUs, GiB. Raises `ValueError` with near names."""
    database_architecture: Callable[[str], Architecture]
    """Database class -> its instruction set. Raises `ValueError` with near names."""
    cache_size: Callable[[str], float]
    """Cache node type -> GiB. Raises `ValueError` with near names."""
    offered: Callable[[str, str, str], bool]
    """Kind (`machine`, `database`, `cache`), name, region -> whether it can be had there."""
    gpu_machines: Callable[[str], tuple[GpuMachine, ...]]
    """Region -> GPU machines offered there, in the order in which they are to be considered."""
    gpu_machine: Callable[[str], GpuMachine]
    """Machine type -> its GPUs. Raises `ValueError` where it has none, or with near names."""
    embedding_machine: Callable[[Literal["cpu", "gpu"]], str]
    """Hosting of embeddings -> machine type (requirement C5)."""
    ollama_machine: str
    """Machine type that a small language model runs on (requirement L4)."""
    nodes_per_zone: Callable[[str], int]
    """Address range of the network -> machines of a cluster that one zone has addresses for."""
    serverless_size_valid: Callable[[float, int], bool]
    """vCPUs, MiB -> whether a task of that size exists without machines."""
