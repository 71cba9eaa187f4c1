"""A condition that somebody has to be told of, as the tables state it.

Apart from what makes an alarm of it, so that the tables can be counted without an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

MissingData = Literal["breaching", "notBreaching", "missing"]


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One condition that somebody has to be told of."""

    name: str
    """Last part of the alarm's name."""
    reason: str
    """What the condition means and what to do; the alarm's description."""
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    """`Average`, `Sum`, `Maximum`, `Minimum`, or a percentile such as `p90`."""
    comparison: Literal["above", "at_least", "below"]
    threshold: float
    """In the metric's unit."""
    period_seconds: int = 300
    periods: int = 3
    """Periods that are looked at together."""
    datapoints: int | None = None
    """How many of them must breach; all unless it is said."""
    missing_data: MissingData
    """What silence means: `breaching` where a healthy system always reports."""
