"""What AWS offers to a stack file: sizes by name, names by size, and where they can be had.

Read while settings load and by the command line, so nothing here imports an SDK.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.args.base import Architecture
from components.aws import catalog, subnets
from components.aws.sizes import (
    CACHES,
    DATABASES,
    EMBEDDING_MACHINES,
    GPU_MACHINES,
    MACHINES,
    OLLAMA_MACHINE,
)
from components.models.memory import GpuMachine
from components.offer import Catalog, Identifier, NodeMachine
from components.sizing import gpu_machine, named

CPU_UNITS_PER_VCPU = 1024
"""How ECS counts CPU."""

_KINDS: Mapping[str, catalog.Kind] = {"machine": "ec2", "database": "rds", "cache": "elasticache"}


def _machine(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    return named(MACHINES[architecture], (vcpus, memory_gib))


def _database(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    return named(DATABASES[architecture], (vcpus, memory_gib))


def _machine_size(name: str) -> tuple[int, float]:
    found = catalog.instance_type(name)
    return found.vcpus, found.memory_gib


def _database_size(name: str) -> tuple[int, float]:
    found = catalog.database_class(name)
    return found.vcpus, found.memory_gib


def _cache_size(name: str) -> float:
    return catalog.cache_node_type(name).memory_gib


def _gpu_machine(name: str) -> GpuMachine:
    found = catalog.instance_type(name)
    return gpu_machine(
        found,
        (*GPU_MACHINES, EMBEDDING_MACHINES["gpu"], OLLAMA_MACHINE),
        gpu_memory_gib=found.gpu_memory_gib / max(found.gpus, 1),
        local_nvme_gib=found.local_nvme_gib,
    )


def _gpu_machines(region: str) -> tuple[GpuMachine, ...]:
    return tuple(
        _gpu_machine(name) for name in GPU_MACHINES if catalog.offered("ec2", name, region)
    )


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


CATALOG = Catalog(
    regions=lambda: catalog.REGIONS,
    zones=catalog.zones,
    machine=_machine,
    database=_database,
    cache=lambda memory_gib: named(CACHES, memory_gib),
    machine_size=_machine_size,
    machine_architecture=lambda name: catalog.instance_type(name).architecture,
    database_size=_database_size,
    database_architecture=lambda name: catalog.database_class(name).architecture,
    cache_size=_cache_size,
    offered=lambda kind, name, region: catalog.offered(_KINDS[kind], name, region),
    gpu_machines=_gpu_machines,
    gpu_machine=_gpu_machine,
    embedding_machine=lambda hosting: EMBEDDING_MACHINES[hosting],
    ollama_machine=OLLAMA_MACHINE,
    node=_node,
    nodes_per_zone=subnets.nodes_per_zone,
    computes={"instances": "instances", "fargate": "serverless", "kubernetes": "kubernetes"},
    identifiers={
        "certificate": Identifier(
            pattern=r"arn:[a-z-]+:acm:\S+",
            example="arn:aws:acm:us-east-1:123456789012:certificate/…",
        ),
        "secret": Identifier(
            pattern=r"arn:[a-z-]+:secretsmanager:\S+",
            example="arn:aws:secretsmanager:us-east-1:123456789012:secret:…",
        ),
        "principal": Identifier(
            pattern=r"arn:[a-z-]+:iam::[0-9]{12}:(role|user)/\S+",
            example="arn:aws:iam::123456789012:role/platform",
        ),
    },
    serverless_size_valid=lambda vcpus, memory_mib: catalog.fargate_size_valid(
        int(vcpus * CPU_UNITS_PER_VCPU), memory_mib
    ),
    notes={
        "way in": "On small, a proxy on the one instance ends TLS; there is no load balancer.",
        "cache": "On small, Redis runs beside the server, in the same task.",
        "cluster": "On small and medium, tasks run on instances of Amazon ECS.",
    },
)
