"""Ports of stores and servers; the cloud has no others for them."""

from __future__ import annotations

POSTGRES_PORT = 5432
REDIS_PORT = 6379
HTTPS_PORT = 443
HTTP_PORT = 80
