"""Redis as a container: the same on every cloud (requirement M2)."""

from __future__ import annotations

from components.args import CacheArgs
from components.roles import SidecarArgs

PORT = 6379
IMAGE = "redis:7.4.6-alpine"
MEMORY_FACTOR = 1.5
"""Memory limit of the container over `maxmemory`: fragmentation and client buffers come on
top of the data; nothing is forked, since nothing is saved."""
POD_VCPUS = 0.5
"""CPU set aside for it where it is a pod of its own: one thread answers everything, and the
server's load on it is light."""
BASE_MIB = 32
"""Memory of an empty Redis process and its allocator, MiB, rounded up."""


def redis_container(args: CacheArgs) -> SidecarArgs:
    """The container, without any file of its own."""
    data_mib = int(args.memory_gib * 1024)
    return SidecarArgs(
        name="redis",
        image=IMAGE,
        command=(
            "redis-server",
            *("--maxmemory", f"{data_mib}mb"),
            *("--maxmemory-policy", args.eviction_policy),
            *("--save", ""),
            *("--appendonly", "no"),
            # Without a password Redis would answer its own container alone.
            *("--protected-mode", "no"),
        ),
        port=PORT,
        memory_mib=int(data_mib * MEMORY_FACTOR) + BASE_MIB,
    )
