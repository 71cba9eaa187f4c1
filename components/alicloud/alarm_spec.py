"""A condition that somebody has to be told of, as the tables state it.

Apart from what makes an alarm of it, so that the tables can be counted without an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

Statistic = Literal["Average", "Maximum", "Minimum", "Value"]


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One condition on a metric of CloudMonitor."""

    name: str
    """Last part of the alarm's name."""
    reason: str
    """What the condition means and what to do."""
    namespace: str
    """The product, in CloudMonitor's words, such as `acs_rds_dashboard`."""
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    """What is measured: dimension -> its value."""
    statistic: Statistic
    comparison: Literal[">", "<"]
    threshold: float
    """In the metric's unit."""
    times: int = 3
    """Periods in a row that the condition holds before somebody is told."""
    period_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class LogAlertSpec:
    """One condition on lines of a log."""

    name: str
    """Last part of the alert's name."""
    reason: str
    """What the condition means and what to do."""
    stream: str
    """Whose lines."""
    words: str
    """What the lines hold that are counted."""
    condition: Literal["present", "missing"]
    """Whether such a line is bad news, or that there is none."""
    look_back_minutes: int
    interval_minutes: int
    """How often it is asked."""
