"""The size tables of Alibaba Cloud: neutral sizes -> types, and its tiers.

Sources: requirement rows C1, C5, D4, L3, L4 and M2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from components.alicloud.fixed import MOST_ALB_SECONDS
from components.args.base import Architecture
from components.offer import Differences

MACHINES: Mapping[Architecture, Mapping[tuple[int, float], str]] = {
    "x86_64": {
        (2, 4): "ecs.c7.large",
        (2, 8): "ecs.g7.large",
        (4, 8): "ecs.c7.xlarge",
        (4, 16): "ecs.g7.xlarge",
        (8, 16): "ecs.c7.2xlarge",
        (8, 32): "ecs.g7.2xlarge",
        (16, 32): "ecs.c7.4xlarge",
        (16, 64): "ecs.g7.4xlarge",
    },
    "arm64": {
        (2, 4): "ecs.c8y.large",
        (2, 8): "ecs.g8y.large",
        (4, 8): "ecs.c8y.xlarge",
        (4, 16): "ecs.g8y.xlarge",
        (8, 16): "ecs.c8y.2xlarge",
        (8, 32): "ecs.g8y.2xlarge",
        (16, 32): "ecs.c8y.4xlarge",
        (16, 64): "ecs.g8y.4xlarge",
    },
}
"""Architecture -> (vCPUs, GiB) -> instance type (requirement C1)."""

DATABASES: Mapping[tuple[int, float], str] = {
    (2, 4): "pg.n2.2c.2m",
    (4, 8): "pg.n2.4c.2m",
    (8, 16): "pg.n2.8c.2m",
    (2, 8): "pg.n4.2c.2m",
    (4, 16): "pg.n4.4c.2m",
    (8, 32): "pg.n4.8c.2m",
    (12, 48): "pg.n4.12c.2m",
}
"""(vCPUs, GiB) -> class of a primary with its standby (requirement D4)."""

CACHES: Mapping[float, str] = {
    1: "redis.shard.small.2.ce",
    2: "redis.shard.mid.2.ce",
    4: "redis.shard.large.ce",
    8: "redis.shard.xlarge.ce",
    16: "redis.shard.2xlarge.ce",
    32: "redis.shard.4xlarge.ce",
}
"""GiB -> class of a primary with its standby (requirement M2)."""

GPU_MACHINES: tuple[str, ...] = (
    "ecs.gn7i-c8g1.2xlarge",
    "ecs.gn7i-c16g1.4xlarge",
    "ecs.gn7i-c32g1.8xlarge",
    "ecs.gn7-c12g1.3xlarge",
    "ecs.gn7i-c32g1.16xlarge",
    "ecs.gn7e-c16g1.4xlarge",
    "ecs.gn7i-c32g1.32xlarge",
    "ecs.gn7e-c16g1.8xlarge",
    "ecs.gn7-c13g1.13xlarge",
    "ecs.gn7e-c16g1.16xlarge",
    "ecs.gn7-c13g1.26xlarge",
    "ecs.gn7e-c16g1.32xlarge",
)
"""Machines for language models, the smaller ones first (requirement L3)."""

OLLAMA_MACHINE = "ecs.gn7i-c16g1.4xlarge"
"""Machine of a small language model: an A10 of 24 GB, 16 vCPU, 60 GiB (requirement L4)."""

EMBEDDING_MACHINES: Mapping[Literal["cpu", "gpu"], str] = {
    "cpu": "ecs.c7.2xlarge",
    "gpu": "ecs.gn6i-c4g1.xlarge",
}
"""Hosting of embeddings -> instance type (requirement C5)."""

_INGRESS: Mapping[str, Any] = {
    "kind": "load_balancer",
    # The zones of pods are read when the cluster is made, and never again.
    "zones": 3,
    "idle_timeout_seconds": MOST_ALB_SECONDS,
    # A gateway fails over to a second zone by itself.
    "nat": "single",
    "waf": None,
}
_SERVERS: Mapping[str, Any] = {"compute": "kubernetes", "task_vcpus": 2, "task_memory_mib": 4096}
_DUMP: Mapping[str, Any] = {"every_hours": 12}
"""A dump a day would be missed too late: see `LOOK_BACK_HOURS`."""
_DATABASE: Mapping[str, Any] = {
    "dump": _DUMP,
    # The zone of the standby can never change: the database would be a new one.
    "high_availability": True,
    # RDS bounds connections by the class, 100 for each GiB.
    "pool_size": 10,
    "max_overflow": 15,
}

TIERS: Differences = {
    "small": {
        "ingress": _INGRESS,
        "api": {**_SERVERS, "root_volume_gib": 40},
        "worker": {"compute": "kubernetes"},
        "database": {**_DATABASE, "memory_gib": 4, "storage_gib": 100, "max_storage_gib": 200},
        "limits": {"database_memory_gib": 4, "database_storage_gib": 100},
    },
    "medium": {
        "ingress": _INGRESS,
        "api": _SERVERS,
        "worker": _SERVERS,
        "database": {
            **_DATABASE,
            "vcpus": 4,
            "memory_gib": 8,
            "storage_gib": 500,
            "max_storage_gib": 1000,
        },
        "cache": {"memory_gib": 4, "nodes": 2},
        "limits": {"database_memory_gib": 8, "database_storage_gib": 500, "cache_memory_gib": 4},
    },
    "large": {
        "ingress": _INGRESS,
        "database": {
            **_DATABASE,
            "vcpus": 8,
            "memory_gib": 16,
            "dump": {**_DUMP, "scratch_gib": 60},
        },
        "cache": {"memory_gib": 32},
        "limits": {"database_memory_gib": 16, "waf": False},
    },
}
"""Tier -> role -> what differs from the neutral table: ACK in all three, since a scaling group of
ECI takes secrets in plain text only; the databases of D4, caches of whole classes."""
