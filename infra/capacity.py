"""Capacity arithmetic: how much a workload needs, how much a size holds. Pure functions."""

from __future__ import annotations

from math import ceil, floor

from infra.tiers import Workload

GIB = 2**30
HORIZON_MONTHS = 12
"""Months of messages that the storage of a new database must hold."""
HEADROOM = 2
"""Storage for each byte of data, the factor that the source of requirement S1 applies; the
reserve of D6 (100 GB for 7) is far above it and stands in the tiers' least storage."""

# The items of requirement D6, for 1000 agents with 10 000 messages each.
_BYTES_PER_AGENT = 10_000
_BYTES_PER_MESSAGE = 500
_FIXED_BYTES = 150_000_000
_INDEX_SHARE = 0.2
_BYTES_PER_MEMORY = 4 * 4096
"""`vector(4096)` of four-byte numbers, whatever the embedding model's own dimension."""

USABLE_MEMORY_SHARE = 0.92
"""Share of a machine's memory that containers can have. The kernel and the host's agent keep
the rest: an m4.large of 8192 MiB registers 7985 (ECS developer guide, "Container Instance
Memory Management"), newer types somewhat less; 92 % is on the safe side."""

SUPERUSER_CONNECTIONS = 3
"""`superuser_reserved_connections`, PostgreSQL's default: no other role gets these."""
ADMINISTRATOR_CONNECTIONS = 2
"""What RDS keeps for its administrator's role in the same way
(`rds.rds_superuser_reserved_connections`, its default)."""
RESERVED_CONNECTIONS = SUPERUSER_CONNECTIONS + ADMINISTRATOR_CONNECTIONS
"""What a server keeps where its cloud says nothing else."""
TOOL_CONNECTIONS = 10
"""For whatever connects beside servers and bootstraps: people, dumps, exporters. A choice; it holds
a preview to less than a tenth of the smallest database of a tier."""
BOOTSTRAP_CONNECTIONS = 3
"""Connections of one bootstrap: the one that holds its lock, the one at work, and the one before
it, which may not have ended yet."""


def database_gib(workload: Workload, months: int = HORIZON_MONTHS) -> float:
    """Data in the database after `months`, GiB (requirement D6)."""
    messages = workload.agents * workload.messages_per_agent * months
    relational = (
        _FIXED_BYTES
        + workload.agents * _BYTES_PER_AGENT
        + messages * _BYTES_PER_MESSAGE * (1 + _INDEX_SHARE)
    )
    memories = workload.agents * workload.memories_per_agent * _BYTES_PER_MEMORY
    return (relational + memories) / GIB


def database_storage_gib(workload: Workload) -> int:
    """Storage that a new database for `workload` must have, GiB."""
    return ceil(database_gib(workload) * HEADROOM)


def rolling_copies(max_copies: int, maximum_percent: int) -> int:
    """Most copies that run at once, when a deploy meets the autoscaler's ceiling."""
    return -(-max_copies * max(maximum_percent, 100) // 100)


def usable_memory_mib(memory_gib: float) -> float:
    """What containers can have of a machine's memory, MiB."""
    return memory_gib * 1024 * USABLE_MEMORY_SHARE


def copies_per_machine(
    *,
    usable_vcpus: float,
    usable_mib: float,
    copy_vcpus: float,
    copy_memory_mib: float,
    addresses: int | None,
) -> int:
    """Copies that one machine holds. Raises `ValueError` when they need nothing that it has.

    `usable_vcpus`, `usable_mib`: what its host leaves to containers.
    `addresses`: addresses it can give away, where each copy needs one.
    """
    fits = []
    if copy_memory_mib:
        fits.append(floor(usable_mib / copy_memory_mib))
    if copy_vcpus:
        fits.append(floor(usable_vcpus / copy_vcpus))
    if addresses is not None:
        fits.append(addresses)
    return min(fits)


def connections(*, copies: int, processes: int, pool_size: int, max_overflow: int) -> int:
    """Most connections that the copies of a tier open at once."""
    return copies * processes * (pool_size + max_overflow)


def connection_limit(max_connections: int, reserved: int = RESERVED_CONNECTIONS) -> int:
    """Connections that servers and bootstraps may take together. `reserved`: what the server keeps
    for its cloud and its administrators."""
    return max(0, max_connections - reserved - TOOL_CONNECTIONS)
