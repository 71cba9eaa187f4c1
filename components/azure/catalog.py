"""What Azure offers where: regions, zones, classes of databases, sizes of caches and containers.

Read offline. `data/sources.json` says where each list is from.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final, Literal

from components.args.base import Architecture

_DATA: Final = Path(__file__).parent / "data"
_CLASSES: Final = _DATA / "database_classes.csv"
_OFFERINGS: Final = _DATA / "machine_offerings.csv"

_WITH_ZONES: Final = (
    "australiaeast",
    "brazilsouth",
    "canadacentral",
    "centralindia",
    "centralus",
    "eastasia",
    "eastus",
    "eastus2",
    "francecentral",
    "germanywestcentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "koreacentral",
    "mexicocentral",
    "newzealandnorth",
    "northeurope",
    "norwayeast",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southcentralus",
    "southeastasia",
    "spaincentral",
    "swedencentral",
    "switzerlandnorth",
    "uaenorth",
    "uksouth",
    "westeurope",
    "westus2",
    "westus3",
)
"""Regions with availability zones. The others are left out: every tier stands in two zones at
least, a database with a standby too."""
REGIONS: Final[tuple[str, ...]] = tuple(sorted(_WITH_ZONES))
"""The regions in the catalog, sorted."""
ZONES: Final[tuple[str, ...]] = ("1", "2", "3")
"""Zones of each of them; every subscription counts them in an order of its own."""
RESERVED_CONNECTIONS: Final = 15
"""Of a server's connections, those for replication and for Azure's watch over it (Flexible Server
documentation, "Limits")."""

Tier = Literal["Burstable", "GeneralPurpose", "MemoryOptimized"]
_TIERS: Final[Mapping[str, Tier]] = {
    "B": "Burstable",
    "D": "GeneralPurpose",
    "E": "MemoryOptimized",
}
STORAGE_STEPS: Final = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)
"""Sizes of a disk of a PostgreSQL server, GiB."""
_MOST_VCPUS: Final = 4.0
_STEP_VCPUS: Final = 0.25
_MIB_PER_VCPU: Final = 2048


class CatalogError(ValueError):
    """A region or a size that the catalog does not hold; the message names the nearest ones."""


@dataclass(frozen=True, kw_only=True)
class DatabaseClass:
    """A class of Azure Database for PostgreSQL, flexible server."""

    name: str
    """`Standard_D2ds_v5`."""
    vcpus: int
    memory_gib: float
    tier: Tier
    max_connections: int
    """Default that the server is created with."""

    def holds(self, other: DatabaseClass) -> bool:
        """Whether it has no less of anything than the other, as a replica must have."""
        own, theirs = ((c.vcpus, c.memory_gib, c.max_connections) for c in (self, other))
        return all(mine >= asked for mine, asked in zip(own, theirs, strict=True))


@dataclass(frozen=True, kw_only=True)
class CacheSku:
    """A size of Azure Managed Redis."""

    name: str
    """`Balanced_B3`."""
    memory_gib: float


_BALANCED: Final[Mapping[int, float]] = {
    0: 0.5,
    1: 1,
    3: 3,
    5: 6,
    10: 12,
    20: 24,
    50: 60,
    100: 120,
    150: 180,
    250: 240,
    350: 360,
    500: 480,
    700: 720,
    1000: 960,
}
"""Number in the name -> GiB."""
_CACHE_NUMBERS: Final[Mapping[str, tuple[int, ...]]] = {
    "Balanced_B": tuple(_BALANCED),
    "ComputeOptimized_X": (3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700),
    "MemoryOptimized_M": (10, 20, 50, 100, 150, 250, 350, 500, 700, 1000),
}
CACHES: Final[Mapping[str, CacheSku]] = {
    f"{family}{number}": CacheSku(name=f"{family}{number}", memory_gib=_BALANCED[number])
    for family, numbers in _CACHE_NUMBERS.items()
    for number in numbers
}
"""Name -> size, of the sizes that new caches may have."""
MOST_SHARD_GIB: Final = 25
"""Largest cache of one shard, which is all that the server's client can use (Azure Managed Redis
documentation, "Clustering policies")."""


@dataclass(frozen=True, kw_only=True)
class MachineType:
    """A size of virtual machine, with the GPUs that it comes with."""

    name: str
    """`Standard_D8s_v5`."""
    vcpus: int
    memory_gib: float
    architecture: Architecture
    gpus: int = 0
    gpu_model: str = ""
    """Such as `NVIDIA T4`; empty where there is no GPU."""
    gpu_memory_gib: float = 0
    """Of one GPU."""


_NAME: Final = re.compile(r"Standard_([A-Z]+)(\d+)(.*)")
_GIB_PER_VCPU: Final[Mapping[tuple[str, str], float]] = {
    ("D", "ds_v5"): 4,
    ("D", "ps_v5"): 4,
    ("D", "s_v5"): 4,
    ("D", "s_v6"): 4,
    ("E", "ds_v5"): 8,
    ("E", "s_v5"): 8,
    ("F", "s_v2"): 2,
}
"""Series -> GiB of memory for each vCPU (Azure documentation, "Sizes for virtual machines")."""
_MOST_GIB: Final = 672
"""Memory of the largest sizes of the E series, which have less than the others."""
_BURSTABLE: Final[Mapping[str, tuple[int, float]]] = {
    "1ms": (1, 2),
    "2s": (2, 4),
    "2ms": (2, 8),
    "4ms": (4, 16),
    "8ms": (8, 32),
    "12ms": (12, 48),
    "16ms": (16, 64),
    "20ms": (20, 80),
}
_T4: Final = ("NVIDIA T4", 16)
_A10: Final = ("NVIDIA A10", 24)
_A100: Final = ("NVIDIA A100", 40)
_A100_80: Final = ("NVIDIA A100", 80)
_H100: Final = ("NVIDIA H100", 94)
_H100_80: Final = ("NVIDIA H100", 80)
_WITH_GPUS: Final[Mapping[str, tuple[int, float, int, tuple[str, int]]]] = {
    "Standard_NC4as_T4_v3": (4, 28, 1, _T4),
    "Standard_NC8as_T4_v3": (8, 56, 1, _T4),
    "Standard_NC16as_T4_v3": (16, 110, 1, _T4),
    "Standard_NC64as_T4_v3": (64, 440, 4, _T4),
    "Standard_NC24ads_A100_v4": (24, 220, 1, _A100_80),
    "Standard_NC48ads_A100_v4": (48, 440, 2, _A100_80),
    "Standard_NC96ads_A100_v4": (96, 880, 4, _A100_80),
    "Standard_NC40ads_H100_v5": (40, 320, 1, _H100),
    "Standard_NC80adis_H100_v5": (80, 640, 2, _H100),
    "Standard_ND96asr_v4": (96, 900, 8, _A100),
    "Standard_ND96amsr_A100_v4": (96, 1900, 8, _A100_80),
    "Standard_ND96isr_H100_v5": (96, 1900, 8, _H100_80),
    "Standard_NV36ads_A10_v5": (36, 440, 1, _A10),
    "Standard_NV72ads_A10_v5": (72, 880, 2, _A10),
}
"""Size -> vCPUs, GiB, GPUs and which, with the GiB of each (the same pages). Sizes that have a part
of a GPU are left out."""


@cache
def _offerings() -> Mapping[str, frozenset[str]]:
    """Region -> machine types."""
    found: dict[str, set[str]] = {}
    with _OFFERINGS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["region"], set()).update(
                f"Standard_{row['family'].replace('#', size)}" for size in row["sizes"].split()
            )
    return {region: frozenset(names) for region, names in found.items()}


@cache
def _sizes() -> Mapping[str, tuple[int, float]]:
    """Machine type without GPUs -> vCPUs, GiB."""
    names = set().union(*_offerings().values())
    return {name: size for name in sorted(names) if (size := _size(name))}


def _size(name: str) -> tuple[int, float] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    letter, vcpus, rest = match[1], int(match[2]), match[3]
    if letter == "B":
        return _BURSTABLE.get(f"{vcpus}{rest}")
    each = _GIB_PER_VCPU.get((letter, rest))
    return None if each is None else (vcpus, min(vcpus * each, _MOST_GIB))


def machine_type(name: str) -> MachineType:
    """The size of virtual machine of that name. Raises `CatalogError` with near names."""
    if name in _WITH_GPUS:
        vcpus, memory_gib, gpus, (model, gpu_memory_gib) = _WITH_GPUS[name]
        return MachineType(
            name=name,
            vcpus=vcpus,
            memory_gib=memory_gib,
            architecture="x86_64",
            gpus=gpus,
            gpu_model=model,
            gpu_memory_gib=gpu_memory_gib,
        )
    if name not in _sizes():
        raise unknown("machine type", name, (*_sizes(), *_WITH_GPUS))
    vcpus, memory_gib = _sizes()[name]
    return MachineType(
        name=name,
        vcpus=vcpus,
        memory_gib=memory_gib,
        architecture="arm64" if "ps_v" in name else "x86_64",
    )


def machine_offered(name: str, region: str) -> bool:
    """Whether `region` has machines of that type. Raises `CatalogError` for an unknown region."""
    if region not in REGIONS:
        raise unknown("region", region, REGIONS)
    return name in _offerings().get(region, frozenset())


_RESERVED_VCPUS: Final[Mapping[int, float]] = {
    1: 0.06,
    2: 0.1,
    4: 0.14,
    8: 0.18,
    16: 0.26,
    32: 0.42,
    64: 0.74,
}
"""Cores of a node -> what AKS keeps of them (AKS documentation, "Node resource reservations")."""
_RESERVED_MIB_PER_POD: Final = 20
_RESERVED_MIB: Final = 50
_MOST_RESERVED_SHARE: Final = 0.25
_EVICTION_MIB: Final = 100
_KERNEL_SHARE: Final = 0.03
PODS_PER_NODE: Final = 110
"""Most pods of a node, as the pools here state."""


def node_vcpus(kind: MachineType) -> float:
    """The CPU that a node of AKS leaves to pods, vCPU."""
    kept = max(share for cores, share in _RESERVED_VCPUS.items() if cores <= kind.vcpus)
    return kind.vcpus - kept


def node_memory_mib(kind: MachineType) -> float:
    """A cautious estimate of the memory that a node of AKS leaves to pods, MiB.

    20 MiB for each pod that it may have and 50 MiB are kept, a quarter at most, and pods are
    evicted when 100 MiB are left (the same page). Of what the kernel takes first no figure is
    published: 3 % are assumed.
    """
    whole = kind.memory_gib * 1024
    kept = min(_RESERVED_MIB_PER_POD * PODS_PER_NODE + _RESERVED_MIB, whole * _MOST_RESERVED_SHARE)
    return whole * (1 - _KERNEL_SHARE) - kept - _EVICTION_MIB


def zones(region: str) -> tuple[str, ...]:
    """The zones of `region`, as Azure numbers them.

    Raises `CatalogError` for an unknown region.
    """
    if region not in REGIONS:
        raise unknown("region", region, REGIONS)
    return ZONES


@cache
def database_classes() -> Mapping[str, DatabaseClass]:
    """Name -> class, of all classes."""
    with _CLASSES.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: DatabaseClass(
                name=row["name"],
                vcpus=int(row["vcpus"]),
                memory_gib=float(row["memory_gib"]),
                tier=_TIERS[row["name"].removeprefix("Standard_")[0]],
                max_connections=int(row["max_connections"]),
            )
            for row in csv.DictReader(file)
        }


def database_class(name: str) -> DatabaseClass:
    """The database class of that name. Raises `CatalogError` with near names."""
    found = database_classes().get(name)
    if found is None:
        raise unknown("database class", name, database_classes())
    return found


def cache_sku(name: str) -> CacheSku:
    """The cache of that name. Raises `CatalogError` with near names."""
    found = CACHES.get(name)
    if found is None:
        raise unknown("cache", name, CACHES)
    return found


def serverless_size(vcpus: float, memory_mib: int) -> bool:
    """Whether the containers of a copy may have that size together, without machines: steps of
    0.25 vCPU to 4, each with 2 GiB for a vCPU."""
    return (
        0 < vcpus <= _MOST_VCPUS
        and (vcpus / _STEP_VCPUS).is_integer()
        and memory_mib == vcpus * _MIB_PER_VCPU
    )


def database_of(vcpus: int, memory_gib: float) -> str:
    """The newest class of that size. Raises `CatalogError` with the sizes that exist."""
    fitting = [
        each.name
        for each in database_classes().values()
        if (each.vcpus, each.memory_gib) == (vcpus, memory_gib)
    ]
    if not fitting:
        sizes = dict.fromkeys(
            f"{each.vcpus} vCPU {each.memory_gib:g} GiB" for each in database_classes().values()
        )
        raise CatalogError(
            f"no database class of {vcpus} vCPU with {memory_gib:g} GiB; give instance_type, or "
            f"one of these sizes: {', '.join(sizes)}"
        )
    return max(fitting, key=_newest_intel)


def _newest_intel(name: str) -> tuple[str, bool]:
    """Version of a series, and of those with the same whether its processors are Intel's."""
    return name.rpartition("_")[2], "ads" not in name


def cache_of(memory_gib: float) -> str:
    """The balanced cache of that size. Raises `CatalogError` with the sizes that exist."""
    for number, gib in _BALANCED.items():
        if gib == memory_gib:
            return f"Balanced_B{number}"
    sizes = ", ".join(f"{gib:g}" for gib in _BALANCED.values())
    raise CatalogError(f"no cache of {memory_gib:g} GiB; sizes that exist, GiB: {sizes}")


def unknown(kind: str, name: str, known: Iterable[str]) -> CatalogError:
    """The error for a name that is not in the catalog."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3) or names[:3]
    return CatalogError(f"there is no {kind} {name!r}; did you mean {', '.join(near)}?")
