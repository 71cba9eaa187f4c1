"""Storage: classes behind neutral names, and claims by the kind of data (requirement S2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta, storage

from components.workloads.cluster import NAMESPACE
from components.workloads.data import DATA_LABEL, KINDS, Data
from components.workloads.labels import Component, labels


@dataclass(frozen=True, kw_only=True)
class StorageClass:
    """How a cloud provides a class."""

    provisioner: str
    """Name of the CSI driver."""
    parameters: Mapping[str, pulumi.Input[str]]
    """The driver's own settings; encryption among them."""


def storage_classes(
    parent: pulumi.Resource,
    name: str,
    classes: Mapping[str, StorageClass],
    *,
    opts: pulumi.ResourceOptions | None = None,
) -> list[storage.v1.StorageClass]:
    """Make the classes, by neutral name. A volume appears in the zone of the pod that first
    uses it, can grow, and goes with its claim."""
    return [
        storage.v1.StorageClass(
            f"{name}-{class_name}",
            metadata=meta.v1.ObjectMetaArgs(name=class_name, labels=labels(name, "base")),
            provisioner=each.provisioner,
            parameters=each.parameters,
            reclaim_policy="Delete",
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            opts=pulumi.ResourceOptions.merge(
                # Parameters of a class cannot change, and its name must stay.
                pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
                opts,
            ),
        )
        for class_name, each in classes.items()
    ]


def claim(
    parent: pulumi.Resource,
    name: str,
    data: Data,
    size_gib: int,
    *,
    component: Component,
    opts: pulumi.ResourceOptions | None = None,
) -> core.v1.PersistentVolumeClaim:
    """A volume for one pod at a time. A larger size makes it grow in place.

    Raises `ValueError` if the size is outside what the kind of data may have.
    """
    kind = KINDS[data]
    if not kind.least_gib <= size_gib <= kind.most_gib:
        raise ValueError(
            f"{name}: {size_gib} GiB for {data}; "
            f"{kind.least_gib} to {kind.most_gib} GiB are possible"
        )
    return core.v1.PersistentVolumeClaim(
        name,
        metadata=meta.v1.ObjectMetaArgs(
            name=name,
            namespace=NAMESPACE,
            labels={**labels(name, component), DATA_LABEL: data},
        ),
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            storage_class_name=kind.storage_class,
            access_modes=["ReadWriteOnce"],
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": f"{size_gib}Gi"}),
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
