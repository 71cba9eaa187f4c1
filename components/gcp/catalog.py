"""What Google Cloud offers where: regions, zones, machine types, database tiers, caches.

Read offline. Which machine types a region has is in `data/machine_offerings.csv`
(`data/sources.json` says from where); the sizes follow from the names, as Google makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from components.args.base import Architecture
from components.sizing import CatalogError as CatalogError

_OFFERINGS: Final = Path(__file__).parent / "data" / "machine_offerings.csv"

_ZONE_LETTERS: Final[Mapping[str, str]] = {
    "europe-west1": "bcd",
    "us-central1": "abcf",
    "us-east1": "bcd",
}
_USUAL_LETTERS: Final = "abc"
"""Letters of a region's zones (Memorystore documentation, "Regions and zones")."""


@dataclass(frozen=True, kw_only=True)
class MachineType:
    """A machine type of Compute Engine, with the GPUs that it comes with or that are attached."""

    name: str
    """`n2-standard-8`, or `n1-standard-8+t4` where a GPU is attached to it."""
    vcpus: int
    memory_gib: float
    architecture: Architecture
    gpus: int = 0
    gpu_model: str = ""
    """Such as `NVIDIA T4`; empty where there is no GPU."""
    accelerator: str = ""
    """What Compute Engine calls the GPU; empty where there is none."""
    gpu_memory_gib: float = 0
    """Of one GPU."""

    @property
    def machine_type(self) -> str:
        """What Compute Engine calls the machine itself."""
        return self.name.partition("+")[0]


@dataclass(frozen=True, kw_only=True)
class DatabaseTier:
    """A tier of Cloud SQL for PostgreSQL, edition Enterprise."""

    name: str
    vcpus: int
    memory_gib: float


_GIB_PER_VCPU: Final[Mapping[tuple[str, str], float]] = {
    ("e2", "standard"): 4,
    ("e2", "highmem"): 8,
    ("e2", "highcpu"): 1,
    ("n1", "standard"): 3.75,
    ("n1", "highmem"): 6.5,
    ("n1", "highcpu"): 0.9,
    ("n2", "standard"): 4,
    ("n2", "highmem"): 8,
    ("n2", "highcpu"): 1,
    ("c2", "standard"): 4,
    ("c4a", "standard"): 4,
    ("c4a", "highmem"): 8,
    ("c4a", "highcpu"): 2,
    ("g2", "standard"): 4,
}
"""Family and kind -> GiB of memory for each vCPU (Compute Engine documentation, "General-purpose
machine family", "Compute-optimized machine family", "Accelerator-optimized machine family")."""
_UNEVEN: Final[Mapping[str, tuple[int, float]]] = {
    "e2-micro": (2, 1),
    "e2-small": (2, 2),
    "e2-medium": (2, 4),
    "n2-highmem-128": (128, 864),
}
"""Types whose size does not follow from the name (the same pages)."""
_ARM_FAMILIES: Final = ("c4a",)

_T4: Final = ("NVIDIA T4", "nvidia-tesla-t4", 16)
_L4: Final = ("NVIDIA L4", "nvidia-l4", 24)
_A100: Final = ("NVIDIA A100", "nvidia-tesla-a100", 40)
_A100_80: Final = ("NVIDIA A100", "nvidia-a100-80gb", 80)
_G2_GPUS: Final[Mapping[int, int]] = {4: 1, 8: 1, 12: 1, 16: 1, 24: 2, 32: 1, 48: 4, 96: 8}
"""vCPUs of a G2 machine -> its L4 GPUs ("GPU machine types")."""
_A2: Final[Mapping[str, tuple[int, float, int, tuple[str, str, int]]]] = {
    "a2-highgpu-1g": (12, 85, 1, _A100),
    "a2-highgpu-2g": (24, 170, 2, _A100),
    "a2-highgpu-4g": (48, 340, 4, _A100),
    "a2-highgpu-8g": (96, 680, 8, _A100),
    "a2-megagpu-16g": (96, 1360, 16, _A100),
    "a2-ultragpu-1g": (12, 170, 1, _A100_80),
    "a2-ultragpu-2g": (24, 340, 2, _A100_80),
    "a2-ultragpu-4g": (48, 680, 4, _A100_80),
    "a2-ultragpu-8g": (96, 1360, 8, _A100_80),
}
"""Type -> vCPUs, GiB, GPUs and which ("GPU machine types")."""
_ATTACHABLE: Final[Mapping[str, tuple[str, str, int]]] = {"t4": _T4}
"""Suffix of an N1 machine's name in this catalog -> the GPU attached to it."""


