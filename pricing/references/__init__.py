"""The architectures that the requirements document prices: as it does, and as they cost today."""

from __future__ import annotations

from pricing.references.architecture import (
    CLOUD,
    REGION,
    ROUNDING,
    SOURCE,
    TIERS,
    Architecture,
    BadReferenceError,
    Compared,
    Item,
    Stated,
    amounts,
    architecture,
    compare,
    reference,
    statement,
)
from pricing.references.explain import CAUSES, Cause, Explanation, Step, explain

__all__ = [
    "CAUSES",
    "CLOUD",
    "REGION",
    "ROUNDING",
    "SOURCE",
    "TIERS",
    "Architecture",
    "BadReferenceError",
    "Cause",
    "Compared",
    "Explanation",
    "Item",
    "Stated",
    "Step",
    "amounts",
    "architecture",
    "compare",
    "explain",
    "reference",
    "statement",
]
