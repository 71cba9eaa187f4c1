"""Kinds and times on Google Cloud that no stack file chooses."""

from __future__ import annotations

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
