"""What members of policies may do."""

from __future__ import annotations

from policies.facts.gcp import types
from policies.facts.graph import Graph
from policies.facts.model import Grant
from policies.facts.resource import Resource
from policies.facts.unknown import derived

ANYONE = ("allUsers", "allAuthenticatedUsers")
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
"""Roles that hold thousands of permissions (IAM documentation, "Basic roles")."""


OF_PROJECTS = ("roles/container.clusterViewer", "roles/container.defaultNodeServiceAccount")
"""Roles that are only given for a whole project: to see its clusters, and what Google's own agents
on a node need (GKE documentation, "Use a least privilege service account")."""


def grants(graph: Graph) -> tuple[Grant, ...]:
    """Everything that the stack's policies allow. A role stands for its actions: Google writes
    the roles, each for one kind of use."""
    return (
        *(_grant(one, whole=False) for one in graph.of(*types.MEMBERS)),
        *(_grant(one, whole=True) for one in graph.of(types.PROJECT_MEMBER)),
    )


def _grant(resource: Resource, *, whole: bool) -> Grant:
    role = resource.root.text("role")
    return Grant(
        name=resource.name,
        urn=resource.urn,
        actions=derived(lambda named: (f"{named}*" if named in BASIC else named,), role),
        everything_but=False,
        resources=("*",) if whole else (),
        unscopable=derived(lambda named: (named,) if whole and named in OF_PROJECTS else (), role),
        anyone=derived(lambda member: member in ANYONE, resource.root.text("member")),
        foreign="",
    )
