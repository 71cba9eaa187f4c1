"""What the nodes of a cluster offer to pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.cloud import CloudObject
from sandbox.kubernetes import charts
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Group
from sandbox.kubernetes.reading import quantity

GPU: Final = "nvidia.com/gpu"
# Labels whose values differ between the nodes of a group: any value counts as there.
VARIED: Final = frozenset({"kubernetes.io/hostname", "topology.kubernetes.io/zone"})


def groups(cloud: KubernetesCloud) -> list[Group]:
    """The node groups of the cluster, with the most nodes each may have, and its own nodes."""
    found = cloud.found
    return [
        *(found[0].groups(cloud, found[1]) if found else ()),
        *(_node(item) for item in cloud.nodes),
    ]


def _node(item: CloudObject) -> Group:
    """A node that was there beforehand."""
    return Group(
        name=item.id,
        most=1,
        labels=item.get("metadata.labels") or {},
        taints=item.get("spec.taints") or [],
        allocatable={
            name: quantity(amount) for name, amount in item.get("status.allocatable").items()
        },
        image="",
    )


def has_device_plugin(taints: Sequence[Mapping[str, str]], cloud: KubernetesCloud) -> bool:
    """Whether a release tells the kubelets of nodes with these taints of their GPUs."""
    for release in cloud.releases:
        chart = charts.of_release(release)
        if chart is not None and chart.offers == GPU:
            tolerations = charts.tolerations(release)
            if all(tolerated(taint, tolerations) for taint in taints):
                return True
    return False


def tolerated(taint: Mapping[str, str], tolerations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a pod with these tolerations may be placed in spite of the taint."""
    return taint["effect"] == "PreferNoSchedule" or any(
        (not one.get("effect") or one["effect"] == taint["effect"])
        and (
            (not one.get("key") and one.get("operator") == "Exists")
            or (
                one.get("key") == taint["key"]
                and (
                    one.get("operator") == "Exists" or str(one.get("value") or "") == taint["value"]
                )
            )
        )
        for one in tolerations
    )
