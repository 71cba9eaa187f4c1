"""The size tables of AWS: neutral sizes -> instance types.

The types of the bills of requirement K1 (previous generations, kept for the bill) and the
sizes above and below them in the same families.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from components.args.base import Architecture

_X86_MACHINES: dict[tuple[int, float], str] = {
    (2, 1): "t3.micro",
    (2, 2): "t3.small",
    (2, 4): "t3.medium",
    (2, 8): "m5.large",
    (4, 8): "c5.xlarge",
    (4, 16): "m5.xlarge",
    (8, 16): "c5.2xlarge",
    (8, 32): "m5.2xlarge",
    (16, 32): "c5.4xlarge",
    (16, 64): "m5.4xlarge",
}
_ARM_MACHINES: dict[tuple[int, float], str] = {
    (2, 1): "t4g.micro",
    (2, 2): "t4g.small",
    (2, 4): "t4g.medium",
    (2, 8): "m7g.large",
    (4, 8): "c7g.xlarge",
    (4, 16): "m7g.xlarge",
    (8, 16): "c7g.2xlarge",
    (8, 32): "m7g.2xlarge",
    (16, 32): "c7g.4xlarge",
    (16, 64): "m7g.4xlarge",
}
MACHINES: Mapping[Architecture, Mapping[tuple[int, float], str]] = {
    "x86_64": _X86_MACHINES,
    "arm64": _ARM_MACHINES,
}
"""Architecture -> (vCPUs, GiB) -> EC2 instance type. Both have the same sizes (requirement K4)."""

_X86_DATABASES: dict[tuple[int, float], str] = {
    (2, 2): "db.t3.small",
    (2, 4): "db.t3.medium",
    (2, 8): "db.m5.large",
    (2, 16): "db.r5.large",
    (4, 16): "db.m5.xlarge",
    (4, 32): "db.r5.xlarge",
    (8, 64): "db.r5.2xlarge",
    (16, 128): "db.r5.4xlarge",
}
_ARM_DATABASES: dict[tuple[int, float], str] = {
    (2, 2): "db.t4g.small",
    (2, 4): "db.t4g.medium",
    (2, 8): "db.m7g.large",
    (2, 16): "db.r6g.large",
    (4, 16): "db.m7g.xlarge",
    (4, 32): "db.r6g.xlarge",
    (8, 64): "db.r6g.2xlarge",
    (16, 128): "db.r6g.4xlarge",
}
DATABASES: Mapping[Architecture, Mapping[tuple[int, float], str]] = {
    "x86_64": _X86_DATABASES,
    "arm64": _ARM_DATABASES,
}
"""Architecture -> (vCPUs, GiB) -> RDS instance class. Of the memory-optimised arm64 classes r6g is
the cheapest that AWS calls current."""

CACHES: dict[float, str] = {
    0.5: "cache.t4g.micro",
    1.37: "cache.t4g.small",
    3: "cache.t4g.medium",
    13: "cache.r6g.large",
    26: "cache.r6g.xlarge",
}
"""GiB, rounded down from the usable memory -> ElastiCache node type; all are arm64, for a cache
runs no code of the stack's own."""

GPU_MACHINES: tuple[str, ...] = (
    "g6.xlarge",
    "g6e.xlarge",
    "g6.12xlarge",
    "g6e.12xlarge",
    "g6.48xlarge",
    "p4d.24xlarge",
    "p4de.24xlarge",
    "p5.48xlarge",
)
"""Machines for language models, in the order of their list price in us-east-1, of the
generations that AWS calls current (requirement L3)."""

OLLAMA_MACHINE = "g5.4xlarge"
"""Machine of a small language model (requirement L4)."""

EMBEDDING_MACHINES: dict[Literal["cpu", "gpu"], str] = {"cpu": "c5.2xlarge", "gpu": "g4dn.xlarge"}
"""Hosting of embeddings -> EC2 instance type (requirement C5)."""
