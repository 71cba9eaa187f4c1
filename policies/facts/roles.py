"""Which role of the assembly a resource is part of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from policies.facts.graph import Graph
from policies.facts.resource import Resource

ROLES: Mapping[str, Literal["api", "worker"]] = {"-api": "api", "-work": "worker"}
"""End of a component's name -> the role it plays (`infra/stack.py` names them)."""


def of(graph: Graph, resource: Resource) -> Literal["api", "worker", ""]:
    """The role of the nearest component that has one; empty where none has."""
    for ancestor in graph.ancestors(resource):
        for end, role in ROLES.items():
            if ancestor.name.endswith(end):
                return role
    return ""
