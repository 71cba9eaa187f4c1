"""Alarms: how a condition becomes an alert rule.

The conditions themselves are in `alarm_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from pulumi_azure_native import monitor

from components.azure.alarm_spec import MetricSpec, QuerySpec
from components.azure.network import GLOBAL
from components.azure.place import Place

SEVERITY = 1
"""Error, the second highest of Azure Monitor's five."""
FREQUENCY = "PT5M"


def watch(
    parent: pulumi.Resource,
    name: str,
    specs: Iterable[MetricSpec],
    resource: pulumi.Input[str],
    place: Place,
    group: pulumi.Input[str],
) -> None:
    """Make the alert rules `<name>-<spec.name>` of one resource, by its id; they tell `group`."""
    for spec in specs:
        label = f"{name}-{spec.name}"
        monitor.MetricAlert(
            label,
            rule_name=label,
            resource_group_name=place.group,
            location=GLOBAL,
            description=spec.reason,
            severity=SEVERITY,
            enabled=True,
            scopes=[resource],
            evaluation_frequency=FREQUENCY,
            window_size=spec.window,
            # Criteria are of several kinds, and a dictionary would be of none.
            criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                all_of=[_criterion(spec)],
            ),
            actions=[{"action_group_id": group}],
            auto_mitigate=True,
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _criterion(spec: MetricSpec) -> monitor.MetricCriteriaArgs:
    return monitor.MetricCriteriaArgs(
        criterion_type="StaticThresholdCriterion",
        name=spec.name,
        metric_namespace=spec.namespace,
        metric_name=spec.metric,
        time_aggregation=spec.aggregation,
        operator=spec.operator,
        threshold=spec.threshold,
        dimensions=[
            monitor.MetricDimensionArgs(name=name, operator="Include", values=list(values))
            for name, values in spec.dimensions.items()
        ],
    )


def search(
    parent: pulumi.Resource,
    name: str,
    spec: QuerySpec,
    workspace: pulumi.Input[str],
    place: Place,
    group: pulumi.Input[str],
    *sources: pulumi.Resource,
) -> None:
    """Make the alert rule `<name>-<spec.name>` on the lines of a workspace, by its id. `sources`:
    what sends the lines there, and comes first."""
    label = f"{name}-{spec.name}"
    monitor.ScheduledQueryRule(
        label,
        rule_name=label,
        resource_group_name=place.group,
        location=place.region,
        kind="LogAlert",
        display_name=label,
        description=spec.reason,
        severity=SEVERITY,
        enabled=True,
        scopes=[workspace],
        # A new workspace has no tables before the first lines come.
        skip_query_validation=True,
        evaluation_frequency=spec.frequency,
        window_size=spec.window,
        criteria={
            "all_of": [
                {
                    "query": spec.query,
                    "time_aggregation": "Count",
                    "operator": spec.operator,
                    "threshold": spec.threshold,
                    "failing_periods": {
                        "number_of_evaluation_periods": 1,
                        "min_failing_periods_to_alert": 1,
                    },
                }
            ]
        },
        actions={"action_groups": [group]},
        auto_mitigate=False,
        mute_actions_duration=spec.mute,
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=sources),
    )
