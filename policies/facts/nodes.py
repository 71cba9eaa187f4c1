"""Nodes of clusters, as every cloud's facts read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from components.models.memory import GpuMachine
from components.offer import Catalog, NodeMachine
from policies.facts.model import Taint
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]

EFFECTS: Mapping[str, Effect] = {
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
    "NO_EXECUTE": "NoExecute",
    "NoSchedule": "NoSchedule",
    "PreferNoSchedule": "PreferNoSchedule",
    "NoExecute": "NoExecute",
}
"""The words of clouds -> those of Kubernetes."""


def taint(entry: Node) -> Taint:
    """A taint of a node group."""
    return Taint(
        key=entry.text("key"),
        value=entry.text("value"),
        effect=derived(
            lambda effect: (
                EFFECTS[effect]
                if effect in EFFECTS
                else entry.unreadable("effect", "effect of a taint")
            ),
            entry.text("effect"),
        ),
    )


def hardware(resource: Resource, catalog: Catalog, kind: str) -> dict[str, Any]:
    """What the machines of a node group are, as fields of `Machines`, by the catalog.

    `kind`: the catalog's name of the machine type.
    """
    node = derived(lambda name: _known(resource, catalog, name), kind)
    size = derived(lambda one: catalog.machine_size(one.name), node)
    gpu = derived(lambda one: catalog.gpu_machine(one.name) if one.gpus else None, node)
    return {
        "type": kind,
        "vcpus": derived(lambda one: one[0], size),
        "memory_gib": derived(lambda one: one[1], size),
        "usable_vcpus": derived(lambda one: one.vcpus, node),
        "usable_mib": derived(lambda one: one.memory_mib, node),
        "gpus": derived(lambda one: one.gpus, node),
        "gpu": derived(lambda one: one.gpu, node),
        "gpu_memory_gib": derived(_gpu_memory_gib, gpu),
    }


def _gpu_memory_gib(machine: GpuMachine | None) -> float:
    return machine.gpu_memory_gib if machine else 0.0


def _known(resource: Resource, catalog: Catalog, name: str) -> NodeMachine:
    try:
        return catalog.node(name)
    except ValueError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]
