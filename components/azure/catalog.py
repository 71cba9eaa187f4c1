"""What Azure offers where: regions, zones, classes of databases, sizes of caches and containers.

Read offline. `data/sources.json` says where each list is from.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final, Literal

_CLASSES: Final = Path(__file__).parent / "data" / "database_classes.csv"

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
_WITHOUT_ZONES: Final = (
    "australiasoutheast",
    "canadaeast",
    "koreasouth",
    "northcentralus",
    "southindia",
    "ukwest",
    "westcentralus",
    "westindia",
    "westus",
)
REGIONS: Final[tuple[str, ...]] = tuple(sorted((*_WITH_ZONES, *_WITHOUT_ZONES)))
"""The regions in the catalog, sorted."""

Tier = Literal["Burstable", "GeneralPurpose", "MemoryOptimized"]
_TIERS: Final[Mapping[str, Tier]] = {
    "B": "Burstable",
    "D": "GeneralPurpose",
    "E": "MemoryOptimized",
}
_STEPS_GIB: Final = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
"""Sizes of a disk of a PostgreSQL server."""
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


def zones(region: str) -> tuple[str, ...]:
    """The zones of `region`, as Azure numbers them; none where it has none.

    Raises `CatalogError` for an unknown region.
    """
    if region not in REGIONS:
        raise _unknown("region", region, REGIONS)
    return ("1", "2", "3") if region in _WITH_ZONES else ()


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
        raise _unknown("database class", name, database_classes())
    return found


def cache_sku(name: str) -> CacheSku:
    """The cache of that name. Raises `CatalogError` with near names."""
    found = CACHES.get(name)
    if found is None:
        raise _unknown("cache", name, CACHES)
    return found


def serverless_size(vcpus: float, memory_mib: int) -> bool:
    """Whether the containers of a copy may have that size together, without machines: steps of
    0.25 vCPU to 4, each with 2 GiB for a vCPU."""
    return (
        0 < vcpus <= _MOST_VCPUS
        and (vcpus / _STEP_VCPUS).is_integer()
        and memory_mib == vcpus * _MIB_PER_VCPU
    )


def storage_step(gib: int) -> int:
    """The smallest disk of a PostgreSQL server that holds `gib`. Raises `CatalogError`."""
    for step in _STEPS_GIB:
        if gib <= step:
            return step
    raise CatalogError(f"a disk has {_STEPS_GIB[-1]} GiB at most, not {gib}")


def _unknown(kind: str, name: str, known: Iterable[str]) -> CatalogError:
    names = sorted(known)
    near = get_close_matches(name, names, n=3) or names[:3]
    return CatalogError(f"there is no {kind} {name!r}; did you mean {', '.join(near)}?")
