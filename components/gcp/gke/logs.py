"""Logs: which lines a cluster's containers and the cluster itself print."""

from __future__ import annotations

import pulumi

from components.workloads.cluster import NAMESPACE

_POD = 'resource.type = "k8s_container"'


def lines_of_pods(cluster: pulumi.Output[str]) -> pulumi.Output[str]:
    """The filter for what the stack's own pods print."""
    return cluster.apply(
        lambda named: (
            f'{_POD} AND resource.labels.cluster_name = "{named}" '
            f'AND resource.labels.namespace_name = "{NAMESPACE}"'
        )
    )


def lines_of_system(cluster: pulumi.Output[str]) -> pulumi.Output[str]:
    """The filter for what everything else of a cluster prints: controllers, nodes, control plane.
    Audit logs are not among it: Google keeps them for itself, for 400 days."""
    return cluster.apply(
        lambda named: (
            f'resource.labels.cluster_name = "{named}" '
            f'AND NOT ({_POD} AND resource.labels.namespace_name = "{NAMESPACE}") '
            'AND NOT log_id("cloudaudit.googleapis.com/activity")'
        )
    )