def _rows() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for line in _OFFERINGS.read_text(encoding="utf-8").splitlines()[1:]:
        region, family, sizes = line.split(",")
        yield region, family, tuple(sizes.split())


@cache
def _offerings() -> Mapping[str, frozenset[str]]:
    """Region -> machine types, without GPUs attached."""
    found: dict[str, set[str]] = {}
    for region, family, sizes in _rows():
        found.setdefault(region, set()).update(f"{family}-{size}" for size in sizes)
    return {region: frozenset(names) for region, names in found.items()}


REGIONS: Final[tuple[str, ...]] = tuple(sorted(_offerings()))
"""The regions in the catalog, sorted."""


@cache
def _known() -> tuple[str, ...]:
    return tuple(sorted(set().union(*_offerings().values())))


def zones(region: str) -> tuple[str, ...]:
    """The zones of `region` by name, sorted.

    Raises:
        CatalogError: the region is not in the catalog.
    """
    if region not in REGIONS:
        raise CatalogError(_unknown("region", region, REGIONS))
    return tuple(f"{region}-{letter}" for letter in _ZONE_LETTERS.get(region, _USUAL_LETTERS))


def machine_type(name: str) -> MachineType:
    """The machine type `name`, such as `n2-standard-8` or `n1-standard-8+t4`.

    Raises:
        CatalogError: the catalog has no such type.
    """
    machine, plus, gpu = name.partition("+")
    if machine not in _known() or (plus and not (gpu in _ATTACHABLE and machine[:3] == "n1-")):
        raise CatalogError(_unknown("machine type", name, _known()))
    if machine in _A2:
        vcpus, memory_gib, gpus, (model, accelerator, gib) = _A2[machine]
        return _with_gpus(name, vcpus, memory_gib, gpus, model, accelerator, gib)
    family, _, size = machine.partition("-")
    if machine in _UNEVEN:
        vcpus, memory_gib = _UNEVEN[machine]
    else:
        kind, _, count = size.partition("-")
        vcpus = int(count)
        memory_gib = vcpus * _GIB_PER_VCPU[family, kind]
    if family == "g2":
        return _with_gpus(name, vcpus, memory_gib, _G2_GPUS[vcpus], *_L4)
    if gpu:
        return _with_gpus(name, vcpus, memory_gib, 1, *_ATTACHABLE[gpu])
    return MachineType(
        name=name,
        vcpus=vcpus,
        memory_gib=memory_gib,
        architecture="arm64" if family in _ARM_FAMILIES else "x86_64",
    )


def with_accelerator(name: str, accelerator: str) -> str:
    """The catalog's name of the machine type `name` that has this accelerator; of one whose GPUs
    belong to it, its own."""
    for suffix, (_, attached, _) in _ATTACHABLE.items():
        if accelerator == attached:
            return f"{name}+{suffix}"
    return name


def _with_gpus(
    name: str, vcpus: int, memory_gib: float, gpus: int, model: str, accelerator: str, gib: int
) -> MachineType:
    return MachineType(
        name=name,
        vcpus=vcpus,
        memory_gib=memory_gib,
        architecture="x86_64",
        gpus=gpus,
        gpu_model=model,
        accelerator=accelerator,
        gpu_memory_gib=gib,
    )


