"""Scaling: how the number of copies follows their load."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import autoscaling

from components.args import ScalingArgs
from components.workloads.cluster import NAMESPACE
from components.workloads.labels import Component, metadata

_PERIOD_SECONDS = 60

Metric = autoscaling.v2.MetricSpecArgs
Rules = autoscaling.v2.HPAScalingRulesArgs


def autoscaler(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    args: ScalingArgs,
    opts: pulumi.ResourceOptions | None = None,
    *,
    namespace: str = NAMESPACE,
) -> autoscaling.v2.HorizontalPodAutoscaler:
    """Scale the Deployment `name` by CPU and memory, as percentages of what its pods request
    (requirement C2).

    It may double the copies within a minute, and takes one away in a minute: whoever leaves
    drains first.
    """
    return autoscaling.v2.HorizontalPodAutoscaler(
        name,
        metadata=metadata(name, component, namespace=namespace),
        spec=autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=name
            ),
            min_replicas=args.min_replicas,
            max_replicas=args.max_replicas,
            metrics=[
                _utilization("cpu", args.cpu_target_percent),
                _utilization("memory", args.memory_target_percent),
            ],
            behavior=autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs(
                scale_up=_rules(args.scale_out_cooldown_seconds, "Percent", 100),
                scale_down=_rules(args.scale_in_cooldown_seconds, "Pods", 1),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def _utilization(resource: str, percent: int) -> Metric:
    return Metric(
        type="Resource",
        resource=autoscaling.v2.ResourceMetricSourceArgs(
            name=resource,
            target=autoscaling.v2.MetricTargetArgs(type="Utilization", average_utilization=percent),
        ),
    )


def _rules(window_seconds: int, kind: str, value: int) -> Rules:
    return Rules(
        stabilization_window_seconds=window_seconds,
        select_policy="Max",
        policies=[
            autoscaling.v2.HPAScalingPolicyArgs(
                type=kind, value=value, period_seconds=_PERIOD_SECONDS
            )
        ],
    )
