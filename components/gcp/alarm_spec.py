"""A condition that somebody has to be told of, as the tables state it.

Apart from what makes an alert policy of it, so that the tables can be counted without an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

Aligner = Literal["mean", "total", "sum", "rate", "max", "min", "p90", "count"]
"""`sum` adds what was counted in a period, `total` what several series measure at once; `rate` is
what was counted, a second; `count` is how many series there are."""


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One condition that somebody has to be told of."""

    name: str
    """Last part of the policy's name."""
    reason: str
    """What the condition means and what to do; the policy's documentation."""
    metric: pulumi.Input[str]
    """Type of the metric, such as `run.googleapis.com/request_count`."""
    resource: str
    """Type of the monitored resource."""
    labels: Mapping[str, pulumi.Input[str]]
    """Label of the resource or the metric, `resource.labels.database_id` -> its value."""
    statistic: Aligner
    """How values of a period, and of several series, become one."""
    each: str | None = None
    """Label of which every value is judged by itself; all series together without it."""
    comparison: Literal["above", "below"]
    threshold: float
    """In the metric's unit."""
    period_seconds: int = 300
    duration_seconds: int = 900
    """How long the condition holds before somebody is told."""
    silence: bool = False
    """Whether missing values count as the condition: where a healthy system always reports."""
