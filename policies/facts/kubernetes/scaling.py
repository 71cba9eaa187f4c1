"""How many copies a workload has, and what moves their number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, types, workloads
from policies.facts.model import Scaling, Target
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_METRICS: Mapping[str, Literal["cpu", "memory"]] = {"cpu": "cpu", "memory": "memory"}
_SCALE_DOWN_SECONDS = 300
"""Stabilisation of an autoscaler that states none; upwards there is none (API reference,
"HPAScalingRules")."""
_QUEUE_SCALER_COPIES = 100
"""Most copies of a ScaledObject that states none (KEDA documentation, "maxReplicaCount")."""


def scalings(graph: Graph, workload: Resource) -> tuple[Scaling, ...]:
    """The autoscalers of a workload."""
    return derived(
        lambda: tuple(
            _scaling(resource)
            for resource in _aimed(graph, types.AUTOSCALER, "spec.scaleTargetRef", workload)
        )
    )


def rolling_copies(graph: Graph, workload: Resource) -> int:
    """Most copies at once: those of a rolling deploy at the autoscaler's ceiling."""

    return derived(
        lambda most: int(most + workloads.surge(workload, most)), most_copies(graph, workload)
    )


def connected_copies(graph: Graph, workload: Resource) -> int:
    """Most copies that hold connections at once. Those that end are no longer counted while they
    finish their requests, so a deploy may replace all of them before the first is gone."""
    return derived(
        lambda most: int(most if workloads.replaced_first(workload) else 2 * most),
        most_copies(graph, workload),
    )


def most_copies(graph: Graph, workload: Resource) -> int:
    """Most copies that the autoscaler makes."""
    return derived(lambda: max(_ceilings(graph, workload), default=workloads.wanted(workload)))


def fewest_copies(graph: Graph, workload: Resource) -> int:
    """Copies that the autoscaler keeps at the least."""
    return derived(
        lambda: min(_floors(graph, workload), default=workloads.wanted(workload)),
    )


def _floors(graph: Graph, workload: Resource) -> Iterator[int]:
    for scaling in scalings(graph, workload):
        yield scaling.min_copies
    for queue in _aimed(graph, types.SCALED_OBJECT, "spec.scaleTargetRef", workload):
        yield queue.root.integer("spec.minReplicaCount")


def _ceilings(graph: Graph, workload: Resource) -> Iterator[int]:
    for scaling in scalings(graph, workload):
        yield scaling.max_copies
    for queue in _aimed(graph, types.SCALED_OBJECT, "spec.scaleTargetRef", workload):
        yield queue.root.integer("spec.maxReplicaCount", _QUEUE_SCALER_COPIES)


def _aimed(graph: Graph, kind: str, path: str, workload: Resource) -> Iterator[Resource]:
    """The objects of a kind that are about a workload, which they name."""
    for resource in graph.of(kind):
        target = resource.root.node(path)
        if (
            target.text("name") == objects.name(workload)
            and target.text("kind", "Deployment") == workload.type.rsplit(":", 1)[-1]
            and objects.namespace(resource) == objects.namespace(workload)
        ):
            yield resource


def _scaling(resource: Resource) -> Scaling:
    root = resource.root
    return Scaling(
        name=resource.name,
        urn=resource.urn,
        min_copies=root.integer("spec.minReplicas", 1),
        max_copies=root.integer("spec.maxReplicas"),
        targets=derived(
            lambda metrics: tuple(_target(resource, metric) for metric in metrics),
            root.nodes("spec.metrics"),
        ),
    )


def _target(resource: Resource, metric: Node) -> Target:
    behavior = resource.root.node("spec.behavior")
    relative = metric.text("resource.target.type") == "Utilization"
    return Target(
        name=resource.name,
        urn=resource.urn,
        metric=derived(
            lambda name: _METRICS.get(name, "other") if relative else "other",
            metric.text("resource.name"),
        ),
        percent=metric.number("resource.target.averageUtilization"),
        scale_out_cooldown_seconds=behavior.integer("scaleUp.stabilizationWindowSeconds"),
        scale_in_cooldown_seconds=behavior.integer(
            "scaleDown.stabilizationWindowSeconds", _SCALE_DOWN_SECONDS
        ),
    )
