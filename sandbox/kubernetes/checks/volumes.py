"""Volumes: how they are made, that they only grow, and what stays of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items, quantity

EBS: Final = "ebs.csi.aws.com"
_STORAGE: Final = "resources.requests.storage"
_RETAIN: Final = "Retain"
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


def storage_class(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """Parameters that the driver of EBS knows."""
    if object_.get("provisioner") != EBS:
        return
    parameters = get(object_, "parameters") or {}
    for name in parameters:
        if name not in _EBS_PARAMETERS and not name.startswith("tagSpecification_"):
            known = ", ".join(sorted(_EBS_PARAMETERS))
            yield Problem("parameters", f"parameters: {EBS} has no {name!r}; it has {known}")
    kind = get(parameters, "type") or "gp3"
    if kind not in _EBS_TYPES:
        yield Problem(
            "parameters", f"parameters.type: {kind!r} is not one of {_listed(_EBS_TYPES)}"
        )
    speeds = {"iops", "iopsPerGB"} & parameters.keys()
    if kind in _PROVISIONED and not speeds:
        yield Problem("parameters", f"parameters: {kind} volumes need iops or iopsPerGB")
    if len(speeds) > 1:
        yield Problem("parameters", "parameters: give iops or iopsPerGB, not both")
    if "throughput" in parameters and kind != "gp3":
        yield Problem("parameters", f"parameters.throughput: only gp3 volumes have it, not {kind}")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def claim(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """A claim says how much, and how it is shared."""
    spec = get(object_, "spec") or {}
    if not items(spec, "accessModes"):
        yield Problem("spec", "spec.accessModes: at least one is required, as ReadWriteOnce")
    size = get(spec, _STORAGE)
    if size is None:
        yield Problem("spec", f"spec.{_STORAGE}: it is required and missing")
    elif quantity(size) <= 0:
        yield Problem("spec", f"spec.{_STORAGE}: {size!r} must be more than 0")


def only_grows(old: Properties, new: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """A volume grows where its class allows it, and never shrinks."""
    before, after = get(old["spec"], _STORAGE), get(new["spec"], _STORAGE)
    if quantity(after) < quantity(before):
        yield Problem(
            "spec",
            f"spec.{_STORAGE}: field can not be less than status.capacity, {before}: to shrink, "
            "make another claim and copy",
        )
    elif quantity(after) > quantity(before):
        name = get(new["spec"], "storageClassName")
        found = cloud.named("storage.k8s.io/v1:StorageClass", "", name) if name else None
        if found is not None and found.get("allowVolumeExpansion") is not True:
            yield Problem(
                "spec",
                f"spec.{_STORAGE}: the StorageClass {name} does not allow expansion: set "
                "allowVolumeExpansion on it",
            )


def left_by_claim(properties: Properties, cloud: KubernetesCloud) -> Iterator[tuple[str, str]]:
    """The volume of a claim stays when its class says so."""
    if _retains(properties["spec"], cloud):
        yield "volume of a claim", _name(properties["metadata"])


def left_by_stateful_set(
    properties: Properties, cloud: KubernetesCloud
) -> Iterator[tuple[str, str]]:
    """Claims made of templates stay, unless the policy says otherwise."""
    spec = properties["spec"]
    if get(spec, "persistentVolumeClaimRetentionPolicy.whenDeleted") == "Delete":
        return
    replicas = get(spec, "replicas")
    for template in items(spec, "volumeClaimTemplates"):
        for number in range(1 if replicas is None else replicas):
            name = f"{get(template, 'metadata.name')}-{properties['metadata']['name']}-{number}"
            yield "claim of a StatefulSet", f"{properties['metadata']['namespace']}/{name}"


def _retains(spec: Mapping[str, Any], cloud: KubernetesCloud) -> bool:
    name = get(spec, "storageClassName")
    found = cloud.named("storage.k8s.io/v1:StorageClass", "", name) if name else None
    return found is not None and found.get("reclaimPolicy") == _RETAIN


def _name(metadata: Mapping[str, Any]) -> str:
    return f"{metadata['namespace']}/{metadata['name']}"
