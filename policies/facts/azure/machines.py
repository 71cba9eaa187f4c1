"""Machines: the pools of a cluster's nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.azure.catalog import PODS_PER_NODE
from components.azure.offer import CATALOG
from policies.facts.azure import types
from policies.facts.graph import Graph
from policies.facts.model import Machines, Taint
from policies.facts.nodes import EFFECTS, hardware
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

HOST_PODS = 6
"""Pods of every node that use its own address: network, disks, names, logs, measures. The pods that
a node runs are counted with them (estimate)."""
SPOT_TAINT = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot", effect="NoSchedule")
"""What AKS gives to spare machines by itself (AKS documentation, "Add an Azure Spot node pool")."""
NO_DRIVER = "None"
METADATA_HOPS = 1


def node_pools(graph: Graph) -> tuple[Machines, ...]:
    """The machines of the clusters: pools of their own, and those that a cluster is made with."""
    return derived(lambda: tuple(_pool(resource, node) for resource, node in pools(graph)))


def pools(graph: Graph) -> Iterator[tuple[Resource, Node]]:
    """Each pool: the resource that holds it, and where its properties stand."""
    for cluster in graph.of(types.CLUSTER):
        for node in cluster.root.nodes("agentPoolProfiles"):
            yield cluster, node
    for pool in graph.of(types.NODE_POOL):
        yield pool, pool.root


def bounds(pool: Node) -> tuple[int, int]:
    """Fewest and most machines."""
    if pool.flag("enableAutoScaling"):
        return pool.integer("minCount"), pool.integer("maxCount")
    return pool.integer("count", 1), pool.integer("count", 1)


def first(pool: Node) -> int:
    """Machines that a pool begins with."""
    stated = pool.given("count") and not pool.undetermined("count")
    return pool.integer("count" if stated else "minCount")


def _pool(resource: Resource, pool: Node) -> Machines:
    spot = derived(lambda kind: bool(kind == "Spot"), pool.text("scaleSetPriority", "Regular"))
    return Machines(
        name=resource.name,
        urn=resource.urn,
        addresses=derived(lambda most: most - HOST_PODS, pool.integer("maxPods", PODS_PER_NODE)),
        min_machines=derived(lambda: bounds(pool)[0]),
        max_machines=derived(lambda: bounds(pool)[1]),
        zones=pool.texts("availabilityZones"),
        spot=spot,
        # AKS installs it unless it is told not to.
        gpu_driver=derived(
            lambda driver: bool(driver != NO_DRIVER), pool.text("gpuProfile.driver", "Install")
        ),
        pool=True,
        labels=pool.mapping("nodeLabels"),
        taints=derived(
            lambda texts, spare: (*_taints(resource, texts), *((SPOT_TAINT,) if spare else ())),
            pool.texts("nodeTaints"),
            spot,
        ),
        # Azure's metadata service knows no tokens.
        metadata_needs_token=False,
        metadata_hops=METADATA_HOPS,
        **hardware(resource, CATALOG, pool.text("vmSize")),
    )


def _taints(resource: Resource, texts: Sequence[str]) -> Iterator[Taint]:
    """From `key=value:effect`."""
    for text in texts:
        pair, _, effect = text.rpartition(":")
        key, _, value = pair.partition("=")
        if effect not in EFFECTS:
            resource.undecidable(f"taint {text} of `{resource.name}` has no effect of Kubernetes")
        yield Taint(key=key, value=value, effect=EFFECTS[effect])
