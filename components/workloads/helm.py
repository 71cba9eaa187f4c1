"""Helm: how a chart is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes import helm

from components.workloads.charts import Chart

TIMEOUT_SECONDS = 600
"""Longest wait for a chart's pods, seconds: the first ones also wait for nodes and images."""
HISTORY = 5
"""Revisions of a release that the cluster keeps."""


def release(
    parent: pulumi.Resource,
    name: str,
    chart: Chart,
    values: Mapping[str, Any],
    *,
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None = None,
) -> helm.v3.Release:
    """Install a chart into a namespace that exists, wait until it works, and take it back
    whole when it does not.

    The release bears the chart's name, so that addresses of its services are known in advance.
    `opts`: provider, where the parent has none for the cluster, and what to wait for.
    """
    return helm.v3.Release(
        name,
        chart=chart.address,
        version=chart.version,
        repository_opts=None if chart.is_oci else helm.v3.RepositoryOptsArgs(repo=chart.repository),
        name=chart.name,
        namespace=namespace,
        # Helm would leave a namespace that it made behind.
        create_namespace=False,
        values=values,
        atomic=True,
        cleanup_on_fail=True,
        wait_for_jobs=True,
        timeout=TIMEOUT_SECONDS,
        max_history=HISTORY,
        opts=pulumi.ResourceOptions.merge(
            # Two releases of one name cannot stand side by side.
            pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
            opts,
        ),
    )
