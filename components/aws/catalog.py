"""What AWS offers where: regions, zones, instance types, database classes, cache nodes.

Read offline from `data/` beside this file, which `tools/refresh_catalog.py` extracts from published
packages (`data/sources.json` says which, at which version). Only families that a Letta deployment
could use are in it, and only commercial regions whose zones are published. A zone's letter is the
one the data's account sees: AWS shuffles zone letters between accounts in its oldest regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import floor
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeVar

from components.args.base import Architecture
from components.sizing import CatalogError as CatalogError

Kind = Literal["ec2", "rds", "elasticache"]

_DATA: Final = Path(__file__).parent / "data"
_BYTES_PER_GIB: Final = 2**30
_BYTES_PER_GB: Final = 10**9
_KIND_NAMES: Final[Mapping[Kind, str]] = MappingProxyType(
    {"ec2": "EC2 instance type", "rds": "database class", "elasticache": "cache node type"}
)


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An EC2 instance type, as DescribeInstanceTypes gives it."""

    name: str
    vcpus: int
    memory_gib: float
    """Nominal memory; an ECS container instance registers somewhat less."""
    architecture: Architecture
    max_enis: int
    """Network interfaces on the first network card. An instance without ENI trunking holds
    `max_enis - 1` tasks in `awsvpc` mode, for its own takes one."""
    max_pods: int
    """Pods that a managed node of Amazon EKS runs where the VPC CNI gives out single addresses."""
    gpus: int
    gpu_model: str
    """Such as `NVIDIA T4`; empty where there is no GPU."""
    gpu_memory_gib: float
    """Of all GPUs together: 22.35 on a `g5.xlarge`, whose A10G is sold as one of 24 GB."""
    local_nvme_gib: float
    """Disks in the machine, together; what is on them is gone when the instance stops."""
    current_generation: bool
    """Whether AWS calls it so; an older generation still runs where it is offered."""


@dataclass(frozen=True, kw_only=True)
class DatabaseClass:
    """An RDS for PostgreSQL instance class; all but its name is that of its EC2 twin."""

    name: str
    vcpus: int
    memory_gib: float
    """Nominal memory; PostgreSQL gets what the system and RDS leave of it."""
    architecture: Architecture


@dataclass(frozen=True, kw_only=True)
class CacheNodeType:
    """An ElastiCache node type; the vCPUs are those of its EC2 twin."""

    name: str
    vcpus: int
    memory_gib: float
    """Usable for data, before `reserved-memory-percent`: `maxmemory` in "Valkey and Redis OSS
    node-type specific parameters" of the ElastiCache user guide."""


FARGATE_SIZES: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        256: (512, 1024, 2048),
        512: tuple(range(1024, 4096 + 1, 1024)),
        1024: tuple(range(2048, 8192 + 1, 1024)),
        2048: tuple(range(4096, 16384 + 1, 1024)),
        4096: tuple(range(8192, 30720 + 1, 1024)),
        8192: tuple(range(16384, 61440 + 1, 4096)),
        16384: tuple(range(32768, 122880 + 1, 8192)),
        32768: (61440, 122880, 249856),
    }
)
"""CPU units (1024 to a vCPU) of a Fargate task to the memory sizes in MiB it may have.

Source: "Task CPU and memory" in the Amazon ECS developer guide (also "Troubleshoot Amazon ECS task
definition invalid CPU or memory errors"). From 8192 units on, Linux platform 1.4.0 is needed."""


def fargate_size_valid(cpu: int, memory_mib: int) -> bool:
    """Whether Fargate runs a task of `cpu` units (1024 to a vCPU) and `memory_mib` MiB."""
    return memory_mib in FARGATE_SIZES.get(cpu, ())


def _rows(file: str) -> Iterator[list[str]]:
    lines = (_DATA / file).read_text(encoding="utf-8").splitlines()
    return (line.split(",") for line in lines[1:])


def _zones_by_region() -> Mapping[str, tuple[str, ...]]:
    return {
        region: tuple(region + letter for letter in letters)
        for region, letters in _rows("zones.csv")
    }


_ZONES: Final = _zones_by_region()

REGIONS: Final[tuple[str, ...]] = tuple(_ZONES)
"""The commercial regions in the catalog, sorted."""


def zones(region: str) -> tuple[str, ...]:
    """The availability zones of `region` by name, sorted.

    Raises:
        CatalogError: the region is not in the catalog.
    """
    if region not in _ZONES:
        raise CatalogError(_unknown("region", region, REGIONS))
    return _ZONES[region]


