"""Which cloud disk stands behind each storage class (requirement S2)."""

from __future__ import annotations

from collections.abc import Mapping

from components.workloads.data import EXTREME_IOPS, FAST_SSD, LOCAL, STANDARD

PROVISIONER = "diskplugin.csi.alibabacloud.com"
VOLUMES: Mapping[str, Mapping[str, str]] = {
    FAST_SSD: {"type": "cloud_essd", "performanceLevel": "PL1"},
    EXTREME_IOPS: {"type": "cloud_essd", "performanceLevel": "PL2"},
    STANDARD: {"type": "cloud_essd", "performanceLevel": "PL0"},
    LOCAL: {"type": "cloud_essd", "performanceLevel": "PL0"},
}
"""Storage class -> parameters of the disk driver (ACK user guide, "Disk volume parameters"). The
class for what may be lost is a disk too, which goes with its claim."""
