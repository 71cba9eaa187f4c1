"""Who may do what, and what can be read."""

from __future__ import annotations

from dataclasses import dataclass

from policies.facts.model.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Grant(Fact):
    """What a policy document allows."""

    actions: tuple[str, ...]
    everything_but: bool
    """Whether it allows all but what it lists."""
    resources: tuple[str, ...]
    """Empty where the document is part of the resource that it is about."""
    unscopable: tuple[str, ...]
    """Those of the actions that the cloud lets nobody confine to a resource."""
    anyone: bool
    """Whether it admits any principal, under no condition."""
    foreign: str
    """Name of a policy that somebody else wrote and may change; empty: the stack's own."""


@dataclass(frozen=True, kw_only=True)
class Text(Fact):
    """A string that somebody besides its owner can read."""

    place: str
    """Property or variable."""
    variable: str
    """Name of the environment variable that it is the value of; empty for other strings."""
    value: str
