"""What a stack may cost, by what it is counted, and what it cost before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from policies.facts.model.fact import Fact
from pricing.book import Book
from pricing.tariffs import Terms

if TYPE_CHECKING:
    from pricing.bill import Bill
    from pricing.savings import Saving


@dataclass(frozen=True, kw_only=True)
class CostRecord(Fact):
    """What the deployed stack has on record of its cost, from when it was last updated."""

    book: str
    """Name of the price book by which it was counted."""
    floor_usd: Decimal
    """A month with every autoscaler at its minimum."""
    expected_usd: Decimal
    """A month as the stack starts, under the declared workload."""
    ceiling_usd: Decimal
    """A month with every autoscaler at its maximum."""
    components: Mapping[str, Decimal]
    """Part of the deployment -> its share of what was expected, USD."""


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What rules on cost need beside the resources."""

    budget_usd: Decimal
    """Most that a month may cost, USD; 0: no budget is set."""
    book: Book
    terms: Terms
    today: date
    savings: Callable[[], tuple[Saving, ...]] = tuple
    """What each switch of `letta:savings` would save on this stack; counted only when asked."""
    declared: Callable[[], Bill | None] = lambda: None
    """The bill of the settings alone, without resources of the user's own, as a stack has it on
    record; `None` where settings or prices allow none. Counted only when asked."""
