"""Alarms of what runs in a cluster, by the metrics of Container Insights (requirement O4).

Metrics and dimensions: CloudWatch user guide, "Amazon EKS and Kubernetes Container Insights
with enhanced observability metrics". The thresholds are choices of this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.aws.alarm_spec import AlarmSpec
from components.workloads.cluster import NAMESPACE

if TYPE_CHECKING:
    import pulumi

_METRICS = "ContainerInsights"


def nodes(cluster: pulumi.Input[str]) -> list[AlarmSpec]:
    """Alarms of the nodes of a cluster, all together."""
    dimensions = {"ClusterName": cluster}
    return [
        AlarmSpec(
            name="failed-nodes",
            reason="A node is in a bad condition and has not been replaced. Look at it with "
            "kubectl describe node.",
            namespace=_METRICS,
            metric="cluster_failed_node_count",
            dimensions=dimensions,
            statistic="Maximum",
            comparison="above",
            threshold=0,
            # The agent reports from every node: silence means that none works.
            missing_data="breaching",
        ),
        *(
            AlarmSpec(
                name=f"node-{resource}",
                reason=f"Nodes are short of {resource}: {cure}",
                namespace=_METRICS,
                metric=f"node_{resource}_utilization",
                dimensions=dimensions,
                statistic=statistic,
                comparison="above",
                threshold=threshold,
                missing_data="notBreaching",
            )
            for resource, statistic, threshold, cure in (
                ("cpu", "Average", 85, "raise the most nodes of a role, or their size."),
                ("memory", "Maximum", 90, "pods get evicted. Look for the one that grows."),
                ("filesystem", "Maximum", 80, "images or temporary files fill a node's disk."),
            )
        ),
    ]


def servers(cluster: pulumi.Input[str], service: str, *, min_replicas: int) -> list[AlarmSpec]:
    """Alarms of a tier of servers; its Service and its Deployment have one name."""
    whole = {"ClusterName": cluster, "Namespace": NAMESPACE}
    of_service = {**whole, "Service": service}
    return [
        *(
            AlarmSpec(
                name=resource.lower(),
                reason=f"{resource} of the pods is near their limit: the autoscaler has reached "
                "its most copies, or the copies are too small. Raise max_replicas or the limits.",
                namespace=_METRICS,
                metric=f"pod_{resource.lower()}_utilization_over_pod_limit",
                dimensions=of_service,
                statistic="Average",
                comparison="above",
                threshold=90,
                missing_data="notBreaching",
            )
            for resource in ("CPU", "Memory")
        ),
        AlarmSpec(
            name="running",
            reason=f"Fewer than {min_replicas} pods run. Look at the events of the namespace: "
            "pods wait for machines, or end.",
            namespace=_METRICS,
            metric="service_number_of_running_pods",
            dimensions=of_service,
            statistic="Minimum",
            comparison="below",
            threshold=min_replicas,
            period_seconds=60,
            periods=10,
            missing_data="breaching",
        ),
        AlarmSpec(
            name="restarts",
            reason="Containers end again and again: out of memory, or without their database. "
            "Look at the last lines of the ended container.",
            namespace=_METRICS,
            metric="pod_number_of_container_restarts",
            dimensions={**whole, "PodName": service},
            statistic="Sum",
            comparison="at_least",
            threshold=1,
            missing_data="notBreaching",
        ),
    ]
