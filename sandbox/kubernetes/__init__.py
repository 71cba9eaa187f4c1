"""The package `kubernetes`: objects of the clusters that the simulated cloud holds."""

from __future__ import annotations

from pathlib import Path

from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.kubeconfig import configure, moved_cluster
from sandbox.kubernetes.package import KubernetesPackage

PACKAGE = KubernetesPackage(
    name="kubernetes",
    sdk="pulumi_kubernetes",
    folder=Path(__file__).parent,
    checks="sandbox.kubernetes.checks",
    holds_objects=True,
    configure=configure,
    view=KubernetesCloud,
    replacing=moved_cluster,
)
