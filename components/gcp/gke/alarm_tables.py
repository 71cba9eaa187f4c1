"""Alarms of what runs in a cluster (requirement O4).

Metrics and labels: Cloud Monitoring documentation, "Kubernetes metrics". The thresholds are
choices of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from components.gcp import alarm_tables
from components.gcp.alarm_spec import AlarmSpec, Aligner
from components.workloads.cluster import NAMESPACE

if TYPE_CHECKING:
    import pulumi

    Name = pulumi.Input[str]

_CLUSTER = "resource.labels.cluster_name"
_CONTAINER = "k8s_container"


_OF_MEASURE: Mapping[str, Mapping[str, str]] = {
    "cpu": {},
    "memory": {"metric.labels.memory_type": "non-evictable"},
}
"""Resource -> which of the values of its metric."""
_OF_NODES: tuple[tuple[str, str, Aligner, float, str], ...] = (
    (
        "cpu",
        "cpu/allocatable_utilization",
        "mean",
        0.85,
        "raise the most nodes of a role, or their size.",
    ),
    (
        "memory",
        "memory/allocatable_utilization",
        "max",
        0.9,
        "pods get evicted. Look for the one that grows.",
    ),
    (
        "processes",
        "pid_used",
        "max",
        20_000,
        "something starts processes and does not end them.",
    ),
)
"""Resource, metric, statistic, threshold, what to do."""


def nodes(cluster: Name) -> list[AlarmSpec]:
    """Alarms of the nodes of a cluster, all together."""
    return [
        AlarmSpec(
            name=f"node-{resource}",
            reason=f"Nodes are short of {resource}: {cure}",
            metric=f"kubernetes.io/node/{measure}",
            resource="k8s_node",
            labels={_CLUSTER: cluster, **_OF_MEASURE.get(resource, {})},
            statistic=statistic,
            comparison="above",
            threshold=threshold,
        )
        for resource, measure, statistic, threshold, cure in _OF_NODES
    ]


def servers(cluster: Name, service: Name, *, min_replicas: int) -> list[AlarmSpec]:
    """Alarms of a tier of servers, by the name of its Deployment."""
    labels = {
        _CLUSTER: cluster,
        "resource.labels.namespace_name": NAMESPACE,
        "metadata.system_labels.top_level_controller_name": service,
    }
    return [
        *(
            AlarmSpec(
                name=resource,
                reason=f"{resource} of the pods is near their limit: the autoscaler has reached "
                "its most copies, or the copies are too small. Raise max_replicas or the limits.",
                metric=f"kubernetes.io/container/{resource}/limit_utilization",
                resource=_CONTAINER,
                labels={**labels, **_OF_MEASURE[resource]},
                statistic="mean",
                comparison="above",
                threshold=0.9,
            )
            for resource in ("cpu", "memory")
        ),
        AlarmSpec(
            name="running",
            reason=f"Fewer than {min_replicas} pods run. Look at the events of the namespace: "
            "pods wait for machines, or end.",
            metric="kubernetes.io/container/uptime",
            resource=_CONTAINER,
            labels=labels,
            statistic="count",
            comparison="below",
            threshold=min_replicas,
            duration_seconds=600,
            silence=True,
        ),
        AlarmSpec(
            name="restarts",
            reason="Containers end again and again: out of memory, or without their database. "
            "Look at the last lines of the ended container.",
            metric="kubernetes.io/container/restart_count",
            resource=_CONTAINER,
            labels=labels,
            statistic="sum",
            comparison="above",
            threshold=0,
        ),
    ]


def redis_lost(metric: Name) -> AlarmSpec:
    """Alarm of servers that started without Redis, by the type of the metric that counts them."""
    return replace(alarm_tables.redis_lost(metric), resource=_CONTAINER)


def dump_missing(spec: AlarmSpec) -> AlarmSpec:
    """The alarm of a dump, of lines that a pod prints."""
    return replace(spec, resource=_CONTAINER)
