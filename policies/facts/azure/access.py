"""What roles are given, and where."""

from __future__ import annotations

import re

from policies.facts.azure import types
from policies.facts.graph import Graph
from policies.facts.model import Grant
from policies.facts.resource import Resource
from policies.facts.unknown import derived

WIDE = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)
"""Owner, Contributor, User Access Administrator, Reader, Role Based Access Control Administrator:
roles of every kind of resource (Azure RBAC documentation, "Azure built-in roles", "Privileged",
"General")."""
_WHOLE = re.compile(r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?/?", re.IGNORECASE)
"""A scope that is no single resource."""


def grants(graph: Graph) -> tuple[Grant, ...]:
    """Everything that the stack's role assignments allow. A built-in role stands for its actions:
    Azure writes them, most for one kind of use."""
    return (
        *(_assigned(one) for one in graph.of(types.ROLE_ASSIGNMENT)),
        *(_written(one) for one in graph.of(types.ROLE_DEFINITION)),
    )


def _assigned(resource: Resource) -> Grant:
    return Grant(
        name=resource.name,
        urn=resource.urn,
        actions=derived(
            lambda named: (f"{_tail(named)}*" if _tail(named) in WIDE else _tail(named),),
            resource.root.text("roleDefinitionId"),
        ),
        everything_but=False,
        resources=derived(
            # A condition names the resources that it is about.
            lambda scope, condition: (
                ("*",) if _WHOLE.fullmatch(scope) and "@Resource[" not in condition else (scope,)
            ),
            resource.root.text("scope"),
            resource.root.text("condition"),
        ),
        unscopable=(),
        anyone=False,
        foreign="",
    )


def _written(resource: Resource) -> Grant:
    permissions = resource.root.nodes("permissions")
    return Grant(
        name=resource.name,
        urn=resource.urn,
        actions=derived(
            lambda found: tuple(
                action
                for one in found
                for action in (*one.texts("actions"), *one.texts("dataActions"))
            ),
            permissions,
        ),
        everything_but=derived(
            lambda found: any(one.texts("notActions") for one in found), permissions
        ),
        # Where it holds is said by its assignments.
        resources=(),
        unscopable=(),
        anyone=False,
        foreign="",
    )


def _tail(role: str) -> str:
    return role.rpartition("/")[2]
