"""Kinds and times on Google Cloud that no stack file chooses."""

from __future__ import annotations

from collections.abc import Mapping

from components.workloads.data import EXTREME_IOPS, FAST_SSD, LOCAL, STANDARD

DATABASE_EDITION = "ENTERPRISE"
"""Edition of Cloud SQL. From PostgreSQL 16 the default is Enterprise Plus, which has none of the
custom tiers."""
DATABASE_STORAGE_TYPE = "PD_SSD"
"""Kind of the database's disk."""
MOST_LOG_DAYS = 7
"""Most days that Enterprise recovers to any second; older backups are daily ones."""
FINAL_BACKUP_DAYS = 30
"""How long the backup is kept that is taken when a database is deleted."""
DUMP_CONTAINERS = 2
"""Containers of a run that dumps the database; each has a core, the least beside another."""
LOOK_BACK_HOURS = 25
"""Longest period that a condition of an alarm adds up (Cloud Monitoring API, `alignmentPeriod`)."""
PODS_PER_NODE = 110
"""Most pods of a machine of a cluster, for which it has a /24 of addresses (GKE documentation,
"Configure maximum Pods per node")."""
NODE_DISK_TYPE = "pd-balanced"
"""Kind of the disk of a cluster's machines."""
EXTREME_DISK_IOPS = 20_000
"""IOPS of a disk of the class `extreme-iops`, the more than a plain SSD of a few hundred GiB gives
(Compute Engine documentation, "About Persistent Disk performance")."""
VOLUMES: Mapping[str, Mapping[str, str]] = {
    FAST_SSD: {"type": "pd-ssd"},
    EXTREME_IOPS: {
        "type": "pd-extreme",
        "provisioned-iops-on-create": str(EXTREME_DISK_IOPS),
    },
    STANDARD: {"type": "pd-standard"},
    LOCAL: {"type": "pd-balanced"},
}
"""Storage class -> parameters of the driver of persistent disks."""
