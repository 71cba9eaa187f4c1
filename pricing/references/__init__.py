"""The architectures that the requirements document prices: as it does, and as they cost today."""

from __future__ import annotations

from pricing.references.architecture import (
    REGION,
    ROUNDING,
    SOURCE,
    TIERS,
    Architecture,
    BadReference,
    Compared,
    Item,
    Stated,
    amounts,
    architecture,
    compare,
    reference,
    statement,
)

__all__ = [
    "REGION",
    "ROUNDING",
    "SOURCE",
    "TIERS",
    "Architecture",
    "BadReference",
    "Compared",
    "Item",
    "Stated",
    "amounts",
    "architecture",
    "compare",
    "reference",
    "statement",
]
