"""Kinds and times on Alibaba Cloud that no stack file chooses."""

from __future__ import annotations

DATABASE_EDITION = "HighAvailability"
"""Edition of RDS. The Basic Edition keeps no log backups, so it cannot be restored to a point in
time (provider documentation, `alicloud_db_backup_policy`)."""
DATABASE_STORAGE_TYPE = "cloud_essd"
"""Kind of the database's disk: ESSD, billed by its size alone."""
FINAL_BACKUP = "Lastest"
"""Backups that outlive a deleted database: the last ones. The spelling is the API's."""
CEILING_TAG = "letta:storage-ceiling-gib"
"""Tag of a database whose disk does not grow by itself for one run: the GiB it may then grow to."""
DISK_TYPE = "cloud_essd"
"""Kind of the disks of machines."""
DISK_LEVEL = "PL0"
"""Performance level of the disks of machines."""
CLUSTER_EDITION = "ack.pro.small"
"""Edition of ACK: only Pro encrypts Secrets with a key of one's own."""
ALB_EDITION = "Standard"
"""Edition of ALB: the least that routes by path within rules of one's own."""
MOST_ALB_SECONDS = 600
"""Longest silence, and longest request without an answer, that ALB bears (provider documentation,
`alicloud_alb_listener`, `request_timeout`)."""
MOST_QUEUE_DAYS = 7
"""Longest that a queue keeps a message, days (provider documentation,
`alicloud_message_service_queue`)."""
LEAST_BACKUP_DAYS = 7
"""Fewest days that RDS keeps backups (provider documentation, `alicloud_db_backup_policy`)."""
STORAGE_STEP_GIB = 5
"""Sizes of a database's disk are multiples of this (provider documentation,
`alicloud_db_instance`, `instance_storage`)."""
MOST_STORAGE_GIB = 32_000
"""Largest disk of a database on ESSD PL1 (RDS documentation, "Storage types")."""
STORE_ZONES = 2
"""Zones that database and load balancer must span, even when machines keep to one."""
METADATA = "100.100.100.200/32"
"""Where a machine's metadata and rights are (ECS user guide, "View instance metadata")."""
LOOK_BACK_HOURS = 24
"""Longest period that an alert of Log Service looks back on (recollection of the SLS user guide,
"Create an alert rule")."""
