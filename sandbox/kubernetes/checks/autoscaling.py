"""Numbers of pods that change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.errors import Problem
from sandbox.kubernetes.reading import get


def bounds(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """The least and the most pods of a HorizontalPodAutoscaler."""
    least, most = get(object_, "spec.minReplicas"), get(object_, "spec.maxReplicas")
    least = 1 if least is None else least
    if least < 1:
        yield Problem(
            "spec",
            "spec.minReplicas: must be 1 or more; a ScaledObject of KEDA scales down to none",
        )
    if most < least:
        yield Problem("spec", f"spec.maxReplicas: {most} is less than minReplicas, {least}")


def scaled_object(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """The least, the idle and the most pods of a ScaledObject, as KEDA's webhook takes them."""
    least = get(object_, "spec.minReplicaCount") or 0
    most = get(object_, "spec.maxReplicaCount")
    idle = get(object_, "spec.idleReplicaCount")
    if most is not None and most < least:
        yield Problem("spec", f"spec.maxReplicaCount: {most} is less than minReplicaCount, {least}")
    if idle is not None and idle >= least:
        yield Problem(
            "spec",
            f"spec.idleReplicaCount: {idle} must be less than minReplicaCount, {least}",
        )
