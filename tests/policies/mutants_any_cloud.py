"""What is wrong on any cloud alike: prices, the budget, a resource that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from policies.facts.model import CostRecord, Deployment
from tests.policies.changes import Added
from tests.policies.mutants import mutant

_LONG_AGO = date(2025, 1, 1)
_ONE_USD = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Dear:
    """A deployment whose resources are as they should be, and its bill is not."""

    rule: str
    change: Callable[[Deployment], Deployment]
    numbers: Mapping[str, float] = field(default_factory=dict)
    """What an organisation sets for the rule."""


def _budget(deployment: Deployment) -> Deployment:
    spending = replace(deployment.spending, budget_usd=_ONE_USD)
    return replace(deployment, spending=spending)


def _dated(on: date | None) -> Callable[[Deployment], Deployment]:
    def change(deployment: Deployment) -> Deployment:
        spending = deployment.spending
        rows = tuple(replace(row, as_of=on) for row in spending.book.rows)
        changed = replace(spending, book=replace(spending.book, rows=rows))
        return replace(deployment, spending=changed)

    return change


def _talkative(deployment: Deployment) -> Deployment:
    """Answers are long, traffic costs something everywhere, and nobody set a budget."""
    spending = deployment.spending
    rows = tuple(
        replace(row, usd=max(row.usd, Decimal(1))) if row.unit == "GB" else row
        for row in spending.book.rows
    )
    return replace(
        deployment,
        workload=deployment.workload.model_copy(update={"traffic_kb_per_message": 10_000}),
        spending=replace(spending, budget_usd=Decimal(0), book=replace(spending.book, rows=rows)),
    )


def _recorded(deployment: Deployment) -> Deployment:
    record = CostRecord(
        name=f"{deployment.name}-cost",
        urn=deployment.urn,
        book=deployment.spending.book.name,
        floor_usd=_ONE_USD,
        expected_usd=_ONE_USD,
        ceiling_usd=_ONE_USD,
        components={},
    )
    return replace(deployment, cost_records=(record,), cost_compared=True)


DEAR = (
    Dear(rule="monthly-budget", change=_budget),
    Dear(rule="monthly-budget-uncertain", change=lambda found: _budget(_dated(None)(found))),
    Dear(rule="price-age", change=_dated(_LONG_AGO)),
    Dear(rule="egress-share", change=_talkative),
    Dear(rule="cost-change", change=_recorded, numbers={"mostRisePercent": 10}),
)
STRANGER = mutant(
    "every-billable-resource-is-priced",
    "resources of this type are neither priced nor known to be free",
    Added("nimbus:index/thing:Thing", "letta-medium-stranger", {}),
    Added("pulumi:providers:nimbus", "letta-medium-stranger", {}),
    label="stranger",
)
