"""Namespaces, and how much each lets its pods do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
from pulumi_kubernetes import core, meta

from components.workloads.cluster import NAMESPACE
from components.workloads.labels import labels
from components.workloads.network_policies import deny_by_default

Level = Literal["restricted", "baseline", "privileged"]
"""Pod Security Standard that the API server holds the pods of a namespace to."""


def namespace(
    parent: pulumi.Resource,
    name: str,
    namespace: str,
    *,
    level: Level,
    extra_labels: Mapping[str, str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> core.v1.Namespace:
    """Make a namespace that admits only pods of the given level.

    `extra_labels`: what controllers look for in the namespace.
    """
    return core.v1.Namespace(
        name,
        metadata=meta.v1.ObjectMetaArgs(
            name=namespace,
            labels={
                **labels(name, "base"),
                "pod-security.kubernetes.io/enforce": level,
                **(extra_labels or {}),
            },
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def workloads_namespace(
    parent: pulumi.Resource,
    name: str,
    *,
    called: str = NAMESPACE,
    extra_labels: Mapping[str, str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> tuple[pulumi.Resource, ...]:
    """The namespace `called` of the stack's own workloads, closed to the network but for DNS.

    Returns what a workload waits for.
    """
    made = namespace(parent, name, called, level="restricted", extra_labels=extra_labels, opts=opts)
    within = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[made]))
    return (made, *deny_by_default(parent, name, called, within))
