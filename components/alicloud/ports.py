"""Ports of stores and servers; the cloud has no others for them."""

from __future__ import annotations

POSTGRES_PORT = 5432
REDIS_PORT = 6379
