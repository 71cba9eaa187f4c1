"""From sizes to the names that a cloud sells them by, the same on every cloud. No SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from components.models.memory import GpuMachine

SizeT = TypeVar("SizeT", float, tuple[int, float])


class CatalogError(ValueError):
    """A region or a type that a catalog does not hold; the message names what there is."""


class MachineType(Protocol):
    """What a catalog says of a machine, as far as models ask."""

    @property
    def name(self) -> str:
        """The cloud's name."""

    @property
    def memory_gib(self) -> float:
        """Nominal memory, GiB."""

    @property
    def gpus(self) -> int:
        """GPUs in it."""

    @property
    def gpu_model(self) -> str:
        """Such as `NVIDIA T4`; empty where there is no GPU."""


def named(table: Mapping[SizeT, str], size: SizeT) -> str:
    """The name of a size: vCPUs and GiB, or GiB alone.

    Raises `CatalogError` with the sizes that exist.
    """
    if size in table:
        return table[size]
    sizes = ", ".join(_shown(known, " ") for known in table)
    raise CatalogError(
        f"no size of {_shown(size, ' with ')}; give instance_type, or one of these sizes: {sizes}"
    )


def _shown(size: float | tuple[int, float], between: str) -> str:
    if isinstance(size, tuple):
        return f"{size[0]} vCPU{between}{size[1]:g} GiB"
    return f"{size:g} GiB"


def gpu_machine(
    found: MachineType, known: Iterable[str], *, gpu_memory_gib: float, local_nvme_gib: float = 0
) -> GpuMachine:
    """A machine type with its GPUs, of `gpu_memory_gib` each. `known`: types with GPUs.

    Raises `CatalogError` where it has none.
    """
    if not found.gpus:
        types = ", ".join(dict.fromkeys(known))
        raise CatalogError(f"{found.name} has no GPU; types with GPUs: {types}")
    return GpuMachine(
        name=found.name,
        gpus=found.gpus,
        gpu=found.gpu_model,
        gpu_memory_gib=gpu_memory_gib,
        memory_gib=found.memory_gib,
        local_nvme_gib=local_nvme_gib,
    )


def chosen(instance_type: str | None) -> str:
    """The type that settings chose. Raises `ValueError` for arguments that no settings filled."""
    if instance_type is None:
        raise ValueError("instance_type is filled in from the size table by the settings")
    return instance_type
