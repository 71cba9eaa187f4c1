"""Ports of stores and servers; the cloud has no others for them."""

from __future__ import annotations

POSTGRES_PORT = 5432
REDIS_PORT = 6379
NODE_PORTS = {"api": 30283, "worker": 30284}
"""Tier -> port of every machine of its pool that the load balancer calls."""
