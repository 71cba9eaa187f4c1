"""Locks: what cannot be deleted before they are."""

from __future__ import annotations

from policies.facts.azure import types
from policies.facts.graph import Graph
from policies.facts.resource import Resource

HOLDING = ("CanNotDelete", "ReadOnly")


def locked(graph: Graph, resource: Resource) -> bool:
    """Whether one of the stack's locks is on the resource."""
    return any(
        lock.root.text("level") in HOLDING
        for lock in graph.referring(resource, "scope", types.LOCK)
    )
