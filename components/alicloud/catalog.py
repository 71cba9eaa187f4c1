"""What Alibaba Cloud offers: regions, zones, instance types, database and cache classes.

Read offline. `data/` holds the tables, and `data/sources.json` says where each is from.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from components.args.base import Architecture
from components.sizing import CatalogError

_DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An instance type of ECS."""

    name: str
    vcpus: int
    memory_gib: float
    architecture: Architecture
    gpus: int
    gpu_model: str
    """Such as `NVIDIA T4`; empty where there is no GPU."""
    gpu_memory_gib: float
    """Of one GPU."""


@dataclass(frozen=True, kw_only=True)
class DatabaseClass:
    """A class of RDS for PostgreSQL, a primary with its standby."""

    name: str
    vcpus: int
    memory_gib: float
    max_connections: int
    """Most connections; the class sets it, and no parameter raises it."""

    @property
    def read_only(self) -> str:
        """Name of the class of a read-only instance of this size, which is one machine: `pg.` is
        `pgro.` there, and the last part begins with 1."""
        stem, _, last = self.name.removeprefix("pg.").rpartition(".")
        return f"pgro.{stem}.1{last[1:]}"

    @property
    def dedicated(self) -> bool:
        """Whether its processors are its own (classes `pg.x`, "Dedicated" in document 276990)."""
        return self.name.startswith("pg.x")


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (_DATA / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    return {row["region"]: tuple(row["zones"].split()) for row in _rows("zones.csv")}


REGIONS: Final[tuple[str, ...]] = tuple(sorted(_zones()))
"""The regions in the catalog, sorted."""


def zones(region: str) -> tuple[str, ...]:
    """The zones of `region` by name, sorted.

    Raises:
        CatalogError: the region is not in the catalog.
    """
    if region not in REGIONS:
        raise CatalogError(_unknown("region", region, REGIONS))
    return _zones()[region]


@cache
def _instance_types() -> Mapping[str, InstanceType]:
    return {
        row["name"]: InstanceType(
            name=row["name"],
            vcpus=int(row["vcpus"]),
            memory_gib=float(row["memory_gib"]),
            architecture="arm64" if row["architecture"] == "arm64" else "x86_64",
            gpus=int(row["gpus"]),
            gpu_model=row["gpu_model"],
            gpu_memory_gib=float(row["gpu_memory_gib"]),
        )
        for row in _rows("instance_types.csv")
    }


def instance_type(name: str) -> InstanceType:
    """The instance type `name`, such as `ecs.g7.large`.

    Raises:
        CatalogError: the catalog has no such type.
    """
    if name not in _instance_types():
        raise CatalogError(_unknown("instance type", name, _instance_types()))
    return _instance_types()[name]


@cache
def _database_classes() -> Mapping[str, DatabaseClass]:
    return {
        row["name"]: DatabaseClass(
            name=row["name"],
            vcpus=int(row["vcpus"]),
            memory_gib=float(row["memory_gib"]),
            max_connections=int(row["max_connections"]),
        )
        for row in _rows("database_classes.csv")
    }


def database_class(name: str) -> DatabaseClass:
    """The class of RDS `name`, such as `pg.n2.4c.2m`.

    Raises:
        CatalogError: the catalog has no such class.
    """
    if name not in _database_classes():
        raise CatalogError(_unknown("database class", name, _database_classes()))
    return _database_classes()[name]


def any_database_class(name: str) -> DatabaseClass:
    """The class of RDS `name`, or the one of the primary whose read-only class has that name.

    Raises:
        CatalogError: the catalog has no such class.
    """
    for each in _database_classes().values():
        if name in (each.name, each.read_only):
            return each
    raise CatalogError(_unknown("database class", name, _database_classes()))


WITHOUT_READ_ONLY = frozenset({"pg.n4.6c.2m", "pg.n4.12c.2m"})
"""Classes of which there is none to be read only (RDS documentation, "Default read weights", whose
list of `pgro.` classes lacks them)."""


@cache
def _cache_classes() -> Mapping[str, float]:
    return {row["name"]: float(row["memory_gib"]) for row in _rows("cache_classes.csv")}


def cache_size(name: str) -> float:
    """Memory of the cache class `name`, such as `redis.shard.large.ce`, GiB.

    Raises:
        CatalogError: the catalog has no such class.
    """
    if name not in _cache_classes():
        raise CatalogError(_unknown("cache class", name, _cache_classes()))
    return _cache_classes()[name]


_KERNEL_SHARE: Final = 0.05
"""Share of the memory that the kernel keeps: assumed."""
_EVICTION_MIB: Final = 300
"""Memory at which a node evicts pods (ACK user guide, "Resource reservation policy")."""
_RESERVED_OF_MEMORY: Final = ((4, 0.25), (8, 0.20), (16, 0.10), (128, 0.06))
"""Up to so many GiB -> share of them that the node keeps (the same page); above, 2 %."""
_RESERVED_OF_REST: Final = 0.02
_RESERVED_OF_CORES: Final = (0.06, 0.01, 0.005, 0.005)
_RESERVED_OF_OTHER_CORES: Final = 0.0025
_MIB_PER_GIB: Final = 1024


def node_memory_mib(kind: InstanceType) -> float:
    """A cautious estimate of the memory that a node of ACK leaves to pods, MiB."""
    kept, below = 0.0, 0.0
    for bound, share in _RESERVED_OF_MEMORY:
        kept += max(min(kind.memory_gib, bound) - below, 0) * share
        below = bound
    kept += max(kind.memory_gib - below, 0) * _RESERVED_OF_REST
    left = kind.memory_gib * (1 - _KERNEL_SHARE) - kept
    return left * _MIB_PER_GIB - _EVICTION_MIB


def node_vcpus(kind: InstanceType) -> float:
    """The CPU that a node of ACK leaves to pods, vCPU (ACK user guide, "Resource reservation
    policy")."""
    first = _RESERVED_OF_CORES[: kind.vcpus]
    return kind.vcpus - sum(first) - _RESERVED_OF_OTHER_CORES * (kind.vcpus - len(first))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only a refusal pays for this import

    nearest = get_close_matches(name, list(known), n=3, cutoff=0.6)
    hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
    return f"{name!r} is no {what} in the catalog{hint}"
