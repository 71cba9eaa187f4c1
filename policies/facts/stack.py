"""What facts say of a stack as a whole, whichever cloud it is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from infra.tiers import Workload
from policies.facts import record, texts
from policies.facts.billing import Billing
from policies.facts.graph import Graph
from policies.facts.model import Spending

OLDEST_KUBERNETES: Final = "1.32"
"""Version that objects are held to on a cluster that does not say its own."""

_DEPLOYMENT = "letta:index:Deployment"
_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is known of a stack beside its resources."""

    tier: str
    workload: Workload
    spending: Spending
    secrets: tuple[str, ...] = ()
    """Values of its configuration that must appear nowhere."""


def whole(
    graph: Graph, asked: Asked, billed: Billing, *, encrypted: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The fields of `Deployment` that are read alike on every cloud, by name.

    `encrypted`: properties that the SDK keeps encrypted though they hold no secret.
    """
    root = next(iter(graph.of(_DEPLOYMENT, _STACK)), None)
    return {
        "name": root.name if root else "stack",
        "urn": root.urn if root else "",
        "tier": asked.tier,
        "workload": asked.workload,
        "inventory": billed.inventory,
        "unpriced": billed.unpriced,
        "billable": billed.billable,
        "spending": asked.spending,
        "cost_records": record.records(graph),
        "cost_compared": record.compared(graph),
        "confidential": (*asked.secrets, *texts.confidential(graph, but=encrypted)),
    }
