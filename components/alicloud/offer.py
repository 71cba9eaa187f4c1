"""What Alibaba Cloud offers to a stack file: sizes by name, names by size, where they can be had.

Read while settings load and by the command line, so nothing here imports an SDK.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from components import sizing
from components.alicloud import catalog, subnets
from components.alicloud.absent import ABSENT
from components.alicloud.fixed import (
    LEAST_BACKUP_DAYS,
    LOOK_BACK_HOURS,
    MOST_ALB_SECONDS,
    MOST_QUEUE_DAYS,
    MOST_STORAGE_GIB,
    STORAGE_STEP_GIB,
    STORE_ZONES,
)
from components.alicloud.sizes import (
    CACHES,
    DATABASES,
    EMBEDDING_MACHINES,
    GPU_MACHINES,
    MACHINES,
    OLLAMA_MACHINE,
    TIERS,
)
from components.args.base import Architecture, Args
from components.models.memory import GpuMachine
from components.offer import Catalog, Identifier, NodeMachine


class AlicloudOptions(Args):
    """What may stand under `letta:alicloud`."""

    kms_instance: str | None = Field(default=None, pattern=r"^kst-[a-z0-9]+$")
    """Id of a KMS instance of yours that is to hold the stack's key. Without one the key is the
    free master key of the region, of which an account has one: a second stack of the account in the
    region needs an instance."""
    queue_encryption: bool = False
    """Whether queues are encrypted. Simple Message Queue does so for accounts alone that have asked
    for it by a ticket (SDK, `enable_sse`)."""


def _machine(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    return sizing.named(MACHINES[architecture], (vcpus, memory_gib))


def _database(vcpus: int, memory_gib: float, _architecture: Architecture) -> str:
    return sizing.named(DATABASES, (vcpus, memory_gib))


def _machine_size(name: str) -> tuple[int, float]:
    found = catalog.instance_type(name)
    return found.vcpus, found.memory_gib


def _database_size(name: str) -> tuple[int, float]:
    found = catalog.database_class(name)
    return found.vcpus, found.memory_gib


def _database_architecture(name: str) -> Architecture:
    catalog.database_class(name)
    return "x86_64"


def _gpu_machine(name: str) -> GpuMachine:
    found = catalog.instance_type(name)
    known = (*GPU_MACHINES, EMBEDDING_MACHINES["gpu"], OLLAMA_MACHINE)
    return sizing.gpu_machine(found, known, gpu_memory_gib=found.gpu_memory_gib)


def _node(name: str) -> NodeMachine:
    found = catalog.instance_type(name)
    return NodeMachine(
        name=found.name,
        cores=found.vcpus,
        vcpus=catalog.node_vcpus(found),
        memory_mib=catalog.node_memory_mib(found),
        gpus=found.gpus,
        gpu=found.gpu_model,
    )


def _refused(_options: Args | None, roles: Mapping[str, Any]) -> Iterator[str]:
    ingress, database, cache = roles["ingress"], roles["database"], roles["cache"]
    if ingress.kind == "proxy":
        yield (
            "letta:ingress.kind: proxy: servers run on a cluster, which has no one machine for a "
            "proxy; set it to load_balancer"
        )
    if ingress.certificate is None:
        yield (
            "letta:ingress.certificate: required on this cloud, whose SDK issues none; buy or "
            "upload one in Certificate Management Service and give its id, such as "
            "1234567-ap-southeast-1"
        )
    if ingress.nat == "per_zone":
        yield (
            "letta:ingress.nat: a NAT gateway fails over to a second zone by itself, so there is "
            "none per zone; set it to single"
        )
    if ingress.control_plane is not None and ingress.control_plane.allowed_cidrs:
        yield (
            "letta:ingress.control_plane.allowed_cidrs: ACK opens a control plane to everybody or "
            "to nobody outside, and only when it is made: set it to [], and deploy from a network "
            "that is connected to the stack's"
        )
    if ingress.idle_timeout_seconds > MOST_ALB_SECONDS:
        yield (
            f"letta:ingress.idle_timeout_seconds: {ingress.idle_timeout_seconds} exceeds the "
            f"{MOST_ALB_SECONDS} s that ALB bears; lower it"
        )
    if ingress.zones < STORE_ZONES:
        yield (
            f"letta:ingress.zones: {ingress.zones}: database and load balancer stand in "
            f"{STORE_ZONES} zones; set it to {STORE_ZONES} or more"
        )
    if not database.high_availability:
        yield (
            "letta:database.high_availability: false: RDS without a standby keeps no log backups, "
            "and a standby that is added later is a new database; leave it out"
        )
    if database.read_replicas and database.instance_type in catalog.WITHOUT_READ_ONLY:
        yield (
            f"letta:database.read_replicas: {database.read_replicas}: RDS sells no read-only "
            f"instance of the size of {database.instance_type}; set it to 0, or choose another "
            "instance_type"
        )
    for name in ("storage_gib", "max_storage_gib"):
        yield from _disk(name, getattr(database, name))
    if database.backup_retention_days < LEAST_BACKUP_DAYS:
        yield (
            f"letta:database.backup_retention_days: {database.backup_retention_days} is below "
            f"{LEAST_BACKUP_DAYS}, the least of RDS; raise it"
        )
    dump = database.dump
    if dump is not None and dump.max_age_hours > LOOK_BACK_HOURS:
        yield (
            f"letta:database.dump.every_hours: {dump.every_hours}: the newest dump may be "
            f"{dump.max_age_hours:g} hours old before one is missed, and alerts of Log Service "
            f"look back {LOOK_BACK_HOURS}; set it to 12 or less"
        )
    if cache.kind == "managed" and cache.nodes != STORE_ZONES:
        yield (
            f"letta:cache.nodes: {cache.nodes}: a class is a primary with its standby; set it to "
            f"{STORE_ZONES}"
        )
    queue = roles["queue"]
    if queue.enabled and queue.retention_days > MOST_QUEUE_DAYS:
        yield (
            f"letta:queue.retention_days: {queue.retention_days} exceeds the {MOST_QUEUE_DAYS} "
            "days that a queue keeps a message; lower it"
        )


def _disk(name: str, gib: int) -> Iterator[str]:
    if gib % STORAGE_STEP_GIB:
        below = gib - gib % STORAGE_STEP_GIB
        yield (
            f"letta:database.{name}: {gib} is no multiple of {STORAGE_STEP_GIB}, as disks of RDS "
            f"are; set it to {below} or {below + STORAGE_STEP_GIB}"
        )
    if gib > MOST_STORAGE_GIB:
        yield (
            f"letta:database.{name}: {gib} exceeds the {MOST_STORAGE_GIB} GiB of a disk of RDS; "
            "lower it"
        )


CATALOG = Catalog(
    regions=lambda: catalog.REGIONS,
    zones=catalog.zones,
    machine=_machine,
    database=_database,
    cache=lambda memory_gib: sizing.named(CACHES, memory_gib),
    machine_size=_machine_size,
    machine_architecture=lambda name: catalog.instance_type(name).architecture,
    database_size=_database_size,
    database_architecture=_database_architecture,
    cache_size=catalog.cache_size,
    # Which zone has what in stock is told by the cloud alone, and changes by the hour.
    offered=lambda _kind, _name, _region: True,
    gpu_machines=lambda _region: tuple(_gpu_machine(name) for name in GPU_MACHINES),
    gpu_machine=_gpu_machine,
    embedding_machine=lambda hosting: EMBEDDING_MACHINES[hosting],
    ollama_machine=OLLAMA_MACHINE,
    node=_node,
    nodes_per_zone=subnets.nodes_per_zone,
    serverless_size_valid=lambda _vcpus, _memory_mib: False,
    computes={"kubernetes": "kubernetes"},
    identifiers={
        "certificate": Identifier(pattern=r"[0-9]+-[a-z0-9-]+", example="1234567-ap-southeast-1"),
        "principal": Identifier(pattern=r"(user|role)/[0-9]+", example="role/300012345678901234"),
    },
    tiers=TIERS,
    options=AlicloudOptions,
    absent=ABSENT,
    refused=_refused,
    container_cache_shared=True,
)
