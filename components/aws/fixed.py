"""Sizes, kinds and times on AWS that no stack file chooses."""

from __future__ import annotations

DISK_TYPE = "gp3"
"""Kind of the disks that machines start from."""
DATABASE_STORAGE_TYPE = "gp3"
"""Kind of the database's storage."""
ACCESS_LOG_EXPIRATION_DAYS = 365
"""Age at which access logs are deleted."""
FREE_STORAGE_GIB = 20
"""Storage that every task on Fargate has and that is not billed, GiB (Fargate pricing page)."""
INSIGHTS_RETENTION_DAYS = 7
"""The retention of Performance Insights that is free."""
FUNCTION_MEMORY_MIB = 256
"""Memory of the function that starts the bootstrap and waits for it, MiB."""
