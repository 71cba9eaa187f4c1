"""PostgreSQL parameters from the memory of the server (requirement V1): pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.aws import catalog

_KIB_PER_GIB = 2**20
_PAGE_KIB = 8

SHARED_BUFFERS_SHARE = 0.25
"""Of the memory (V1)."""
EFFECTIVE_CACHE_SHARE = 0.75
"""Of the memory (V1)."""
MAINTENANCE_WORK_MEM_LIMIT_KIB = _KIB_PER_GIB
"""1 GiB (V1), held down to an eighth of the memory on small servers."""
WORK_MEM_LIMIT_KIB = 64 * 1024
"""64 MiB (V1), held down to a 64th of the memory: every sort of every connection may take it."""
PARALLEL_WORKERS_PER_GATHER = 4
"""Archival search scans every passage; a scan is what parallel workers speed up (V1)."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a parameter group."""

    name: str
    value: str
    """In PostgreSQL's own unit of the parameter."""
    apply_method: Literal["immediate", "pending-reboot"]
    """RDS refuses `immediate` for parameters that PostgreSQL reads only when it starts."""


def postgres_parameters(memory_gib: float) -> tuple[Parameter, ...]:
    """Parameters of a server with `memory_gib` of memory.

    `rds.force_ssl` is on by default since PostgreSQL 15; stated, it cannot drift. RDS's own
    `max_connections` depends on a share of memory that AWS does not publish; stated, it is what the
    connection budget reckons with.
    """
    memory_kib = memory_gib * _KIB_PER_GIB
    shared_pages = SHARED_BUFFERS_SHARE * memory_kib / _PAGE_KIB
    cache_pages = EFFECTIVE_CACHE_SHARE * memory_kib / _PAGE_KIB
    return (
        _at_restart("shared_buffers", shared_pages),
        _dynamic("effective_cache_size", cache_pages),
        _dynamic("maintenance_work_mem", min(MAINTENANCE_WORK_MEM_LIMIT_KIB, memory_kib / 8)),
        _dynamic("work_mem", min(WORK_MEM_LIMIT_KIB, memory_kib / 64)),
        _dynamic("max_parallel_workers_per_gather", PARALLEL_WORKERS_PER_GATHER),
        _at_restart("max_connections", catalog.max_connections(memory_gib)),
        _at_restart("rds.force_ssl", 1),
    )


def _at_restart(name: str, value: float) -> Parameter:
    return Parameter(name=name, value=str(int(value)), apply_method="pending-reboot")


def _dynamic(name: str, value: float) -> Parameter:
    return Parameter(name=name, value=str(int(value)), apply_method="immediate")
