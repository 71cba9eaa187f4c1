"""Machines: the node pools of a cluster."""

from __future__ import annotations

from collections.abc import Mapping

from components.gcp import catalog
from components.gcp.fixed import PODS_PER_NODE
from components.gcp.gke.zones import ZONES
from components.gcp.offer import CATALOG
from policies.facts.gcp import types
from policies.facts.graph import Graph
from policies.facts.model import DevicePlugin, Machines, MachineType, Taint, Toleration
from policies.facts.nodes import hardware, taint
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

HOST_PODS = 6
"""Pods of every node that use its own address: network, metadata, logs, measures. The pods that a
node runs are counted with them (estimate)."""
GPU_TAINT = Taint(key="nvidia.com/gpu", value="present", effect="NoSchedule")
"""What GKE gives to machines with GPUs by itself (GKE documentation, "Run GPUs in Standard node
pools")."""
NO_DRIVER = "INSTALLATION_DISABLED"
METADATA_HOPS = 1
SUCCESSORS: Mapping[str, str] = {"c2": "c3", "n1": "n2"}
"""Family of a former generation -> the one that followed it (Compute Engine documentation,
"Machine families resource and comparison guide")."""
GPU_SUCCESSOR = "g2"
"""What took the place of N1 machines with GPUs."""


def node_pools(graph: Graph) -> tuple[Machines, ...]:
    """The machines of the clusters."""
    return tuple(_node_pool(resource) for resource in graph.of(types.NODE_POOL))


def device_plugins(graph: Graph) -> tuple[DevicePlugin, ...]:
    """What GKE runs on machines with GPUs that makes them known, wherever it installs the
    driver."""
    return tuple(
        DevicePlugin(
            name=pool.name,
            urn=pool.urn,
            tolerations=(Toleration(key="", value="", effect=""),),
        )
        for pool in graph.of(types.NODE_POOL)
        if _has_driver(pool)
    )


def machine_types(graph: Graph) -> tuple[MachineType, ...]:
    """The machine types that the pools name."""
    return derived(lambda: tuple(_machine_type(one) for one in graph.of(types.NODE_POOL)))


def kind_of(pool: Resource) -> str:
    """The catalog's name of a pool's machines, which tells of the GPUs attached to them."""
    config = pool.root.node("nodeConfig")
    return derived(
        lambda name, found: catalog.with_accelerator(name, found[0].text("type") if found else ""),
        config.text("machineType"),
        config.nodes("guestAccelerators"),
    )


def bounds(pool: Resource) -> tuple[int, int]:
    """Fewest and most machines."""
    scaling = pool.root.node("autoscaling")
    if not pool.root.given("autoscaling"):
        each = first(pool)
        return each, each
    if scaling.given("totalMaxNodeCount"):
        return scaling.integer("totalMinNodeCount"), scaling.integer("totalMaxNodeCount")
    zones = _zones(pool)
    return scaling.integer("minNodeCount") * zones, scaling.integer("maxNodeCount") * zones


def first(pool: Resource) -> int:
    """Machines that a pool begins with."""
    root = pool.root
    # How many there are now is Google's to say, also where the program says how many at first.
    stated = root.given("initialNodeCount") and not root.undetermined("initialNodeCount")
    return root.integer("initialNodeCount" if stated else "nodeCount") * _zones(pool)


def _zones(pool: Resource) -> int:
    return len(pool.root.texts("nodeLocations")) or ZONES


def _node_pool(pool: Resource) -> Machines:
    config = pool.root.node("nodeConfig")
    accelerators = config.nodes("guestAccelerators")
    return Machines(
        name=pool.name,
        urn=pool.urn,
        addresses=derived(
            lambda most: most - HOST_PODS, pool.root.integer("maxPodsPerNode", PODS_PER_NODE)
        ),
        min_machines=derived(lambda: bounds(pool)[0]),
        max_machines=derived(lambda: bounds(pool)[1]),
        zones=pool.root.texts("nodeLocations"),
        spot=config.flag("spot"),
        gpu_driver=derived(lambda: _has_driver(pool)),
        pool=True,
        labels=config.mapping("labels"),
        taints=derived(
            lambda entries, found: (
                *(taint(entry) for entry in entries),
                *((GPU_TAINT,) if found else ()),
            ),
            config.nodes("taints"),
            accelerators,
        ),
        # A pod that asks for the machine's rights is given those of its own account.
        metadata_needs_token=derived(
            lambda mode: mode == "GKE_METADATA", config.text("workloadMetadataConfig.mode")
        ),
        metadata_hops=METADATA_HOPS,
        **hardware(pool, CATALOG, kind_of(pool)),
    )


def _has_driver(pool: Resource) -> bool:
    accelerators = pool.root.nodes("nodeConfig.guestAccelerators")
    return bool(len(accelerators)) and all(_installed(one) for one in accelerators)


def _installed(accelerator: Node) -> bool:
    version = accelerator.text("gpuDriverInstallationConfig.gpuDriverVersion", NO_DRIVER)
    return derived(lambda text: bool(text != NO_DRIVER), version)


def _machine_type(pool: Resource) -> MachineType:
    kind = kind_of(pool)
    family = kind.partition("-")[0]
    successor = GPU_SUCCESSOR if "+" in kind else SUCCESSORS.get(family, "")
    return MachineType(
        name=pool.name,
        urn=pool.urn,
        type=kind,
        current=family not in SUCCESSORS,
        successor=successor,
    )
