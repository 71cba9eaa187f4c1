"""Storage: which persistent disk stands behind each storage class (requirement S2)."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.gcp.fixed import VOLUMES
from components.workloads.storage import StorageClass

PROVISIONER = "pd.csi.storage.gke.io"


def disk_classes(key: pulumi.Output[str]) -> Mapping[str, StorageClass]:
    """Storage classes, all encrypted with the stack's key.

    The class for what may be lost is a disk too, which goes with its claim: the disks inside a
    machine are no volumes to Kubernetes.
    """
    return {
        name: StorageClass(
            provisioner=PROVISIONER,
            parameters={
                **parameters,
                "csi.storage.k8s.io/fstype": "ext4",
                "disk-encryption-kms-key": key,
            },
        )
        for name, parameters in VOLUMES.items()
    }
