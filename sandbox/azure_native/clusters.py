"""Clusters of AKS, as the objects inside them see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from components.azure import catalog
from sandbox.azure_native.checks.aks import CLUSTER, POOL, certificate
from sandbox.cloud import CloudObject
from sandbox.errors import Problem
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Driver, Group, Managed, SecretSource
from sandbox.kubernetes.nodes import GPU, has_device_plugin

_DISKS: Final = "disk.csi.azure.com"
_FILES: Final = "file.csi.azure.com"
_PODS_PER_NODE: Final = 250
"""Of a node of the network plugin azure with the mode overlay (AKS documentation, "Quotas")."""
# Parameters of the driver of disks (docs of kubernetes-sigs/azuredisk-csi-driver, "Driver
# parameters").
_PARAMETERS: Final = frozenset(
    {
        "attachDiskInitialDelay",
        "cachingMode",
        "csi.storage.k8s.io/fstype",
        "diskAccessID",
        "diskEncryptionSetID",
        "diskEncryptionType",
        "DiskIOPSReadWrite",
        "DiskMBpsReadWrite",
        "enableBursting",
        "enablePerformancePlus",
        "fsType",
        "kind",
        "location",
        "LogicalSectorSize",
        "maxShares",
        "networkAccessPolicy",
        "perfProfile",
        "publicNetworkAccess",
        "resourceGroup",
        "skuName",
        "storageAccountType",
        "subscriptionID",
        "tags",
        "userAgent",
        "writeAcceleratorEnabled",
    }
)
_KINDS: Final = frozenset(
    {
        "Premium_LRS",
        "Premium_ZRS",
        "PremiumV2_LRS",
        "StandardSSD_LRS",
        "StandardSSD_ZRS",
        "Standard_LRS",
        "UltraSSD_LRS",
    }
)
_SECRET: Final = SecretSource(
    name="Key Vault", type="azure-native:keyvault:Secret", attributes=("secretName",)
)


def _version(cluster: CloudObject) -> str | None:
    found = cluster.get("currentKubernetesVersion")
    return ".".join(str(found).split(".")[:2]) if found else None


def _groups(cloud: KubernetesCloud, cluster: CloudObject) -> list[Group]:
    inside = cluster.get("agentPoolProfiles") or []
    return [
        *(_group(str(one["name"]), one, cloud) for one in inside),
        *(
            _group(str(pool.get("agentPoolName")), pool, cloud)
            for pool in cloud.all(POOL)
            if pool.get("resourceName") == cluster.get("resourceName")
        ),
    ]


def _group(name: str, pool: CloudObject | Mapping[str, Any], cloud: KubernetesCloud) -> Group:
    machine = str(pool.get("vmSize"))
    size = catalog.machine_type(machine)
    taints = [_taint(text) for text in pool.get("nodeTaints") or []]
    spot = pool.get("scaleSetPriority") == "Spot"
    if spot:
        taints.append(_taint("kubernetes.azure.com/scalesetpriority=spot:NoSchedule"))
    most = pool.get("maxCount") if pool.get("enableAutoScaling") else pool.get("count")
    return Group(
        name=name,
        most=int(most or 0),
        labels={
            **(pool.get("nodeLabels") or {}),
            "agentpool": name,
            "kubernetes.azure.com/agentpool": name,
            "kubernetes.azure.com/mode": str(pool.get("mode") or "User").lower(),
            "kubernetes.io/arch": "arm64" if size.architecture == "arm64" else "amd64",
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": machine,
            **({"kubernetes.azure.com/scalesetpriority": "spot"} if spot else {}),
        },
        taints=taints,
        allocatable={
            "cpu": Decimal(str(catalog.node_vcpus(size))),
            "memory": Decimal(str(catalog.node_memory_mib(size))) * 2**20,
            "pods": Decimal(int(pool.get("maxPods") or _PODS_PER_NODE)),
            # AKS installs the driver, and leaves the device plugin to the user.
            GPU: Decimal(size.gpus if has_device_plugin(taints, cloud) else 0),
        },
        image=str(pool.get("osSKU") or "Ubuntu"),
    )


def _taint(text: str) -> dict[str, str]:
    """`key=value:effect`."""
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return {"key": key, "value": value, "effect": effect}


def _disk_parameters(parameters: Mapping[str, str]) -> Iterator[Problem]:
    """Parameters that the driver of disks knows."""
    known = {name.lower() for name in _PARAMETERS}
    for name in parameters:
        if name.lower() not in known:
            listed = ", ".join(sorted(_PARAMETERS))
            yield Problem("parameters", f"parameters: {_DISKS} has no {name!r}; it has {listed}")
    kind = parameters.get("skuName") or parameters.get("storageAccountType") or "StandardSSD_LRS"
    if kind not in _KINDS:
        listed = ", ".join(sorted(_KINDS))
        yield Problem("parameters", f"parameters.skuName: {kind!r} is not one of {listed}")


def _lacks(profile: str, cloud: KubernetesCloud) -> str:
    off = cloud.cluster is not None and cloud.cluster.get(f"storageProfile.{profile}.enabled")
    return f"the cluster has storageProfile.{profile}.enabled false" if off is False else ""


def _secret_source(provider: Mapping[str, Any]) -> SecretSource | None:
    return _SECRET if "azurekv" in provider else None


MANAGED = Managed(
    cluster=CLUSTER,
    address="fqdn",
    inner_address="privateFQDN",
    of_server=lambda server: server.removeprefix("https://").removesuffix(":443"),
    authority="listManagedClusterUserCredentials",
    certificate=certificate,
    version=_version,
    groups=_groups,
    drivers={
        _DISKS: Driver(
            parameters=_disk_parameters, missing=lambda cloud: _lacks("diskCSIDriver", cloud)
        ),
        _FILES: Driver(missing=lambda cloud: _lacks("fileCSIDriver", cloud)),
    },
    classes={
        "azurefile-csi": _FILES,
        "azurefile-csi-premium": _FILES,
        "default": _DISKS,
        "managed-csi": _DISKS,
        "managed-csi-premium": _DISKS,
    },
    default_class="default",
    secret_source=_secret_source,
    larger="Raise maxCount",
    gpus=(
        "GPUs are offered by a pool of a GPU machine, once a release of the NVIDIA device plugin "
        "tolerates its taints"
    ),
)
