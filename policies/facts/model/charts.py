"""What is installed into a cluster by charts, and what needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.facts.model.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Release(Fact):
    """An installed chart."""

    chart: str
    """The chart's name."""
    version: str
    """As demanded, maybe a range; empty: whatever is the latest."""
    source: str
    """Address that it is fetched from; empty: none is given."""
    kinds: tuple[str, ...]
    """Custom resources that it brings, `<apiVersion>/<kind>`, as far as this project uses them."""
    values: Mapping[str, str]
    """Its settings that are strings, by dotted path."""


@dataclass(frozen=True, kw_only=True)
class CustomObject(Fact):
    """An object of a kind that Kubernetes itself does not know."""

    kind: str
    """`<apiVersion>/<kind>`."""
