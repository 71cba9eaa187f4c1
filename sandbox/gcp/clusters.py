"""Clusters of Kubernetes Engine, as the objects inside them see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from components.gcp import catalog
from sandbox.cloud import CloudObject
from sandbox.errors import Problem
from sandbox.gcp.checks.links import tail
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Driver, Group, Managed, SecretSource
from sandbox.kubernetes.nodes import GPU, has_device_plugin

_CLUSTER: Final = "gcp:container/cluster:Cluster"
_NODE_POOL: Final = "gcp:container/nodePool:NodePool"
_DISKS: Final = "pd.csi.storage.gke.io"
_EFFECTS: Final = {
    "NO_EXECUTE": "NoExecute",
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
_GPU_TAINT: Final = {"key": GPU, "value": "present", "effect": "NoSchedule"}
# Parameters of the driver of persistent disks (docs of kubernetes-sigs/gcp-compute-persistent-disk-
# csi-driver, "Plugin Features").
_PARAMETERS: Final = frozenset(
    {
        "csi.storage.k8s.io/fstype",
        "disk-encryption-kms-key",
        "labels",
        "provisioned-iops-on-create",
        "provisioned-throughput-on-create",
        "replication-type",
        "resource-tags",
        "type",
    }
)
_TYPES: Final = frozenset({"pd-standard", "pd-balanced", "pd-ssd", "pd-extreme"})
_SECRET: Final = SecretSource(
    name="Secret Manager", type="gcp:secretmanager/secret:Secret", attributes=("secretId",)
)


def _version(cluster: CloudObject) -> str | None:
    found = cluster.get("masterVersion")
    return ".".join(str(found).split(".")[:2]) if found else None


def _groups(cloud: KubernetesCloud, cluster: CloudObject) -> list[Group]:
    return [
        _group(pool, cloud)
        for pool in cloud.all(_NODE_POOL)
        if tail(str(pool.get("cluster"))) == cluster.get("name") and pool.region == cluster.region
    ]


def _group(pool: CloudObject, cloud: KubernetesCloud) -> Group:
    accelerators = pool.get("nodeConfig.guestAccelerators") or []
    machine = str(pool.get("nodeConfig.machineType") or "e2-medium")
    size = catalog.machine_type(machine)
    taints = [
        {
            "key": str(taint["key"]),
            "value": str(taint["value"]),
            "effect": _EFFECTS[taint["effect"]],
        }
        for taint in pool.get("nodeConfig.taints") or []
    ]
    if accelerators:
        taints.append(dict(_GPU_TAINT))
    name = str(pool.get("name"))
    gpus = sum(int(one["count"]) for one in accelerators)
    return Group(
        name=name,
        most=_most(pool),
        labels={
            **(pool.get("nodeConfig.labels") or {}),
            "cloud.google.com/gke-nodepool": name,
            "kubernetes.io/arch": "arm64" if size.architecture == "arm64" else "amd64",
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": machine,
            "topology.kubernetes.io/region": pool.region,
            **({"cloud.google.com/gke-accelerator": accelerators[0]["type"]} if gpus else {}),
        },
        taints=taints,
        allocatable={
            "cpu": Decimal(str(catalog.node_vcpus(size))),
            "memory": Decimal(str(catalog.node_memory_mib(size))) * 2**20,
            "pods": Decimal(int(pool.get("maxPodsPerNode") or 110)),
            GPU: Decimal(gpus if _has_driver(accelerators, taints, cloud) else 0),
        },
        image=str(pool.get("nodeConfig.imageType") or "COS_CONTAINERD"),
    )


def _most(pool: CloudObject) -> int:
    """Most nodes: in all, or in each zone."""
    zones = len(pool.get("nodeLocations") or [1])
    total = pool.get("autoscaling.totalMaxNodeCount")
    if total is not None:
        return int(total)
    each = pool.get("autoscaling.maxNodeCount") or pool.get("initialNodeCount") or 0
    return int(each) * zones


def _has_driver(
    accelerators: list[Mapping[str, Any]],
    taints: list[dict[str, str]],
    cloud: KubernetesCloud,
) -> bool:
    """Whether Kubernetes Engine installs the driver, or a release does what it would."""
    stated = [
        (one.get("gpuDriverInstallationConfig") or {}).get("gpuDriverVersion", "DEFAULT")
        for one in accelerators
    ]
    return "INSTALLATION_DISABLED" not in stated or has_device_plugin(taints, cloud)


def _disk_parameters(parameters: Mapping[str, str]) -> Iterator[Problem]:
    """Parameters that the driver of persistent disks knows."""
    for name in parameters:
        if name not in _PARAMETERS:
            known = ", ".join(sorted(_PARAMETERS))
            yield Problem("parameters", f"parameters: {_DISKS} has no {name!r}; it has {known}")
    kind = parameters.get("type") or "pd-standard"
    if kind not in _TYPES and not kind.startswith("hyperdisk-"):
        listed = ", ".join(sorted(_TYPES))
        yield Problem("parameters", f"parameters.type: {kind!r} is not one of {listed}")
    if "provisioned-iops-on-create" in parameters and kind in _TYPES - {"pd-extreme"}:
        yield Problem("parameters", f"parameters: {kind} disks have no IOPS of their own")


def _no_driver(cloud: KubernetesCloud) -> str:
    path = "addonsConfig.gcePersistentDiskCsiDriverConfig.enabled"
    cluster = cloud.cluster
    if cluster is None or cluster.get(path) is not False:
        return ""
    return "the driver is switched off in addonsConfig of the cluster"


def _secret_source(provider: Mapping[str, Any]) -> SecretSource | None:
    return _SECRET if "gcpsm" in provider else None


MANAGED = Managed(
    cluster=_CLUSTER,
    address="endpoint",
    of_server=lambda server: server.removeprefix("https://"),
    authority="masterAuth.clusterCaCertificate",
    version=_version,
    groups=_groups,
    drivers={_DISKS: Driver(parameters=_disk_parameters, missing=_no_driver)},
    classes=dict.fromkeys(("standard", "standard-rwo", "premium-rwo"), _DISKS),
    default_class="standard-rwo",
    secret_source=_secret_source,
    larger="Raise autoscaling.totalMaxNodeCount",
    gpus=(
        "GPUs are offered by a node pool with guestAccelerators whose driver is installed "
        "(gpuDriverInstallationConfig)"
    ),
)
