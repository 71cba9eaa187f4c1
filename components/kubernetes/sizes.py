"""Sizes of pods that no stack file gives. Nothing here imports an SDK."""

from __future__ import annotations

EMBEDDING_VCPUS = 8
EMBEDDING_MIB = 16 * 1024
"""What a pod that serves embeddings asks for (requirement C5, on CPU)."""
CONNECTIONS_PER_GIB = 112
MOST_CONNECTIONS = 5000
"""Connections for each GiB of the database's memory, and at most: what RDS accepts (bytes /
9531392, up to 5000), so that a tier bears the same load on either."""


def max_connections(memory_gib: float) -> int:
    """Connections that a database server of that memory accepts."""
    return min(int(memory_gib * CONNECTIONS_PER_GIB), MOST_CONNECTIONS)


def instances(*, high_availability: bool, read_replicas: int) -> int:
    """Servers of a database: the primary, its standby, its read replicas."""
    return 1 + int(high_availability) + read_replicas
