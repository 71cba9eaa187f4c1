"""Redis as a container beside a server, read by its command line."""

from __future__ import annotations

from collections.abc import Iterable

from policies.facts.commands import option, repository
from policies.facts.model import Cache, Container, InboundRule
from policies.facts.unknown import Unknown

_MIB_PER_GIB = 1024
_REPOSITORIES = ("redis", "valkey")
_MEMORY_UNITS = {"gb": 1.0, "mb": 1 / _MIB_PER_GIB, "kb": 1 / _MIB_PER_GIB**2}


def containers(all_of_them: Iterable[Container]) -> tuple[Container, ...]:
    """Those of some containers that run Redis."""
    return tuple(one for one in all_of_them if repository(one.image) in _REPOSITORIES)


def contained(container: Container, sources: tuple[InboundRule, ...]) -> Cache:
    """What its command line makes of it; without options it saves to disk (redis.conf).

    `sources`: who may connect.
    """
    words = container.arguments
    return Cache(
        name=container.name,
        urn=container.urn,
        memory_gib=_memory_gib(container, option(words, "--maxmemory")),
        eviction_policy=option(words, "--maxmemory-policy") or "",
        persistent=option(words, "--save") != "" or option(words, "--appendonly") == "yes",
        tls=option(words, "--tls-port") is not None,
        password=option(words, "--requirepass") is not None,
        sharded=option(words, "--cluster-enabled") == "yes",
        sources=sources,
    )


def _memory_gib(container: Container, text: str | None) -> float:
    amount, unit = (text or "")[:-2], (text or "")[-2:].lower()
    if amount.isdecimal() and unit in _MEMORY_UNITS:
        return int(amount) * _MEMORY_UNITS[unit]
    return Unknown(  # type: ignore[return-value]
        container.name,
        container.urn,
        f"--maxmemory of container {container.container} in `{container.name}` is "
        f"{text or 'not given'}; give it as a number of mb",
    )
