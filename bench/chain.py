"""The longest chain of waits in a stack: what no engine can be quicker than.

A resource waits for its dependencies and its provider, never for its parent: a component is done
when it is registered. The time that each takes is its creation in the sandbox's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from sandbox.packages import NAMES, package

PROVIDER = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Resources that are created one after the other."""

    seconds: float
    """The sum of their latencies, unscaled."""
    urns: tuple[str, ...]
    """In the order of creation."""


def graph(resources: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """URN -> the URNs that it waits for, of the resources of an exported state."""
    return {
        one["urn"]: {
            *one.get("dependencies", ()),
            *(
                urn
                for each in (one.get("propertyDependencies") or {}).values()
                for urn in each or ()
            ),
            *([provider_of(one)] if one.get("provider") else ()),
        }
        for one in resources
    }


def provider_of(resource: Mapping[str, Any]) -> str:
    """URN of a resource's provider, behind which the state writes the id; empty without one."""
    return str(resource.get("provider", "")).rpartition("::")[0]


def longest(waits: Mapping[str, set[str]], seconds: Callable[[str], float]) -> Chain:
    """The chain that takes longest; `seconds` gives each resource's own time."""
    best: dict[str, Chain] = {}
    none = Chain(seconds=0.0, urns=())
    for urn in TopologicalSorter(waits).static_order():
        before = max(
            (best[each] for each in sorted(waits.get(urn, ()))),
            key=lambda chain: chain.seconds,
            default=none,
        )
        best[urn] = Chain(seconds=before.seconds + seconds(urn), urns=(*before.urns, urn))
    return max(best.values(), key=lambda chain: chain.seconds, default=none)


def of_state(resources: Sequence[Mapping[str, Any]]) -> Chain:
    """The longest chain of an exported state, with the latencies of the sandbox."""
    types = {one["urn"]: one["type"] for one in resources if one.get("custom")}
    return longest(graph(resources), lambda urn: latency_seconds(types.get(urn, "")))


def latency_seconds(token: str) -> float:
    """How long the sandbox takes to create a resource of a type; 0 for what it does not create."""
    name = token.partition(":")[0]
    if token.startswith(PROVIDER) or name not in NAMES:
        return 0.0
    return package(name).resource(token).table.latency_seconds.create
