"""PostgreSQL parameters from the memory of the server (requirement V1): pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

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
    """One parameter of a server."""

    name: str
    value: str
    """In PostgreSQL's own unit of the parameter."""
    at_restart: bool = False
    """Whether PostgreSQL reads it only when it starts."""


def parameters(
    memory_gib: float, *, effective_cache_share: float = EFFECTIVE_CACHE_SHARE
) -> tuple[Parameter, ...]:
    """Parameters of a server with `memory_gib` of memory.

    `effective_cache_share`: for clouds that set a lower bound than V1 asks for.
    """
    memory_kib = memory_gib * _KIB_PER_GIB
    shared_pages = SHARED_BUFFERS_SHARE * memory_kib / _PAGE_KIB
    cache_pages = effective_cache_share * memory_kib / _PAGE_KIB
    return (
        Parameter(name="shared_buffers", value=_whole(shared_pages), at_restart=True),
        Parameter(name="effective_cache_size", value=_whole(cache_pages)),
        Parameter(
            name="maintenance_work_mem",
            value=_whole(min(MAINTENANCE_WORK_MEM_LIMIT_KIB, memory_kib / 8)),
        ),
        Parameter(name="work_mem", value=_whole(min(WORK_MEM_LIMIT_KIB, memory_kib / 64))),
        Parameter(
            name="max_parallel_workers_per_gather", value=_whole(PARALLEL_WORKERS_PER_GATHER)
        ),
    )


def _whole(value: float) -> str:
    return str(int(value))
