"""What is billed of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from policies.facts.model.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Unpriced(Fact):
    """A resource that costs something which cannot be put into a bill."""

    type: str
    """Its type token."""
    reason: str
    """Why not, as a clause."""
