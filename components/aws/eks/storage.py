"""Storage: which EBS volume stands behind each storage class (requirement S2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.aws.eks.volumes import VOLUMES
from components.workloads.storage import StorageClass

if TYPE_CHECKING:
    from components.aws.ground import Ground

PROVISIONER = "ebs.csi.aws.com"


def ebs_classes(site: Ground) -> dict[str, StorageClass]:
    """Storage classes, all encrypted with the stack's key.

    The class for what may be lost is a volume too, which goes with its claim: the disks inside a
    machine are no volumes to Kubernetes. Where a pool has such disks, its pods find them in
    `emptyDir`.
    """
    # By its alias the key can be named before it exists; EC2 takes either.
    key = site.secrets.key_alias.apply(lambda alias: site.place.arn("kms", alias))
    return {
        name: StorageClass(
            provisioner=PROVISIONER,
            parameters={
                **volume,
                "csi.storage.k8s.io/fstype": "ext4",
                "encrypted": "true",
                "kmsKeyId": key,
            },
        )
        for name, volume in VOLUMES.items()
    }
