"""How many copies of servers this machine holds, and how services share them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.live.spec import LiveError, Service

COPY_MIB = 512
"""What a server takes: 455 MiB measured after its start, and something for its requests."""
STORES_MIB = 512
"""PostgreSQL with a replica, Redis, nginx and what supervises them: 300 MiB measured."""
COPIES_PER_CORE = 2
"""A start keeps a core busy for 20 s: so many on each core are up within 40 s."""
_KIB_PER_MIB = 1024
_MIB = 1024 * 1024
_MEMORY = Path("/proc/meminfo")
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_USED = Path("/sys/fs/cgroup/memory.current")


def available_mib() -> int:
    """Memory that is free for programs: of the machine, or within this control group's limit."""
    fields = dict(line.split(":", 1) for line in _MEMORY.read_text(encoding="ascii").splitlines())
    free = int(fields["MemAvailable"].split()[0]) // _KIB_PER_MIB
    if _LIMIT.exists() and (limit := _LIMIT.read_text(encoding="ascii").strip()) != "max":
        free = min(free, (int(limit) - int(_USED.read_text(encoding="ascii"))) // _MIB)
    return free


def held(*, memory_mib: int, cores: int) -> int:
    """Copies that so much memory and so many cores hold, with room to replace one of them.

    Raises LiveError where not even one finds room.
    """
    by_memory = (memory_mib - STORES_MIB) // COPY_MIB - 1
    if by_memory < 1:
        least = STORES_MIB + 2 * COPY_MIB
        raise LiveError(
            f"{memory_mib} MiB of memory are free, and the live sandbox needs {least}: end what "
            "uses it, or give the machine more"
        )
    return min(by_memory, COPIES_PER_CORE * cores)


def here() -> int:
    """Copies that this machine holds now. Raises LiveError."""
    return held(memory_mib=available_mib(), cores=len(os.sched_getaffinity(0)))


def shares(services: Sequence[Service], total: int) -> Mapping[str, int]:
    """How many copies each service gets of so many in all: one, then one more in turn.

    Every service that is wanted at all gets one, be it more than the total.
    """
    given = {service.name: min(1, service.copies) for service in services}
    while True:
        wanting = [each for each in services if given[each.name] < each.copies]
        free = total - sum(given.values())
        if not wanting or free <= 0:
            return given
        for service in wanting[:free]:
            given[service.name] += 1
