"""Volumes: how they are made, that they only grow, and what stays of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes import managed, workloads
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items, quantity

_STORAGE: Final = "resources.requests.storage"
_RETAIN: Final = "Retain"


def storage_class(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """Parameters that the driver knows."""
    found = managed.driver(str(object_.get("provisioner")))
    if found is not None:
        yield from found.parameters(get(object_, "parameters") or {})


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


def claim_templates(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """The claims that pods get each."""
    for template in workloads.claim_templates(object_):
        name = get(template, "metadata.name")
        for problem in claim(template):
            yield Problem("spec", f"volumeClaimTemplates {name}: {problem.reason}")


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
    replicas = get(properties["spec"], "replicas")
    numbers = [str(number) for number in range(1 if replicas is None else replicas)]
    yield from _left_of_templates(properties, properties["spec"], numbers)


def left_by_leader_worker_set(
    properties: Properties, cloud: KubernetesCloud
) -> Iterator[tuple[str, str]]:
    """Claims of leaders and workers stay, unless the policy says otherwise."""
    replicas = get(properties["spec"], "replicas")
    base = get(properties["spec"], "leaderWorkerTemplate")
    pods = [
        f"{group}-{worker}" if worker else str(group)
        for group in range(1 if replicas is None else replicas)
        for worker in range(get(base, "size") or 1)
    ]
    yield from _left_of_templates(properties, base, pods)


def _left_of_templates(
    properties: Properties, holder: Mapping[str, Any], pods: Sequence[str]
) -> Iterator[tuple[str, str]]:
    if get(holder, "persistentVolumeClaimRetentionPolicy.whenDeleted") == "Delete":
        return
    metadata = properties["metadata"]
    for template in items(holder, "volumeClaimTemplates"):
        claim_name = f"{get(template, 'metadata.name')}-{metadata['name']}"
        for pod in pods:
            yield "claim of a pod", f"{metadata['namespace']}/{claim_name}-{pod}"


def _retains(spec: Mapping[str, Any], cloud: KubernetesCloud) -> bool:
    name = get(spec, "storageClassName")
    found = cloud.named("storage.k8s.io/v1:StorageClass", "", name) if name else None
    return found is not None and found.get("reclaimPolicy") == _RETAIN


def _name(metadata: Mapping[str, Any]) -> str:
    return f"{metadata['namespace']}/{metadata['name']}"
