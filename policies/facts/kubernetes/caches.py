"""Redis as pods of the stack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Cache, Container
from policies.facts.unknown import derived

_SERVER = "redis-server"
_UNIT_GIB = {"mb": 1 / 1024, "gb": 1.0}


def caches(found: Iterable[Workload]) -> tuple[Cache, ...]:
    """The pods that run a Redis."""
    return derived(
        lambda: tuple(
            _cache(container)
            for workload in found
            for container in workload.pod.task.containers
            if _SERVER in container.arguments
        )
    )


def _cache(container: Container) -> Cache:
    words = container.arguments
    size = _after(words, "--maxmemory")
    return Cache(
        name=container.name,
        urn=container.urn,
        memory_gib=float(size[:-2] or 0) * _UNIT_GIB.get(size[-2:].lower(), 0),
        eviction_policy=_after(words, "--maxmemory-policy") or "noeviction",
        # Left alone, a Redis writes snapshots (redis.conf, "save").
        persistent="--save" not in words or bool(_after(words, "--save")),
        tls="--tls-port" in words,
        password="--requirepass" in words,
        sharded=_after(words, "--cluster-enabled") == "yes",
        sources=(),
    )


def _after(words: Sequence[str], flag: str) -> str:
    """The word behind a flag; empty without the flag."""
    positions = [place for place, word in enumerate(words) if word == flag]
    return words[positions[-1] + 1] if positions and positions[-1] + 1 < len(words) else ""
