"""Machines: auto scaling groups of the container service, node groups of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.aws import catalog
from infra import capacity
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.model import MachineDisks, Machines
from policies.facts.nodes import taint
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_METADATA_HOPS = 2
"""What an image that supports only IMDSv2, such as Amazon Linux 2023, brings with it."""
_SPOT = "spot"
_ALL_PERCENT = 100
_HOST_PODS = 2
"""Pods of every node that use its own address: network plug-in and proxy. The pods that a node
runs are counted with them."""
_ROOT_DEVICE = "/dev/xvda"
"""Of Amazon Linux images, which all machines run."""
_DRIVER_IMAGES = ("_NVIDIA",)
"""Ends of the kinds of image that bring a GPU's driver (EKS user guide, "Run GPU-accelerated
containers")."""


def subnet_zones(graph: Graph, resource: Resource, name: str) -> tuple[str, ...]:
    """Zones of the subnets that a property was made from."""
    found = graph.referred(resource, name, types.SUBNET, via=(types.ROUTE_TABLE_ASSOCIATION,))
    return together(subnet.root.text("availabilityZone") for subnet in found)


def of_container_service(graph: Graph) -> Mapping[str, Machines]:
    """URN of an auto scaling group -> its machines."""
    return {group.urn: _scaling_group(graph, group) for group in graph.of(types.AUTOSCALING_GROUP)}


def of_clusters(graph: Graph) -> Mapping[str, Machines]:
    """URN of a node group -> its machines."""
    return {group.urn: _node_group(graph, group) for group in graph.of(types.NODE_GROUP)}


def templates(graph: Graph, group: Resource) -> list[Resource]:
    """The launch templates of an auto scaling group or node group."""
    return [
        template
        for name in ("launchTemplate", "mixedInstancesPolicy")
        for template in graph.referred(group, name, types.LAUNCH_TEMPLATE)
    ]


def disks(graph: Graph) -> tuple[MachineDisks, ...]:
    """The disks that come with machines; those of a template that EKS makes are plain."""
    bare = [group for group in graph.of(types.NODE_GROUP) if not templates(graph, group)]
    return tuple(
        MachineDisks(
            name=resource.name,
            urn=resource.urn,
            encrypted=derived(_all_encrypted, resource.root.nodes("blockDeviceMappings")),
        )
        for resource in (*graph.of(types.LAUNCH_TEMPLATE), *bare)
    )


def _all_encrypted(mappings: tuple[Node, ...]) -> bool:
    volumes = [mapping for mapping in mappings if mapping.given("ebs")]
    # An image's disks that no mapping names are as the image has them.
    return any(volume.text("deviceName") == _ROOT_DEVICE for volume in volumes) and all(
        volume.flag("ebs.encrypted") for volume in volumes
    )


def _scaling_group(graph: Graph, group: Resource) -> Machines:
    found = templates(graph, group)
    if not found:
        return _without_template(group)
    template = found[0].root
    kind = template.text("instanceType")
    size = derived(lambda name: size_of(group, name), kind)
    return Machines(
        name=group.name,
        urn=group.urn,
        type=kind,
        usable_vcpus=derived(lambda found: float(found.vcpus), size),
        usable_mib=derived(lambda found: capacity.usable_memory_mib(found.memory_gib), size),
        # The machine itself takes one.
        addresses=derived(lambda found: found.max_enis - 1, size),
        min_machines=group.root.integer("minSize"),
        max_machines=group.root.integer("maxSize"),
        zones=subnet_zones(graph, group, "vpcZoneIdentifiers"),
        spot=_spare_capacity(group, template),
        gpu_driver=False,
        pool=False,
        labels={},
        taints=(),
        **_hardware(size),
        **_metadata(template),
    )


def _spare_capacity(group: Resource, template: Node) -> bool:
    share = group.root.node("mixedInstancesPolicy.instancesDistribution")
    return derived(
        lambda market, above: bool(market == _SPOT or above < _ALL_PERCENT),
        template.text("instanceMarketOptions.marketType"),
        share.integer("onDemandPercentageAboveBaseCapacity", 100),
    )


def _node_group(graph: Graph, group: Resource) -> Machines:
    root = group.root
    found = templates(graph, group)
    sizes = derived(
        lambda names: (
            tuple(size_of(group, name) for name in names)
            or group.undecidable(f"`{group.name}` names no machine type")
        ),
        root.texts("instanceTypes"),
    )
    # Any of them may come: what the smallest holds, all hold.
    size = derived(lambda each: min(each, key=_room), sizes)
    return Machines(
        name=group.name,
        urn=group.urn,
        type=derived(lambda one: one.name, size),
        usable_vcpus=derived(lambda one: catalog.node_vcpus(one), size),
        usable_mib=derived(lambda one: catalog.node_memory_mib(one), size),
        addresses=derived(lambda one: one.max_pods - _HOST_PODS, size),
        min_machines=root.integer("scalingConfig.minSize"),
        max_machines=root.integer("scalingConfig.maxSize"),
        zones=subnet_zones(graph, group, "subnetIds"),
        spot=derived(lambda text: text.lower() == _SPOT, root.text("capacityType", "ON_DEMAND")),
        gpu_driver=derived(lambda kind: kind.endswith(_DRIVER_IMAGES), root.text("amiType")),
        pool=True,
        labels=root.mapping("labels"),
        taints=derived(
            lambda entries: tuple(taint(entry) for entry in entries), root.nodes("taints")
        ),
        **_hardware(size),
        **(_metadata(found[0].root) if found else _no_metadata(group)),
    )


def _room(size: catalog.InstanceType) -> tuple[float, int]:
    return size.memory_gib, size.vcpus


def _hardware(size: catalog.InstanceType) -> dict[str, Any]:
    return {
        "vcpus": derived(lambda one: one.vcpus, size),
        "memory_gib": derived(lambda one: one.memory_gib, size),
        "gpus": derived(lambda one: one.gpus, size),
        "gpu": derived(lambda one: one.gpu_model, size),
        "gpu_memory_gib": derived(
            lambda one: one.gpu_memory_gib / one.gpus if one.gpus else 0.0, size
        ),
    }


def _metadata(template: Node) -> dict[str, Any]:
    metadata = template.node("metadataOptions")
    return {
        "metadata_needs_token": derived(
            lambda tokens: tokens == "required", metadata.text("httpTokens", "optional")
        ),
        "metadata_hops": metadata.integer("httpPutResponseHopLimit", _METADATA_HOPS),
    }


def _no_metadata(group: Resource) -> dict[str, Any]:
    """Without a launch template EKS makes one: a token, two hops (EKS user guide, "Customize
    managed nodes with launch templates")."""
    return {"metadata_needs_token": True, "metadata_hops": _METADATA_HOPS}


def _without_template(group: Resource) -> Machines:
    return group.undecidable(  # type: ignore[no-any-return]
        f"the launch template of `{group.name}` is not part of this stack"
    )


def size_of(resource: Resource, name: str) -> catalog.InstanceType:
    """A machine type of the catalog."""
    try:
        return catalog.instance_type(name)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]
