"""Clusters of ACK, as the objects inside them see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from components.alicloud import catalog
from sandbox.cloud import CloudObject
from sandbox.errors import Problem
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Driver, Group, Managed
from sandbox.kubernetes.nodes import GPU

_CLUSTER: Final = "alicloud:cs/managedKubernetes:ManagedKubernetes"
_POOL: Final = "alicloud:cs/nodePool:NodePool"
_DISK: Final = "diskplugin.csi.alibabacloud.com"
_MIB: Final = 2**20
_PODS_PER_NODE: Final = 15
"""Least that Terway gives addresses to on the machines in use: network interfaces less one, times
addresses of each (ACK documentation, "Work with Terway"); an estimate for all types."""
# Parameters of the disk driver (ACK documentation, "Disk volume parameters").
_PARAMETERS: Final = frozenset(
    {
        "autoSnapshot",
        "burstingEnabled",
        "csi.storage.k8s.io/fstype",
        "diskTags",
        "encrypted",
        "fstype",
        "kmsKeyId",
        "mkfsOptions",
        "multiAttach",
        "performanceLevel",
        "provisionedIops",
        "resourceGroupId",
        "type",
        "volumeExpandAutoSnapshot",
        "volumeSizeAutoAvailable",
        "zoneId",
    }
)
_TYPES: Final = frozenset(
    {"cloud_auto", "cloud_efficiency", "cloud_essd", "cloud_essd_entry", "cloud_ssd", "available"}
)
_LEVELS: Final = frozenset({"PL0", "PL1", "PL2", "PL3"})


def _version(cluster: CloudObject) -> str | None:
    found = cluster.get("version")
    return ".".join(str(found).split(".")[:2]) if found else None


def _groups(cloud: KubernetesCloud, cluster: CloudObject) -> list[Group]:
    return [
        _group(pool)
        for pool in cloud.all(_POOL)
        if pool.get("clusterId") == cluster.id and pool.region == cluster.region
    ]


def _group(pool: CloudObject) -> Group:
    types = [catalog.instance_type(name) for name in pool.get("instanceTypes")]
    given = [_allocatable(each) for each in types]
    most = pool.get("scalingConfig.maxSize") or pool.get("desiredSize") or 0
    return Group(
        name=str(pool.get("nodePoolName")),
        most=int(most),
        labels={
            **{str(one["key"]): str(one.get("value") or "") for one in pool.get("labels") or []},
            "alibabacloud.com/nodepool-id": str(pool.get("nodePoolId")),
            "kubernetes.io/arch": "arm64" if types[0].architecture == "arm64" else "amd64",
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": types[0].name,
            "topology.kubernetes.io/region": pool.region,
        },
        taints=[
            {
                "key": str(one["key"]),
                "value": str(one.get("value") or ""),
                "effect": str(one.get("effect") or "NoSchedule"),
            }
            for one in pool.get("taints") or []
        ],
        allocatable={name: min(one[name] for one in given) for name in given[0]},
        image=str(pool.get("imageType")),
    )


def _allocatable(found: catalog.InstanceType) -> dict[str, Decimal]:
    """GPUs are there without more ado: ACK installs driver and device plugin (ACK documentation,
    "Use the NVIDIA driver of a node pool")."""
    return {
        "cpu": Decimal(str(catalog.node_vcpus(found))),
        "memory": Decimal(str(catalog.node_memory_mib(found))) * _MIB,
        "pods": Decimal(max(_PODS_PER_NODE, found.vcpus * 4)),
        GPU: Decimal(found.gpus),
    }


def _disk(parameters: Mapping[str, str]) -> Iterator[Problem]:
    """Parameters that the driver of disks knows."""
    for name in parameters:
        if name not in _PARAMETERS:
            known = ", ".join(sorted(_PARAMETERS))
            yield Problem("parameters", f"parameters: {_DISK} has no {name!r}; it has {known}")
    for kind in (parameters.get("type") or "cloud_essd").split(","):
        if kind not in _TYPES:
            yield Problem(
                "parameters", f"parameters.type: {kind!r} is not one of {', '.join(sorted(_TYPES))}"
            )
    for level in (parameters.get("performanceLevel") or "PL1").split(","):
        if level not in _LEVELS:
            yield Problem(
                "parameters",
                f"parameters.performanceLevel: {level!r}: use one of {', '.join(sorted(_LEVELS))}",
            )
    if parameters.get("kmsKeyId") and parameters.get("encrypted") != "true":
        yield Problem("parameters", "parameters.kmsKeyId goes with encrypted: it must be true")


def _lacks(addon: str, cloud: KubernetesCloud) -> str:
    installed = cloud.cluster.get("addons") if cloud.cluster else None
    there = any(one.get("name") == addon and not one.get("disabled") for one in installed or [])
    return "" if there else f"the cluster has no addon {addon}"


MANAGED = Managed(
    cluster=_CLUSTER,
    address="connections[0].apiServerInternet",
    inner_address="connections[0].apiServerIntranet",
    authority="certificateAuthorities[0].clusterCert",
    version=_version,
    groups=_groups,
    drivers={_DISK: Driver(parameters=_disk, missing=lambda cloud: _lacks("csi-plugin", cloud))},
    classes={
        "alibabacloud-cnfs-nas": "nasplugin.csi.alibabacloud.com",
        "alicloud-disk-essd": _DISK,
        "alicloud-disk-topology-alltype": _DISK,
    },
    measures=lambda cloud: _lacks("metrics-server", cloud),
    larger="Raise scalingConfig.maxSize",
    gpus="GPUs are offered by a node pool of a GPU instance type",
)
