"""The size tables of Google Cloud: neutral sizes -> machine types, and its tiers.

Sources: requirement rows C1, C5, D2, L3, L4 and M2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from components.args.base import Architecture
from components.offer import Differences

MACHINES: Mapping[Architecture, Mapping[tuple[int, float], str]] = {
    "x86_64": {
        (2, 1): "e2-micro",
        (2, 2): "e2-small",
        (2, 4): "e2-medium",
        (2, 8): "n2-standard-2",
        (4, 16): "n2-standard-4",
        (8, 32): "n2-standard-8",
        (16, 64): "n2-standard-16",
    },
    "arm64": {
        (2, 8): "c4a-standard-2",
        (4, 16): "c4a-standard-4",
        (8, 32): "c4a-standard-8",
        (16, 64): "c4a-standard-16",
    },
}
"""Architecture -> (vCPUs, GiB) -> machine type (requirement C1)."""

GPU_MACHINES: tuple[str, ...] = (
    "g2-standard-8",
    "g2-standard-24",
    "a2-highgpu-1g",
    "g2-standard-48",
    "a2-ultragpu-1g",
    "a2-highgpu-2g",
    "g2-standard-96",
    "a2-ultragpu-2g",
    "a2-highgpu-4g",
    "a2-ultragpu-4g",
    "a2-highgpu-8g",
    "a2-ultragpu-8g",
)
"""Machines for language models, in the order of their list price in us-central1 (requirement
L3)."""

OLLAMA_MACHINE = "g2-standard-16"
"""Machine of a small language model: an L4 of 24 GB, 16 vCPU, 64 GiB (requirement L4)."""

EMBEDDING_MACHINES: Mapping[Literal["cpu", "gpu"], str] = {
    "cpu": "c2-standard-8",
    "gpu": "n1-standard-8+t4",
}
"""Hosting of embeddings -> machine type (requirement C5)."""

_PATIENT: Mapping[str, Any] = {"idle_timeout_seconds": 3600}
"""Cloud Run bounds the whole request, not its silence: the longest that it offers."""
_REGIONAL: Mapping[str, Any] = {**_PATIENT, "nat": "single"}
"""A gateway of Cloud NAT stands in all zones of its region."""

_DUMP: Mapping[str, Any] = {"every_hours": 12}
"""A dump a day would be missed too late: see `LOOK_BACK_HOURS`."""

TIERS: Differences = {
    "small": {
        "ingress": _PATIENT,
        "api": {"compute": "serverless"},
        "database": {
            "memory_gib": 7.5,
            "storage_gib": 100,
            "max_storage_gib": 200,
            "dump": _DUMP,
        },
        "limits": {"database_memory_gib": 7.5, "database_storage_gib": 100},
    },
    "medium": {
        "ingress": _REGIONAL,
        "api": {"compute": "serverless", "replicas": 2},
        "worker": {"compute": "serverless"},
        "database": {
            "vcpus": 4,
            "memory_gib": 15,
            "storage_gib": 500,
            "max_storage_gib": 1000,
            "dump": _DUMP,
        },
        "cache": {"memory_gib": 4},
        "limits": {
            "database_memory_gib": 15,
            "database_storage_gib": 500,
            "cache_memory_gib": 4,
        },
    },
    "large": {
        "ingress": _REGIONAL,
        "worker": {"memory_gib": 32},
        "database": {"vcpus": 8, "memory_gib": 52, "dump": {**_DUMP, "scratch_gib": 60}},
        "limits": {"database_memory_gib": 52},
    },
}
"""Tier -> role -> what differs from the neutral table: Cloud Run in place of machines, the
databases of D2 (db-n1-standard-2, -4 and db-n1-highmem-8 are the custom tiers of 2, 4 and 8 vCPU
with 7.5, 15 and 52 GB), a cache of whole GiB (M2)."""
