"""What a stack keeps on record of its cost, and what of it the cloud will send an invoice for.

Rules are shown what is about to be deployed, never what is. So a stack exports what it costs, and
reads that back the next time: rules see both, and can tell the change.
"""

from __future__ import annotations

from decimal import ROUND_CEILING
from functools import cache
from typing import Any

import pulumi

from components.naming import base_name
from infra.settings import Settings
from pricing import book, stack
from pricing.bill import Bill, Unpriced
from pricing.book import Book
from pricing.span import ZERO

OUTPUT = "monthly_cost_usd"
"""Output of a stack that holds its record."""


class Record(pulumi.ComponentResource):
    """What the deployed stack says it costs, for rules to see: they are shown the outputs of
    components, but not what a program reads.

    It is read by previews alone. During an update the engine writes the state all the time, and a
    backend in local files does so in place: whoever reads then may find half of it.
    """

    def __init__(self, stack_name: str) -> None:
        name = f"{base_name(stack_name)}-cost"
        super().__init__("letta:index:CostRecord", name)
        # Outputs of a component may differ at each run without counting as a change of the stack.
        if not pulumi.runtime.is_dry_run():
            self.register_outputs({"updating": True})
            return
        deployed = pulumi.StackReference(
            name,
            stack_name=f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack_name}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"deployed": deployed.get_output(OUTPUT)})


def bill(settings: Settings) -> Bill | None:
    """What a month costs by list prices; `None` if any of them is missing, with a warning."""
    try:
        return stack.bill_of(settings, _book())
    except Unpriced as problem:
        pulumi.log.warn(f"the stack keeps no record of its cost: {problem}")
        return None


@cache
def _book() -> Book:
    return book.load(book.CURRENT)


def record(bill: Bill) -> dict[str, Any]:
    """A bill as the stack's output holds it; `components` are the expected shares."""
    total = bill.monthly_usd
    return {
        "book": bill.book,
        "floor": float(total.floor),
        "expected": float(total.expected),
        "ceiling": float(total.ceiling),
        "components": {name: float(span.expected) for name, span in bill.by_component.items()},
    }


def cloud_ceiling_usd(bill: Bill) -> int:
    """Most that the cloud itself will send an invoice for, whole USD, rounded up: models and
    services of others send their own."""
    own = sum((line.monthly_usd for line in bill.lines if line.billed_by == "cloud"), ZERO)
    return int(own.ceiling.to_integral_value(ROUND_CEILING))
