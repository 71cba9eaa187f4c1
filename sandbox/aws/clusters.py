"""Clusters of EKS, as the objects inside them see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from components.aws import catalog
from sandbox.cloud import CloudObject
from sandbox.errors import Problem
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Driver, Group, Managed, SecretSource
from sandbox.kubernetes.nodes import GPU, has_device_plugin

_CLUSTER: Final = "aws:eks/cluster:Cluster"
_NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
_ADDON: Final = "aws:eks/addon:Addon"
_METRICS: Final = "metrics-server"
_EBS: Final = "ebs.csi.aws.com"
_IN_TREE: Final = "kubernetes.io/aws-ebs"
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
# Parameters of the EBS CSI driver (docs/parameters.md), and the volume types of EBS.
_EBS_PARAMETERS: Final = frozenset(
    {
        "allowAutoIOPSIncreaseOnModify",
        "allowAutoIOPSPerGBIncrease",
        "blockAttachUntilInitialized",
        "blockExpress",
        "blockSize",
        "bytesPerINode",
        "csi.storage.k8s.io/fstype",
        "encrypted",
        "ext4BigAlloc",
        "ext4ClusterSize",
        "inodeSize",
        "iops",
        "iopsPerGB",
        "kmsKeyId",
        "numberOfINodes",
        "throughput",
        "type",
        "volumeInitializationRate",
    }
)
_EBS_TYPES: Final = frozenset(
    {"gp2", "gp3", "io1", "io2", "sbe1", "sbg1", "sc1", "st1", "standard"}
)
_PROVISIONED: Final = frozenset({"io1", "io2"})
_SECRETS: Final = {
    name: SecretSource(name=name, type=kind, attributes=("name", "arn"))
    for name, kind in (
        ("SecretsManager", "aws:secretsmanager/secret:Secret"),
        ("ParameterStore", "aws:ssm/parameter:Parameter"),
    )
}


def _version(cluster: CloudObject) -> str | None:
    found = cluster.get("version")
    return str(found) if found else None


def _groups(cloud: KubernetesCloud, cluster: CloudObject) -> list[Group]:
    name, region = cluster.get("name"), cluster.region
    return [
        _group(group, cloud)
        for group in cloud.all(_NODE_GROUP)
        if group.get("clusterName") == name and group.region == region
    ]


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
    return image.startswith("BOTTLEROCKET") or has_device_plugin(taints, cloud)


def _lacks(addon: str, cloud: KubernetesCloud) -> str:
    cluster = cloud.cluster.get("name") if cloud.cluster else None
    there = any(
        item.get("addonName") == addon and item.get("clusterName") == cluster
        for item in cloud.all(_ADDON)
    )
    return "" if there else f"the cluster has no add-on {addon}"


def _ebs(parameters: Mapping[str, str]) -> Iterator[Problem]:
    """Parameters that the driver of EBS knows."""
    for name in parameters:
        if name not in _EBS_PARAMETERS and not name.startswith("tagSpecification_"):
            known = ", ".join(sorted(_EBS_PARAMETERS))
            yield Problem("parameters", f"parameters: {_EBS} has no {name!r}; it has {known}")
    kind = parameters.get("type") or "gp3"
    if kind not in _EBS_TYPES:
        listed = ", ".join(sorted(_EBS_TYPES))
        yield Problem("parameters", f"parameters.type: {kind!r} is not one of {listed}")
    speeds = {"iops", "iopsPerGB"} & parameters.keys()
    if kind in _PROVISIONED and not speeds:
        yield Problem("parameters", f"parameters: {kind} volumes need iops or iopsPerGB")
    if len(speeds) > 1:
        yield Problem("parameters", "parameters: give iops or iopsPerGB, not both")
    if "throughput" in parameters and kind != "gp3":
        yield Problem("parameters", f"parameters.throughput: only gp3 volumes have it, not {kind}")


def _secret_source(provider: Mapping[str, Any]) -> SecretSource | None:
    return _SECRETS.get((provider.get("aws") or {}).get("service") or "")


def _needing(addon: str) -> Driver:
    return Driver(missing=lambda cloud: _lacks(addon, cloud))


MANAGED = Managed(
    cluster=_CLUSTER,
    address="endpoint",
    authority="certificateAuthority.data",
    version=_version,
    groups=_groups,
    drivers={
        _EBS: Driver(parameters=_ebs, missing=lambda cloud: _lacks("aws-ebs-csi-driver", cloud)),
        "efs.csi.aws.com": _needing("aws-efs-csi-driver"),
        _IN_TREE: _needing("aws-ebs-csi-driver"),
    },
    classes={"gp2": _IN_TREE},
    measures=lambda cloud: _lacks(_METRICS, cloud),
    secret_source=_secret_source,
    larger="Raise scalingConfig.maxSize",
    gpus=(
        "GPUs are offered by a node group of a GPU instance type with an NVIDIA image "
        "(amiType) whose taints the release of nvidia-device-plugin tolerates"
    ),
)
