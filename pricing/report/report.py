"""All that a report says, before it has a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pricing.bill import Bill
from pricing.report.comparison import Comparison

if TYPE_CHECKING:
    from pricing.break_even import BreakEven
    from pricing.path import Phase
    from pricing.references import Compared, Explanation, Stated
    from pricing.savings import Saving
    from pricing.stack_path import StackPath

POINTS: Mapping[str, str] = {
    "floor": "every autoscaler at its minimum",
    "expected": "as the stack starts, under the declared workload",
    "ceiling": "every autoscaler at its maximum",
}
"""The three figures of a bill and what each stands for."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A bill and what was asked for beside it; what was not is None."""

    stack: str
    """Name of the stack, or `reference medium`."""
    bill: Bill
    today: date
    budget_usd: Decimal | None = None
    """A month, of the stack file."""
    comparison: Comparison | None = None
    statement: tuple[Stated, ...] | None = None
    """Of a reference: what the document states beside what its own prices give."""
    restated: tuple[Compared, ...] | None = None
    """Of a reference: the document's lines beside the same at another book."""
    explanation: Explanation | None = None
    """From a reference to a stack, step by step."""
    savings: tuple[Saving, ...] | None = None
    break_evens: tuple[BreakEven, ...] | None = None
    phases: tuple[Phase, ...] | None = None
    """The document's path of growth, on its own architectures."""
    stack_path: StackPath | None = None
    """The same path as switches of the stack."""

    @property
    def headroom_usd(self) -> Decimal | None:
        """What the budget leaves at the ceiling; negative: by how much it is overrun."""
        if self.budget_usd is None:
            return None
        return self.budget_usd - self.bill.monthly_usd.ceiling

    @property
    def weak_items(self) -> tuple[str, ...]:
        """Lines whose price nobody can check."""
        return tuple(f"{line.component}: {line.item}" for line in self.bill.lines if line.weak)
