"""Which EBS volume stands behind each storage class (requirement S2)."""

from __future__ import annotations

from collections.abc import Mapping

from components.workloads.data import EXTREME_IOPS, FAST_SSD, LOCAL, STANDARD

EXTREME_IOPS_PER_GIB = 50
"""IOPS of the class `extreme-iops` for each GiB: 5000 at 100 GiB, 50 000 at a terabyte, well
within the 1000 for each GiB and 256 000 for each volume of io2 (EBS user guide, "Provisioned
IOPS SSD volumes")."""

VOLUMES: Mapping[str, Mapping[str, str]] = {
    FAST_SSD: {"type": "gp3"},
    EXTREME_IOPS: {"type": "io2", "iopsPerGB": str(EXTREME_IOPS_PER_GIB)},
    STANDARD: {"type": "gp2"},
    LOCAL: {"type": "gp3"},
}
"""Storage class -> parameters of the EBS driver."""
