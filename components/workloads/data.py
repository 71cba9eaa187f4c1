"""Kinds of data: which storage class each lies in, and how much of it there may be
(requirement S2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FAST_SSD = "fast-ssd"
"""SSD for databases and models."""
EXTREME_IOPS = "extreme-iops"
"""SSD with provisioned IOPS, for vector indexes."""
STANDARD = "standard"
"""The plain kind, for logs."""
LOCAL = "local-ephemeral"
"""What may be lost, for caches."""

DATA_LABEL = "letta.cloud/data"
"""Label of a claim: the kind of data in it."""

Data = Literal["database", "vectors", "models", "logs", "cache"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Where a kind of data lies, and how much of it there may be."""

    storage_class: str
    least_gib: int
    most_gib: int


KINDS: dict[Data, Kind] = {
    "database": Kind(storage_class=FAST_SSD, least_gib=50, most_gib=500),
    "vectors": Kind(storage_class=EXTREME_IOPS, least_gib=100, most_gib=1024),
    "logs": Kind(storage_class=STANDARD, least_gib=20, most_gib=100),
    "cache": Kind(storage_class=LOCAL, least_gib=10, most_gib=50),
    "models": Kind(storage_class=FAST_SSD, least_gib=10, most_gib=4096),
}
"""Sizes of S2. Models are not in it: they take what their weights need, several terabytes for
the largest."""
