"""Alarms: how a condition is stated, and how it becomes a resource.

The conditions themselves are in `alarm_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

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
    """Consecutive periods that must all breach: `periods * period_seconds` to the alarm."""
    missing_data: MissingData
    """What silence means: `breaching` where a healthy system always reports."""


_OPERATORS = {
    "above": "GreaterThanThreshold",
    "at_least": "GreaterThanOrEqualToThreshold",
    "below": "LessThanThreshold",
}


def raise_alarms(
    parent: pulumi.Resource,
    name: str,
    specs: Iterable[AlarmSpec],
    topic_arn: pulumi.Input[str],
) -> None:
    """Make the alarms `<name>-<spec.name>`; they tell the topic of trouble and of its end."""
    for spec in specs:
        percentile = spec.statistic.startswith("p")
        cloudwatch.MetricAlarm(
            f"{name}-{spec.name}",
            alarm_description=spec.reason,
            namespace=spec.namespace,
            metric_name=spec.metric,
            dimensions=spec.dimensions,
            statistic=None if percentile else spec.statistic,
            extended_statistic=spec.statistic if percentile else None,
            comparison_operator=_OPERATORS[spec.comparison],
            threshold=spec.threshold,
            period=spec.period_seconds,
            evaluation_periods=spec.periods,
            treat_missing_data=spec.missing_data,
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
            opts=pulumi.ResourceOptions(parent=parent),
        )