_RESERVED_OF_CORES: Final = (0.06, 0.01, 0.005, 0.005)
_RESERVED_OF_OTHER_CORES: Final = 0.0025
_RESERVED_OF_GIB: Final = ((4, 0.25), (4, 0.2), (8, 0.1), (112, 0.06))
_RESERVED_OF_OTHER_GIB: Final = 0.02
_EVICTION_GIB: Final = 100 / 1024
_KERNEL_SHARE: Final = 0.03


def node_vcpus(kind: MachineType) -> float:
    """The CPU that a GKE node leaves to pods, vCPU: 6 % of the first core are kept, 1 % of the
    second, 0.5 % of the next two, 0.25 % of the others (GKE documentation, "Plan GKE Standard node
    sizes")."""
    first = _RESERVED_OF_CORES[: kind.vcpus]
    return kind.vcpus - sum(first) - _RESERVED_OF_OTHER_CORES * (kind.vcpus - len(first))


def node_memory_mib(kind: MachineType) -> float:
    """A cautious estimate of the memory that a GKE node leaves to pods, MiB.

    A quarter of the first 4 GiB is kept, a fifth of the next 4, a tenth of the next 8, 6 % of the
    next 112, 2 % of the rest, and pods are evicted when 100 MiB are left (the same page). Of what
    the kernel takes first no figure is published: 3 % are assumed.
    """
    rest, kept = kind.memory_gib, _EVICTION_GIB
    for step, share in _RESERVED_OF_GIB:
        part = min(rest, step)
        kept, rest = kept + part * share, rest - part
    kept += rest * _RESERVED_OF_OTHER_GIB
    return (kind.memory_gib * (1 - _KERNEL_SHARE) - kept) * _MIB_PER_GIB


def machine_offered(name: str, region: str) -> bool:
    """Whether `region` has a price for the machine type; a GPU may be short all the same.

    Raises:
        CatalogError: the catalog knows no such region or type.
    """
    zones(region)
    return machine_type(name).machine_type in _offerings()[region]


_TIER: Final = re.compile(r"db-custom-(\d+)-(\d+)")
_SHARED: Final[Mapping[str, DatabaseTier]] = {
    "db-f1-micro": DatabaseTier(name="db-f1-micro", vcpus=1, memory_gib=0.6),
    "db-g1-small": DatabaseTier(name="db-g1-small", vcpus=1, memory_gib=1.7),
}
"""Tiers on a shared core; Google's service level does not hold for them."""
_MIB_PER_GIB: Final = 1024
_LEAST_MIB: Final = 3840
_MIB_STEP: Final = 256
_GIB_PER_DATABASE_VCPU: Final = (0.9, 6.5)
_MOST_DATABASE_VCPUS: Final = 96


def database_tier(name: str) -> DatabaseTier:
    """The Cloud SQL tier `name`, such as `db-custom-4-16384`.

    A custom tier has 1 vCPU, or an even number of up to 96; 0.9 to 6.5 GiB for each, 3.75 GiB at
    least, in steps of 256 MiB (Cloud SQL for PostgreSQL documentation, "About instance settings").

    Raises:
        CatalogError: there is no such tier.
    """
    if name in _SHARED:
        return _SHARED[name]
    match = _TIER.fullmatch(name)
    if match is None:
        raise CatalogError(
            f"{name!r} is no database tier; a tier is db-custom-<vCPUs>-<MiB>, such as "
            "db-custom-4-16384"
        )
    vcpus, memory_mib = int(match[1]), int(match[2])
    if vcpus > _MOST_DATABASE_VCPUS or (vcpus != 1 and vcpus % 2) or not vcpus:
        raise CatalogError(
            f"{name}: a tier has 1 vCPU or an even number of up to {_MOST_DATABASE_VCPUS}"
        )
    low, high = (share * vcpus * _MIB_PER_GIB for share in _GIB_PER_DATABASE_VCPU)
    least = max(low, _LEAST_MIB)
    if not least <= memory_mib <= high or memory_mib % _MIB_STEP:
        raise CatalogError(
            f"{name}: with {vcpus} vCPU a tier has {least:g} to {high:g} MiB, in steps of "
            f"{_MIB_STEP}"
        )
    return DatabaseTier(name=name, vcpus=vcpus, memory_gib=memory_mib / _MIB_PER_GIB)


