"""Alarms: how a condition becomes a resource.

The conditions themselves are in `alarm_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from pulumi_aws import cloudwatch

from components.aws.alarm_spec import AlarmSpec

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
            datapoints_to_alarm=spec.datapoints,
            treat_missing_data=spec.missing_data,
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
            opts=pulumi.ResourceOptions(parent=parent),
        )
