"""Alarms of what runs in a cluster (requirement O4).

Metrics and dimensions: AKS documentation, "Monitoring data reference". The thresholds are choices
of this project.
"""

from __future__ import annotations

from components.azure.alarm_spec import MetricSpec
from components.workloads.cluster import NAMESPACE

CLUSTER = "Microsoft.ContainerService/managedClusters"
LINES = f"""\
ContainerLogV2
| where PodNamespace == '{NAMESPACE}'
| extend Log = tostring(LogMessage)"""
"""Query for what the stack's pods print."""

_OF_NODES = (
    (
        "cpu",
        "node_cpu_usage_percentage",
        85,
        "raise the most machines of a role, or their size.",
    ),
    (
        "memory",
        "node_memory_working_set_percentage",
        90,
        "pods get evicted. Look for the one that grows.",
    ),
    ("disk", "node_disk_usage_percentage", 85, "images and logs fill it. Raise root_volume_gib."),
)
"""Resource, metric, percent, what to do."""
_OF_PODS = (
    (
        "waiting",
        "Pending",
        "Pods wait for machines: a pool has reached its most, or Azure has none of them. Look at "
        "the events of the namespace.",
    ),
    (
        "failed",
        "Failed",
        "Pods ended with an error, a run of the bootstrap or a dump perhaps. Look at the last "
        "lines of the pod.",
    ),
)
"""Name, phase, what to do."""


def cluster() -> list[MetricSpec]:
    """Alarms of the nodes of a cluster and of the stack's pods, all together."""
    return [
        *(
            MetricSpec(
                name=f"node-{resource}",
                reason=f"Nodes are short of {resource}: {cure}",
                metric=metric,
                namespace=CLUSTER,
                aggregation="Average",
                operator="GreaterThan",
                threshold=percent,
            )
            for resource, metric, percent, cure in _OF_NODES
        ),
        *(
            MetricSpec(
                name=f"pods-{name}",
                reason=reason,
                metric="kube_pod_status_phase",
                namespace=CLUSTER,
                aggregation="Average",
                operator="GreaterThan",
                threshold=0,
                dimensions={"namespace": (NAMESPACE,), "phase": (phase,)},
            )
            for name, phase, reason in _OF_PODS
        ),
    ]


def lines_of(pods: str) -> str:
    """Query for what the pods print whose names begin so."""
    return f"{LINES}\n| where PodName startswith '{pods}-'"
