"""Reads the instances of Memorystore for Redis."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import CloudObject
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects

INSTANCE = "gcp:redis/instance:Instance"

PORT = 6379
"""Memorystore for Redis API, Instance, `port`."""
_VERSION = "REDIS_"


def nodes(objects: Objects) -> tuple[Node, ...]:
    """The nodes of the stack's instances, each primary before its replicas. Raises LiveError."""
    return tuple(node for item in objects.all(INSTANCE) for node in _nodes(item))


def _nodes(item: CloudObject) -> Iterator[Node]:
    if item.get("authEnabled") or item.get("transitEncryptionMode") == "SERVER_AUTHENTICATION":
        raise LiveError(f"{item.label}: only Redis without password and TLS runs here")
    name, host = str(item.get("name")), str(item.get("host"))
    # Memorystore for Redis API, Instance, `replicaCount`: 1 of the tier with a standby.
    replicas = int(item.get("replicaCount") or 1) if item.get("tier") == "STANDARD_HA" else 0
    for number in range(replicas + 1):
        yield Node(
            identifier=f"{name}-{number}",
            version=str(item.get("redisVersion")).removeprefix(_VERSION).replace("_", "."),
            # A replica is called by its own name here, which nobody knows: its standby has none.
            host=f"{name}-{number}" if number else host,
            port=int(item.get("port") or PORT),
            source=host if number else "",
            parameters={key: str(value) for key, value in (item.get("redisConfigs") or {}).items()},
            memory_gib=float(item.get("memorySizeGb")),
        )
