"""What charts bring into a cluster, as far as rules ask for it."""

from __future__ import annotations

from components.workloads.charts import CLUSTER_AUTOSCALER, NVIDIA_DEVICE_PLUGIN, Chart
from policies.facts.graph import Graph
from policies.facts.kubernetes import types
from policies.facts.kubernetes.pods import tolerations
from policies.facts.model import DevicePlugin, NodeAutoscaler
from policies.facts.resource import Resource
from policies.facts.unknown import derived


def device_plugins(graph: Graph) -> tuple[DevicePlugin, ...]:
    """What makes GPUs known to the cluster."""
    return derived(
        lambda: tuple(
            DevicePlugin(
                name=resource.name,
                urn=resource.urn,
                tolerations=tolerations(resource.root.node("values")),
            )
            for resource in _releases(graph, NVIDIA_DEVICE_PLUGIN)
        )
    )


def node_autoscalers(graph: Graph) -> tuple[NodeAutoscaler, ...]:
    """What adds machines for pods that find no room."""
    return derived(
        lambda: tuple(
            NodeAutoscaler(name=resource.name, urn=resource.urn)
            for resource in _releases(graph, CLUSTER_AUTOSCALER)
        )
    )


def _releases(graph: Graph, chart: Chart) -> list[Resource]:
    return [
        resource
        for resource in graph.of(types.RELEASE)
        if resource.root.text("chart").rpartition("/")[2] == chart.name
    ]