def instance_type(name: str) -> InstanceType:
    """The EC2 instance type `name`, such as `m5.large`.

    Raises:
        CatalogError: the catalog has no such type.
    """
    return _lookup("ec2", name, _instance_types())


def database_class(name: str) -> DatabaseClass:
    """The RDS for PostgreSQL instance class `name`, such as `db.r5.large`.

    Raises:
        CatalogError: the catalog has no such class.
    """
    return _lookup("rds", name, _database_classes())


def cache_node_type(name: str) -> CacheNodeType:
    """The ElastiCache node type `name`, such as `cache.t4g.medium`.

    Raises:
        CatalogError: the catalog has no such node type.
    """
    return _lookup("elasticache", name, _cache_node_types())


def offered(kind: Kind, name: str, region: str) -> bool:
    """Whether `region` offers the type `name`; for `rds` that is for the engine `postgres`.

    Raises:
        CatalogError: the catalog knows no such region, or no such type in any region.
    """
    zones(region)
    return region in regions_offering(kind, name)


def regions_offering(kind: Kind, name: str) -> tuple[str, ...]:
    """The regions that offer the type `name`, sorted; for `rds` with the engine `postgres`.

    Raises:
        CatalogError: the catalog has no such type.
    """
    return tuple(_lookup(kind, name, _offerings(kind)))


def names_offered(kind: Kind, region: str) -> tuple[str, ...]:
    """The types that `region` offers, family by family from small to large.

    Raises:
        CatalogError: the catalog knows no such region.
    """
    zones(region)
    return tuple(name for name, by_region in _offerings(kind).items() if region in by_region)


def offered_zones(instance_type: str, region: str) -> tuple[str, ...]:
    """The zones of `region` that offer the EC2 type `instance_type`; empty where none does.

    Raises:
        CatalogError: the catalog knows no such region or type.
    """
    zones(region)
    letters = _lookup("ec2", instance_type, _offerings("ec2")).get(region, "")
    return tuple(region + letter for letter in letters)


def alike(instance_type_name: str, region: str) -> tuple[str, ...]:
    """The EC2 types of `region` of the same vCPUs, memory, architecture and GPUs, the named one
    first: what may stand in for it.

    Raises:
        CatalogError: the catalog knows no such region or type.
    """
    named = instance_type(instance_type_name)
    others = (instance_type(name) for name in names_offered("ec2", region))
    return (
        named.name,
        *(
            other.name
            for other in others
            if other.name != named.name
            and other.max_enis >= named.max_enis
            and (other.vcpus, other.memory_gib, other.architecture, other.gpu_model, other.gpus)
            == (named.vcpus, named.memory_gib, named.architecture, named.gpu_model, named.gpus)
        ),
    )


_MAX_CONNECTIONS_LIMIT: Final = 5000
_CONNECTIONS_PER_GIB: Final = 112.6
_USABLE_SHARE: Final = 0.93
_RESERVED_GIB: Final = 0.25


def max_connections(memory_gib: float) -> int:
    """Connections that a PostgreSQL with so much memory bears.

    RDS takes LEAST({DBInstanceClassMemory/9531392}, 5000), which is 112.6 connections for each GiB
    (AWS Prescriptive Guidance, "max_connections"). DBInstanceClassMemory is the nominal memory less
    what the system and RDS keep, a share that AWS does not publish: 7 % and 0.25 GiB are assumed,
    which lies under the values reported for real instances of the small classes.
    """
    usable_gib = _USABLE_SHARE * memory_gib - _RESERVED_GIB
    return min(floor(usable_gib * _CONNECTIONS_PER_GIB), _MAX_CONNECTIONS_LIMIT)


def default_max_connections(database_class_name: str) -> int:
    """A cautious estimate of `max_connections` where no parameter group sets it.

    Raises:
        CatalogError: the catalog has no such class.
    """
    return max_connections(database_class(database_class_name).memory_gib)


_FEW_VCPUS: Final = 30
_MAX_PODS_FEW_VCPUS: Final = 110
_MAX_PODS_MANY_VCPUS: Final = 250


