"""The size tables of Azure: neutral sizes -> machine types, and its tiers.

Sources: requirement rows C1, C4, C5, D3, L3, L4 and M2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from components.args.base import Architecture
from components.azure.fixed import INGRESS_IDLE_SECONDS, SCRATCH_GIB
from components.offer import Differences

MACHINES: Mapping[Architecture, Mapping[tuple[int, float], str]] = {
    "x86_64": {
        (2, 4): "Standard_B2s",
        (2, 8): "Standard_D2s_v5",
        (4, 16): "Standard_D4s_v5",
        (8, 16): "Standard_F8s_v2",
        (8, 32): "Standard_D8s_v5",
        (16, 64): "Standard_D16s_v5",
    },
    "arm64": {
        (2, 8): "Standard_D2ps_v5",
        (4, 16): "Standard_D4ps_v5",
        (8, 32): "Standard_D8ps_v5",
        (16, 64): "Standard_D16ps_v5",
    },
}
"""Architecture -> (vCPUs, GiB) -> machine type (requirement C1)."""

GPU_MACHINES: tuple[str, ...] = (
    "Standard_NC24ads_A100_v4",
    "Standard_NC48ads_A100_v4",
    "Standard_NC96ads_A100_v4",
    "Standard_ND96asr_v4",
    "Standard_ND96amsr_A100_v4",
)
"""Machines for language models, in the order of their list price in eastus (requirement L3)."""

OLLAMA_MACHINE = "Standard_NV36ads_A10_v5"
"""Machine of a small language model: an A10 of 24 GB (requirement L4)."""

EMBEDDING_MACHINES: Mapping[Literal["cpu", "gpu"], str] = {
    "cpu": "Standard_F8s_v2",
    "gpu": "Standard_NC4as_T4_v3",
}
"""Hosting of embeddings -> machine type (requirement C5)."""

SYSTEM_MACHINE, SYSTEM_MACHINES, SYSTEM_DISK_GIB = "Standard_D2s_v5", 3, 64
"""Machines of a cluster's own pods, one in each zone: two at the least, three in production (AKS
documentation, "Manage system node pools"), and the disk of each."""

_NAT: Mapping[str, Any] = {"nat": "single"}
"""A subnet spans the zones of its region and takes one gateway; without one there is no way out."""
_DUMP: Mapping[str, Any] = {"scratch_gib": SCRATCH_GIB}

TIERS: Differences = {
    "small": {
        "ingress": {**_NAT, "idle_timeout_seconds": INGRESS_IDLE_SECONDS},
        "api": {"compute": "serverless"},
        "database": {
            "memory_gib": 4,
            "storage_gib": 128,
            "max_storage_gib": 256,
            "dump": _DUMP,
        },
        "limits": {"database_memory_gib": 4, "database_storage_gib": 128},
    },
    "medium": {
        "ingress": _NAT,
        "api": {"compute": "serverless", "vcpus": 4, "replicas": 2},
        "worker": {"compute": "serverless"},
        "database": {
            "vcpus": 4,
            "storage_gib": 512,
            "max_storage_gib": 1024,
            "backup_retention_days": 35,
            "dump": _DUMP,
        },
        "limits": {"database_storage_gib": 512},
    },
    "large": {
        "ingress": _NAT,
        "database": {
            "vcpus": 8,
            "memory_gib": 64,
            "storage_gib": 1024,
            "max_storage_gib": 4096,
            "backup_retention_days": 35,
        },
        "cache": {"memory_gib": 24},
        "limits": {
            "database_memory_gib": 64,
            "database_storage_gib": 1024,
            "cache_memory_gib": 24,
        },
    },
}
"""Tier -> role -> what differs from the neutral table: Container Apps in place of machines, whose
copies have 2 GiB for each vCPU; the databases of D3, in the sizes that a disk of Azure has, with
the 35 days of recovery that D3 names; the largest cache of one shard (M2)."""
