"""How many copies of servers this machine holds, and how services share them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
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
_GROUPS = Path("/proc/self/cgroup")
"""A line for each hierarchy: its number, its controllers (none in version 2), the group in it."""
_HIERARCHIES = Path("/sys/fs/cgroup")
_NO_LIMIT = "max"


def available_mib() -> int:
    """Memory that is free for programs: of the machine, or within the least limit of this
    process's control groups and of those around them (cgroups(7), versions 1 and 2)."""
    fields = dict(line.split(":", 1) for line in _MEMORY.read_text(encoding="ascii").splitlines())
    free = int(fields["MemAvailable"].split()[0]) // _KIB_PER_MIB
    return min([free, *_within_limits()])


def _within_limits() -> Iterator[int]:
    """What each limit leaves, in MiB."""
    for line in _GROUPS.read_text(encoding="utf-8").splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            root, limit, used = _HIERARCHIES, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            root, limit, used = (
                _HIERARCHIES / "memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            )
        else:
            continue
        own = root / group.lstrip("/")
        # In a container the group may be called as outside, where it is not to be seen.
        for folder in (own, *(each for each in own.parents if each.is_relative_to(root))):
            with suppress(FileNotFoundError):
                said = (folder / limit).read_text(encoding="ascii").strip()
                if said != _NO_LIMIT:
                    taken = int((folder / used).read_text(encoding="ascii"))
                    yield (int(said) - taken + _reclaimable(folder)) // _MIB


def _reclaimable(folder: Path) -> int:
    """Bytes of files that nobody reads: they count as used, and make room when it is wanted."""
    lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    fields = dict(line.split() for line in lines)
    # Version 1 also counts a group without those below it.
    return int(fields.get("total_inactive_file") or fields["inactive_file"])


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

    Every service that is wanted at all gets one, be it more than the total. A store that runs as
    a container is not counted: what it takes is among `STORES_MIB`.
    """
    given = {service.name: min(1, service.copies) for service in services}
    stores = {service.name for service in services if service.host}
    while True:
        wanting = [each for each in services if given[each.name] < each.copies]
        free = total - sum(count for name, count in given.items() if name not in stores)
        if not wanting or free <= 0:
            return given
        for service in wanting[:free]:
            given[service.name] += 1