def _max_pods(vcpus: int, enis: int, addresses_per_eni: int) -> int:
    """Every interface gives all its addresses but its own, and two pods use the host's network.

    Managed node groups without an AMI of one's own put a cap on it. Source: "Choose an optimal
    Amazon EC2 node instance type", how maxPods is determined, in the Amazon EKS user guide.
    """
    cap = _MAX_PODS_FEW_VCPUS if vcpus < _FEW_VCPUS else _MAX_PODS_MANY_VCPUS
    return min(enis * (addresses_per_eni - 1) + 2, cap)


_KERNEL_SHARE: Final = 0.05
_KUBELET_BASE_MIB: Final = 255
_KUBELET_MIB_PER_POD: Final = 11
_EVICTION_MIB: Final = 100


def node_memory_mib(kind: InstanceType) -> float:
    """A cautious estimate of the memory that a managed EKS node leaves to pods, MiB.

    The node sets 255 MiB and 11 MiB for each pod it may run aside, and evicts pods when 100 MiB
    are left (nodeadm of the Amazon EKS AMI, `kubeReserved` and `evictionHard`). The kernel keeps a
    share that is not published: 5 % are assumed; an m4.large registers 97.5 % with ECS.
    """
    aside = _KUBELET_BASE_MIB + _KUBELET_MIB_PER_POD * kind.max_pods + _EVICTION_MIB
    return kind.memory_gib * 1024 * (1 - _KERNEL_SHARE) - aside


_RESERVED_OF_CORES: Final = (0.06, 0.01, 0.005, 0.005)
_RESERVED_OF_OTHER_CORES: Final = 0.0025


def node_vcpus(kind: InstanceType) -> float:
    """The CPU that a managed EKS node leaves to pods, vCPU (nodeadm, `kubeReserved`)."""
    first = _RESERVED_OF_CORES[: kind.vcpus]
    return kind.vcpus - sum(first) - _RESERVED_OF_OTHER_CORES * (kind.vcpus - len(first))


@cache
def _instance_types() -> Mapping[str, InstanceType]:
    return {
        name: InstanceType(
            name=name,
            vcpus=int(vcpus),
            memory_gib=float(memory_gib),
            architecture="arm64" if architecture == "arm64" else "x86_64",
            max_enis=int(max_enis),
            max_pods=_max_pods(int(vcpus), int(max_enis), int(addresses_per_eni)),
            gpus=int(gpus),
            gpu_model=gpu_model,
            gpu_memory_gib=float(gpu_memory_gib),
            local_nvme_gib=int(local_nvme_gb) * _BYTES_PER_GB / _BYTES_PER_GIB,
            current_generation=current_generation == "yes",
        )
        for (
            name,
            vcpus,
            memory_gib,
            architecture,
            max_enis,
            addresses_per_eni,
            gpus,
            gpu_model,
            gpu_memory_gib,
            local_nvme_gb,
            current_generation,
        ) in _rows("instance_types.csv")
    }


@cache
def _database_classes() -> Mapping[str, DatabaseClass]:
    twins = {name: instance_type(name.removeprefix("db.")) for name in _offerings("rds")}
    return {
        name: DatabaseClass(
            name=name,
            vcpus=twin.vcpus,
            memory_gib=twin.memory_gib,
            architecture=twin.architecture,
        )
        for name, twin in twins.items()
    }


@cache
def _cache_node_types() -> Mapping[str, CacheNodeType]:
    return {
        name: CacheNodeType(
            name=name,
            vcpus=instance_type(name.removeprefix("cache.")).vcpus,
            memory_gib=int(maxmemory_bytes) / _BYTES_PER_GIB,
        )
        for name, maxmemory_bytes in _rows("cache_maxmemory.csv")
    }


@cache
def _offerings(kind: Kind) -> Mapping[str, Mapping[str, str]]:
    """Type name -> region -> the letters of the zones that offer it (empty but for `ec2`)."""
    found: dict[str, dict[str, str]] = {}
    for region, family, zone_letters, sizes in _rows(f"{kind}_offerings.csv"):
        for size in sizes.split():
            found.setdefault(f"{family}.{size}", {})[region] = zone_letters
    return found


_T = TypeVar("_T")


def _lookup(kind: Kind, name: str, known: Mapping[str, _T]) -> _T:
    if name not in known:
        raise CatalogError(_unknown(_KIND_NAMES[kind], name, known))
    return known[name]


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only a refusal pays for this import

    nearest = get_close_matches(name, list(known), n=3, cutoff=0.6)
    hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
    return f"{name!r} is no {what} in the catalog{hint}"
