"""What policy documents allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policies.facts.alicloud import types
from policies.facts.graph import Graph
from policies.facts.model import Grant
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_DOCUMENTS = (
    (types.POLICY, "policyDocument", False),
    (types.ROLE, "assumeRolePolicyDocument", True),
    (types.BUCKET_POLICY, "policy", True),
)
"""Type, where its document stands, and whether that is part of what it is about."""
_SYSTEM = "System"


def grants(graph: Graph) -> tuple[Grant, ...]:
    """Everything that the stack's policies allow."""
    return tuple(_all(graph))


def _all(graph: Graph) -> Iterator[Grant]:
    for kind, name, about_itself in _DOCUMENTS:
        for resource in graph.of(kind):
            yield from _document(resource, name, about_itself=about_itself)
    for kind in types.POLICY_ATTACHMENTS:
        for attachment in graph.of(kind):
            yield _attached(attachment)


def _document(resource: Resource, name: str, *, about_itself: bool) -> Iterator[Grant]:
    root = resource.root
    statements: Any = derived(lambda text: _statements(root, name, text), root.text(name))
    if not isinstance(statements, tuple):
        yield statements
        return
    for statement in statements:
        if statement.text("Effect") == "Allow":
            yield Grant(
                name=resource.name,
                urn=resource.urn,
                actions=statement.texts("Action"),
                everything_but=statement.given("NotAction") or statement.given("NotResource"),
                resources=() if about_itself else statement.texts("Resource"),
                unscopable=(),
                anyone=_anyone(statement),
                foreign="",
            )


def _statements(node: Node, name: str, text: str) -> tuple[Node, ...]:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("Statement"), list):
        return node.unreadable(name, "policy document")  # type: ignore[no-any-return]
    return tuple(
        Node(node.resource, statement, f"{name}.Statement[{index}]")
        for index, statement in enumerate(parsed["Statement"])
    )


def _anyone(statement: Node) -> bool:
    """A bucket's policy lists principals; a role's says of which kind each is."""
    if statement.given("Condition"):
        return False
    kinds = ("RAM", "Service", "Federated")
    if any(statement.given(f"Principal.{kind}") for kind in kinds):
        return "*" in statement.texts("Principal.RAM")
    return "*" in statement.texts("Principal")


def _attached(attachment: Resource) -> Grant:
    """Of a policy of the stack's own, nothing is said here but that it is that."""
    root = attachment.root
    return Grant(
        name=attachment.name,
        urn=attachment.urn,
        actions=(),
        everything_but=False,
        resources=(),
        unscopable=(),
        anyone=False,
        foreign=derived(
            lambda kind: root.text("policyName") if kind == _SYSTEM else "",
            root.text("policyType"),
        ),
    )
