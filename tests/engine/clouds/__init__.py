"""What the engine's tests are told of each cloud, in a file of the cloud's own."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Step: TypeAlias = tuple[str, dict[str, Any]]
"""A tier, and what its stack file says besides."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What differs from cloud to cloud."""

    data: tuple[str, ...]
    """Types of which nothing may be lost."""
    holds_none: frozenset[str] = frozenset()
    """Types that are protected from deletion for another reason than data."""
    before: Mapping[str, Step] = field(default_factory=dict)
    """Tier -> the run that a stack needs before it can grow to it."""


def told(cloud: str) -> Told:
    """What the file of a cloud says."""
    found: Told = importlib.import_module(f"{__name__}.{cloud}").TOLD
    return found
