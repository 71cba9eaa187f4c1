"""What all facts have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something in the stack that a rule can point at."""

    name: str
    """Logical name of the resource."""
    urn: str
