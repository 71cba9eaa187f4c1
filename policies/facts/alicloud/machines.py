"""Machines: the node pools of clusters."""

from __future__ import annotations

from components.alicloud.offer import CATALOG
from policies.facts.alicloud import types
from policies.facts.graph import Graph
from policies.facts.model import MachineDisks, Machines, NodeAutoscaler
from policies.facts.nodes import hardware, taint
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_METADATA_HOPS = 1
"""What ECS answers with where nobody says otherwise, and ACK does not let anybody (ECS API
reference, RunInstances, `HttpPutResponseHopLimit`)."""
_ADDRESSES = 30
"""Addresses that are counted for the pods of a machine (`components/alicloud/subnets.py`)."""
_ON_DEMAND = "NoSpot"
_PLAIN_IMAGES = ("ContainerOS", "Custom")
"""Images for which ACK installs no driver (ACK user guide, "Create a GPU node pool")."""


def node_pools(graph: Graph) -> tuple[Machines, ...]:
    """The node pools."""
    return tuple(_node_pool(graph, pool) for pool in graph.of(types.NODE_POOL))


def _node_pool(graph: Graph, pool: Resource) -> Machines:
    root = pool.root
    kind = derived(
        lambda names: (
            names[0]
            if len(names) == 1
            else pool.undecidable(f"`{pool.name}` names {len(names)} machine types; name one")
        ),
        root.texts("instanceTypes"),
    )
    return Machines(
        name=pool.name,
        urn=pool.urn,
        addresses=_ADDRESSES,
        min_machines=root.integer("scalingConfig.minSize"),
        max_machines=root.integer("scalingConfig.maxSize"),
        metadata_needs_token=derived(
            lambda mode: bool(mode == "required"),
            root.text("instanceMetadataOptions.httpTokens", "optional"),
        ),
        metadata_hops=_METADATA_HOPS,
        zones=together(
            switch.root.text("zoneId")
            for switch in graph.referred(pool, "vswitchIds", types.SWITCH)
        ),
        spot=derived(
            lambda strategy: bool(strategy != _ON_DEMAND), root.text("spotStrategy", _ON_DEMAND)
        ),
        gpu_driver=derived(
            lambda image: image not in _PLAIN_IMAGES, root.text("imageType", "AliyunLinux3")
        ),
        pool=True,
        labels=labels(root),
        taints=derived(
            lambda entries: tuple(taint(entry) for entry in entries), root.nodes("taints")
        ),
        **hardware(pool, CATALOG, kind),
    )


def labels(root: Node) -> dict[str, str]:
    """Labels of a pool's nodes."""
    return derived(
        lambda entries: {entry.text("key"): entry.text("value") for entry in entries},
        root.nodes("labels"),
    )


def disks(graph: Graph) -> tuple[MachineDisks, ...]:
    """The disks that come with machines."""
    return tuple(
        MachineDisks(
            name=pool.name,
            urn=pool.urn,
            encrypted=derived(
                lambda first, others: first and all(others),
                pool.root.flag("systemDiskEncrypted"),
                derived(
                    lambda entries: together(entry.flag("encrypted") for entry in entries),
                    pool.root.nodes("dataDisks"),
                ),
            ),
        )
        for pool in graph.of(types.NODE_POOL)
    )


def autoscalers(graph: Graph) -> tuple[NodeAutoscaler, ...]:
    """What adds machines: ACK runs the program once its settings are there."""
    return tuple(
        NodeAutoscaler(name=each.name, urn=each.urn) for each in graph.of(types.AUTOSCALER)
    )