def database_tier_of(vcpus: int, memory_gib: float) -> str:
    """Name of the tier of that size.

    Raises:
        CatalogError: there is no such tier.
    """
    return database_tier(f"db-custom-{vcpus}-{memory_gib * _MIB_PER_GIB:.0f}").name


CONNECTIONS_PER_GIB: Final = 112
"""Connections that the flag `max_connections` allows for each GiB of memory, as many as RDS allows
by default. Cloud SQL's own default is far lower, 500 at 15 GB and 600 at 30 GB (Cloud SQL
documentation, "Configure database flags"): a pool for every copy would not fit."""
MOST_CONNECTIONS: Final = 5000
"""Connections that the stack lets the largest database accept."""


def max_connections(tier: str) -> int:
    """The value of the flag `max_connections` that the stack sets for a tier.

    Raises:
        CatalogError: there is no such tier.
    """
    return min(int(database_tier(tier).memory_gib * CONNECTIONS_PER_GIB), MOST_CONNECTIONS)


DEFAULT_CONNECTIONS: Final = (
    (120, 1000),
    (60, 800),
    (30, 600),
    (15, 500),
    (7.5, 400),
    (6, 200),
    (3.75, 100),
    (1.7, 50),
    (0.6, 25),
)
"""Least GB of memory -> connections where the flag is not set (the same page)."""


def default_max_connections(tier: str) -> int:
    """Connections of a tier where the flag `max_connections` is not set.

    Raises:
        CatalogError: there is no such tier.
    """
    memory_gib = database_tier(tier).memory_gib
    return next((count for least, count in DEFAULT_CONNECTIONS if memory_gib >= least), 25)


_CACHE: Final = re.compile(r"redis-(\d+)")
_MOST_CACHE_GIB: Final = 300


def cache_size(name: str) -> int:
    """Memory of the Memorystore instance `name`, such as `redis-5`, GiB.

    Memorystore for Redis has no names of sizes; it has whole GiB from 1 to 300 (its
    documentation, "Redis tier capabilities").

    Raises:
        CatalogError: there is no such instance.
    """
    match = _CACHE.fullmatch(name)
    if match is None or not 1 <= int(match[1]) <= _MOST_CACHE_GIB:
        raise CatalogError(
            f"{name!r} is no cache; a cache is redis-<GiB>, of 1 to {_MOST_CACHE_GIB} GiB, such as "
            "redis-4"
        )
    return int(match[1])


SERVERLESS_MEMORY_MIB: Final[Mapping[float, tuple[int, int]]] = {
    1: (512, 4096),
    2: (512, 8192),
    4: (2048, 16_384),
    6: (4096, 24_576),
    8: (4096, 32_768),
}
"""CPUs of a Cloud Run container -> least and most memory, MiB (Cloud Run documentation, "Configure
memory limits for services")."""


def serverless_size_valid(vcpus: float, memory_mib: int) -> bool:
    """Whether Cloud Run runs a container of `vcpus` CPUs and `memory_mib` MiB."""
    least, most = SERVERLESS_MEMORY_MIB.get(vcpus, (1, 0))
    return least <= memory_mib <= most


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only a refusal pays for this import

    nearest = get_close_matches(name, list(known), n=3, cutoff=0.6)
    hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
    return f"{name!r} is no {what} in the catalog{hint}"
