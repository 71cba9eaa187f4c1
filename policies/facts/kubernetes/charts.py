"""What charts bring into a cluster, as far as rules ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from components.workloads.charts import CHARTS, CLUSTER_AUTOSCALER, NVIDIA_DEVICE_PLUGIN, Chart
from policies.facts.graph import Graph
from policies.facts.kubernetes import types
from policies.facts.kubernetes.pods import tolerations
from policies.facts.model import CustomObject, DevicePlugin, NodeAutoscaler, Release
from policies.facts.resource import UNDETERMINED, Resource, plain
from policies.facts.unknown import derived

_TYPES: Final = "kubernetes:"
_HELM: Final = "helm.sh"
"""What the provider keeps releases in."""
_BUILT_IN: Final = ".k8s.io"
"""End of the groups that Kubernetes keeps for itself. Projects under its roof have `x-k8s.io`, and
those for a cloud that cloud's end."""


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


def releases(graph: Graph) -> tuple[Release, ...]:
    """All installed charts."""
    return tuple(_release(resource) for resource in graph.of(types.RELEASE))


def custom_objects(graph: Graph) -> tuple[CustomObject, ...]:
    """Objects that are nothing without the definition and the controller of their kind."""
    return tuple(
        CustomObject(name=resource.name, urn=resource.urn, kind=f"{api}/{kind}")
        for resource in graph.resources
        if resource.type.startswith(_TYPES)
        for _, api, kind in (resource.type.split(":"),)
        if _custom(api.partition("/")[0])
    )


def _custom(group: str) -> bool:
    return "." in group and group != _HELM and not group.endswith(_BUILT_IN)


def _release(resource: Resource) -> Release:
    root = resource.root
    address = root.text("chart")
    name = derived(lambda text: text.rpartition("/")[2], address)
    return Release(
        name=resource.name,
        urn=resource.urn,
        chart=name,
        version=root.text("version"),
        source=derived(
            lambda text: text if "://" in text else root.text("repositoryOpts.repo"), address
        ),
        kinds=derived(lambda known: CHARTS[known].kinds if known in CHARTS else (), name),
        values=derived(
            lambda _: dict(_texts(resource, "values", resource.properties.get("values"))),
            root.mapping("values"),
        ),
    )


def _texts(resource: Resource, path: str, value: object) -> Iterator[tuple[str, str]]:
    """Path and text of each string within, that of an unknown one too."""
    value = plain(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(resource, f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(resource, f"{path}[{index}]", item)
    elif isinstance(value, str):
        yield path, value
    elif value is UNDETERMINED:
        yield (
            path,
            resource.undecidable(
                f"property `{path}` of `{resource.name}` is unknown at preview; "
                "give it a plain value"
            ),
        )


def _releases(graph: Graph, chart: Chart) -> list[Resource]:
    return [
        resource
        for resource in graph.of(types.RELEASE)
        if resource.root.text("chart").rpartition("/")[2] == chart.name
    ]
