"""Storage: which EBS volume stands behind each storage class (requirement S2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.workloads.data import EXTREME_IOPS, FAST_SSD, LOCAL, STANDARD
from components.workloads.storage import StorageClass

if TYPE_CHECKING:
    from components.aws.site import Site

PROVISIONER = "ebs.csi.aws.com"
EXTREME_IOPS_PER_GIB = 50
"""IOPS of the class `extreme-iops` for each GiB: 5000 at 100 GiB, 50 000 at a terabyte, well
within the 1000 for each GiB and 256 000 for each volume of io2 (EBS user guide, "Provisioned
IOPS SSD volumes")."""

_VOLUMES = {
    FAST_SSD: {"type": "gp3"},
    EXTREME_IOPS: {"type": "io2", "iopsPerGB": str(EXTREME_IOPS_PER_GIB)},
    STANDARD: {"type": "gp2"},
    LOCAL: {"type": "gp3"},
}


def ebs_classes(site: Site) -> dict[str, StorageClass]:
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
        for name, volume in _VOLUMES.items()
    }
