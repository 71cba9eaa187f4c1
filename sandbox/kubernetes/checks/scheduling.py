"""Pods must find nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.errors import Problem
from sandbox.kubernetes import placement, workloads
from sandbox.kubernetes.cloud import KubernetesCloud


def placed(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """Every pod of the object must find a node among those that there may be at most."""
    for pods in workloads.of_object(object_):
        reason = placement.refusal(pods, cloud)
        if reason is not None:
            yield Problem("spec", f"{pods.place or 'spec'}: {reason}")
