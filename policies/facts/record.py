"""What the deployed stack has on record of its cost, as its program read it."""

from __future__ import annotations

from decimal import Decimal

from policies.facts.graph import Graph
from policies.facts.model import CostRecord
from policies.facts.resource import Node
from policies.facts.unknown import derived

TYPE = "letta:index:CostRecord"
PROPERTY = "deployed"
"""Output that holds the record; nothing where nothing is deployed."""

_UPDATING = "updating"
"""Output that says that the program did not look: previews do."""


def compared(graph: Graph) -> bool:
    """Whether the program looked for a record."""
    return not any(resource.root.flag(_UPDATING) for resource in graph.of(TYPE))


def records(graph: Graph) -> tuple[CostRecord, ...]:
    """The records, of which a stack that deploys this package's program has at most one."""
    return tuple(
        CostRecord(
            name=resource.name,
            urn=resource.urn,
            book=found.text("book"),
            floor_usd=_usd(found, "floor"),
            expected_usd=_usd(found, "expected"),
            ceiling_usd=_usd(found, "ceiling"),
            components=derived(
                lambda amounts: {name: Decimal(amount) for name, amount in amounts.items()},
                found.mapping("components"),
            ),
        )
        for resource in graph.of(TYPE)
        if resource.root.given(PROPERTY)
        for found in [resource.root.node(PROPERTY)]
    )


def _usd(found: Node, name: str) -> Decimal:
    return derived(lambda amount: Decimal(str(amount)), found.number(name))
