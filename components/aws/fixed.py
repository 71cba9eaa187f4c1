"""Sizes and times on AWS that no stack file chooses."""

from __future__ import annotations

ACCESS_LOG_EXPIRATION_DAYS = 365
"""Age at which access logs are deleted."""
INSIGHTS_RETENTION_DAYS = 7
"""The retention of Performance Insights that is free."""
FUNCTION_MEMORY_MIB = 256
"""Memory of the function that starts the bootstrap and waits for it, MiB."""
