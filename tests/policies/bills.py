"""Deployments with bills written by hand, for rules on cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from policies.facts.model import CostRecord, Deployment, Spending
from policies.rules import RULES
from policies.rules.cost import RULES as COST
from policies.runner import violations
from pricing.bill import Bill, Line, Missing
from pricing.book import Book
from pricing.inventory import Component
from pricing.savings import Saving
from pricing.span import Span
from pricing.tariffs import Terms
from tests.policies.judging import facts, good

TODAY = date(2026, 11, 23)
"""On which the bills are looked at."""


def line(
    component: Component,
    item: str,
    *usd: int,
    as_of: date | None = TODAY,
    **fields: Any,  # noqa: ANN401  (fields of a line)
) -> Line:
    """A line of a bill. `usd`: one amount for all three points, or floor, expected, ceiling."""
    floor, expected, ceiling = usd if len(usd) == 3 else usd * 3
    return Line(
        **{
            "component": component,
            "item": item,
            "service": "ec2",
            "sku": item,
            "quantity": Span.fixed(1),
            "unit": "month",
            "unit_price_usd": Decimal(expected),
            "monthly_usd": Span.of(floor, expected, ceiling),
            "as_of": as_of,
            "source": "a test",
            "trust": "api",
            "weak": as_of is None,
            **fields,
        }
    )


def billed(
    *lines: Line,
    budget: int = 0,
    missing: Iterable[Missing] = (),
    records: Iterable[CostRecord] = (),
    savings: Callable[[], tuple[Saving, ...]] = tuple,
) -> Deployment:
    """The medium stack with a bill of these lines."""
    deployment = replace(
        facts("medium", good("medium")),
        spending=Spending(
            budget_usd=Decimal(budget),
            book=Book(name="test", rows=()),
            terms=Terms(on=TODAY),
            today=TODAY,
            savings=savings,
        ),
        cost_records=tuple(records),
        cost_compared=True,
    )
    bill = Bill(
        book="test", cloud="aws", region="us-east-1", lines=lines, agents=1000, messages=1_000_000
    )
    # What the deployment would otherwise count by itself, once.
    vars(deployment)["_priced"] = (bill, tuple(missing))
    return deployment


def said(rule: str, deployment: Deployment, **numbers: float) -> list[str]:
    """What a rule says of a deployment."""
    found = next(one for one in RULES if one.name == rule)
    return [one.message for one in violations(found, deployment, numbers)]


def broken(deployment: Deployment) -> set[str]:
    """Rules on cost that a deployment breaks."""
    return {rule.name for rule in COST if list(violations(rule, deployment, {}))}


def record(expected: int, ceiling: int, **components: int) -> CostRecord:
    """What a deployed stack has on record."""
    return CostRecord(
        name="letta-medium-cost",
        urn="urn",
        book="test",
        floor_usd=Decimal(0),
        expected_usd=Decimal(expected),
        ceiling_usd=Decimal(ceiling),
        components={name: Decimal(amount) for name, amount in components.items()},
    )
