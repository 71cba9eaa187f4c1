"""Alarms: how a condition becomes an alert policy.

The conditions themselves are in `alarm_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pulumi
from pulumi_gcp import monitoring

from components.gcp.alarm_spec import AlarmSpec

_OPERATORS = {"above": "COMPARISON_GT", "below": "COMPARISON_LT"}
_ALIGNERS = {
    "mean": "ALIGN_MEAN",
    "total": "ALIGN_MEAN",
    "sum": "ALIGN_DELTA",
    "rate": "ALIGN_RATE",
    "max": "ALIGN_MAX",
    "min": "ALIGN_MIN",
    "p90": "ALIGN_PERCENTILE_90",
    "count": "ALIGN_MEAN",
}
_REDUCERS = {
    "mean": "REDUCE_MEAN",
    "total": "REDUCE_SUM",
    "sum": "REDUCE_SUM",
    "rate": "REDUCE_SUM",
    "max": "REDUCE_MAX",
    "min": "REDUCE_MIN",
    "p90": "REDUCE_MAX",
    "count": "REDUCE_COUNT",
}
CLOSED_AFTER_SECONDS = 86_400
"""When an incident that sends no more values is closed."""


def raise_alarms(
    parent: pulumi.Resource,
    name: str,
    specs: Iterable[AlarmSpec],
    channels: Sequence[pulumi.Input[str]],
    *,
    after: Sequence[pulumi.Resource] = (),
) -> None:
    """Make the alert policies `<name>-<spec.name>`; they tell the channels of trouble.

    `after`: what takes its time, for conditions on a metric of the stack's own: Cloud Monitoring
    refuses one that it does not know, and learns of a new metric within ten minutes.
    """
    for spec in specs:
        label = f"{name}-{spec.name}"
        monitoring.AlertPolicy(
            label,
            display_name=label,
            combiner="OR",
            conditions=[
                monitoring.AlertPolicyConditionArgs(
                    display_name=spec.name, condition_threshold=_condition(spec)
                )
            ],
            documentation=monitoring.AlertPolicyDocumentationArgs(
                content=spec.reason, mime_type="text/markdown"
            ),
            alert_strategy=monitoring.AlertPolicyAlertStrategyArgs(
                auto_close=f"{CLOSED_AFTER_SECONDS}s"
            ),
            notification_channels=list(channels),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
        )


def _condition(spec: AlarmSpec) -> monitoring.AlertPolicyConditionConditionThresholdArgs:
    return monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=pulumi.Output.all(spec.metric, dict(spec.labels)).apply(
            lambda found: _filter(spec, *found)
        ),
        comparison=_OPERATORS[spec.comparison],
        threshold_value=spec.threshold,
        duration=f"{spec.duration_seconds}s",
        aggregations=[
            monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period=f"{spec.period_seconds}s",
                per_series_aligner=_ALIGNERS[spec.statistic],
                cross_series_reducer=_REDUCERS[spec.statistic],
                group_by_fields=[spec.each] if spec.each else None,
            )
        ],
        evaluation_missing_data=(
            "EVALUATION_MISSING_DATA_ACTIVE" if spec.silence else "EVALUATION_MISSING_DATA_INACTIVE"
        ),
    )


def _filter(spec: AlarmSpec, metric: str, labels: Mapping[str, str]) -> str:
    parts = [f'metric.type = "{metric}"', f'resource.type = "{spec.resource}"']
    parts += [f'{label} = "{value}"' for label, value in labels.items()]
    return " AND ".join(parts)
