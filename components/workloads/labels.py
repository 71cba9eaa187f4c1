"""Labels: what every Kubernetes object of the package is marked with, and found by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pulumi_kubernetes import meta

from components.workloads.cluster import NAMESPACE

if TYPE_CHECKING:
    import pulumi

PREFIX = "app.kubernetes.io"
"""Prefix of the labels that Kubernetes recommends for all tools ("Recommended Labels")."""
COMPONENT = f"{PREFIX}/component"
INSTANCE = f"{PREFIX}/instance"
APPLICATION = "letta"

Component = Literal[
    "server", "bootstrap", "dump", "embedding", "llm", "llm-engine", "store", "base"
]
"""What an object is part of. `embedding` and `llm` are what servers may call; `llm-engine` is
what only the router before it may; `store` is database and cache, where they are pods; `base` is
the cluster's own."""


def labels(name: str, component: Component) -> dict[str, str]:
    """Labels of everything that belongs to the workload `name`."""
    return {
        f"{PREFIX}/name": APPLICATION,
        INSTANCE: name,
        COMPONENT: component,
        f"{PREFIX}/part-of": APPLICATION,
        f"{PREFIX}/managed-by": "pulumi",
    }


def selector(name: str) -> dict[str, str]:
    """The labels that pick the pods of the workload `name`; they can never change."""
    return {INSTANCE: name}


def metadata(
    name: str,
    component: Component,
    *,
    instance: str | None = None,
    annotations: Mapping[str, pulumi.Input[str]] | None = None,
    namespace: str = NAMESPACE,
) -> meta.v1.ObjectMetaArgs:
    """Name, namespace and labels of an object of the stack's.

    The name is given in full, since the engine asks no provider of a cluster that does not
    exist yet for one, and rules must be able to read it. `instance`: the workload that the
    object belongs to, where it has another name. `namespace`: `Cluster.namespace`.
    """
    return meta.v1.ObjectMetaArgs(
        name=name,
        namespace=namespace,
        labels=labels(instance or name, component),
        annotations=annotations,
    )
