"""What a node of a managed node group offers to pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from components.aws import catalog
from sandbox.cloud import CloudObject
from sandbox.kubernetes import charts
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import quantity

GPU: Final = "nvidia.com/gpu"
_MIB: Final = 2**20
# What EKS nodes reserve for the kubelet: 255 MiB and 11 MiB for each pod (nodeadm, and
# bootstrap.sh of amazon-eks-ami before it), 100 MiB are the threshold of eviction; of CPU 6 % of
# the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the others.
_RESERVED_MIB: Final = 255 + 100
_RESERVED_MIB_PER_POD: Final = 11
# The kernel and the firmware keep some of the nominal memory; AWS publishes no figure. Estimate.
_KERNEL_SHARE: Final = Decimal("0.05")
_EFFECTS: Final = {
    "NO_EXECUTE": "NoExecute",
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
# Labels whose values differ between the nodes of a group: any value counts as there.
VARIED: Final = frozenset({"kubernetes.io/hostname", "topology.kubernetes.io/zone"})


@dataclass(frozen=True, kw_only=True)
class Group:
    """The nodes of a group, which are alike as far as pods can tell."""

    name: str
    most: int
    labels: Mapping[str, str]
    taints: Sequence[Mapping[str, str]]
    allocatable: Mapping[str, Decimal]
    image: str


def groups(cloud: KubernetesCloud) -> list[Group]:
    """The node groups of the cluster, with the most nodes each may have, and its own nodes."""
    return [
        *(_group(item, cloud) for item in cloud.node_groups),
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


def _group(item: CloudObject, cloud: KubernetesCloud) -> Group:
    types = [catalog.instance_type(name) for name in item.get("instanceTypes") or ["t3.medium"]]
    image = str(item.get("amiType") or "AL2023_x86_64_STANDARD")
    taints = [
        {
            "key": str(taint["key"]),
            "value": str(taint.get("value") or ""),
            "effect": _EFFECTS[taint["effect"]],
        }
        for taint in item.get("taints") or []
    ]
    given = [_allocatable(instance_type) for instance_type in types]
    least = {name: min(one[name] for one in given) for name in given[0]}
    if not _offers_gpus(image, taints, cloud):
        least[GPU] = Decimal(0)
    name = str(item.get("nodeGroupName"))
    return Group(
        name=name,
        most=int(item.get("scalingConfig.maxSize") or 0),
        labels={
            **(item.get("labels") or {}),
            "eks.amazonaws.com/capacityType": str(item.get("capacityType") or "ON_DEMAND"),
            "eks.amazonaws.com/nodegroup": name,
            "kubernetes.io/arch": "arm64" if types[0].architecture == "arm64" else "amd64",
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": types[0].name,
            "topology.kubernetes.io/region": item.region,
        },
        taints=taints,
        allocatable=least,
        image=image,
    )


def _allocatable(found: catalog.InstanceType) -> dict[str, Decimal]:
    cores = Decimal(found.vcpus)
    reserved = (
        Decimal("0.06")
        + Decimal("0.01") * _between(cores, 1, 2)
        + Decimal("0.005") * _between(cores, 2, 4)
        + Decimal("0.0025") * _between(cores, 4, cores)
    )
    memory = Decimal(found.memory_gib) * 1024 * (1 - _KERNEL_SHARE)
    memory -= _RESERVED_MIB + _RESERVED_MIB_PER_POD * found.max_pods
    return {
        "cpu": cores - reserved,
        "memory": memory * _MIB,
        "pods": Decimal(found.max_pods),
        GPU: Decimal(found.gpus),
    }


def _between(cores: Decimal, first: int, last: Decimal | int) -> Decimal:
    """How many of the cores lie between these numbers."""
    return max(min(cores, Decimal(last)) - first, Decimal(0))


def _offers_gpus(image: str, taints: Sequence[Mapping[str, str]], cloud: KubernetesCloud) -> bool:
    """Whether the image has the driver, and something tells the kubelet of the GPUs."""
    if "NVIDIA" not in image:
        return False
    if image.startswith("BOTTLEROCKET"):
        return True
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
