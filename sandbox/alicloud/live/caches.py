"""Reads the instances of Tair (Redis OSS-compatible)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.alicloud import catalog
from sandbox.cloud import CloudObject
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects

INSTANCE = "alicloud:kvstore/instance:Instance"

PORT = 6379
"""Of an instance that names none (Tair API reference, CreateInstance, `Port`)."""
WITHOUT_PASSWORD = "Close"  # noqa: S105 - a mode
"""Of `vpcAuthMode`: callers inside the network are not asked for one."""


def nodes(objects: Objects) -> tuple[Node, ...]:
    """The nodes of the stack's instances, each primary before its standby. Raises LiveError."""
    return tuple(node for item in objects.all(INSTANCE) for node in _nodes(item))


def _nodes(item: CloudObject) -> Iterator[Node]:
    if item.get("vpcAuthMode") != WITHOUT_PASSWORD or item.get("sslEnable") == "Enable":
        raise LiveError(f"{item.label}: only Redis without password and TLS runs here")
    if (shards := item.get("shardCount") or 1) != 1:
        raise LiveError(f"{item.label}: shardCount is {shards}; only 1 runs here")
    given: Mapping[str, object] = item.get("config") or {}
    primary = str(item.get("connectionDomain"))
    # A class is a primary with its standby, which has no name of its own.
    for host, source in ((primary, ""), (f"{item.id}-standby", primary)):
        yield Node(
            identifier=f"{item.id}-standby" if source else item.id,
            version=str(item.get("engineVersion")),
            host=host,
            port=int(item.get("port") or PORT),
            source=source,
            parameters={name: str(value) for name, value in given.items()},
            memory_gib=catalog.cache_size(str(item.get("instanceClass"))),
        )
