"""A bill made by hand, for the forms that print one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.bill import Bill, Line
from pricing.report.comparison import Comparison
from pricing.report.report import Report
from pricing.span import Span

TODAY = date(2026, 11, 23)


def line(
    component: str,
    item: str,
    expected: str,
    *,
    floor: str = "",
    ceiling: str = "",
    **fields: object,
) -> Line:
    """A line of so many dollars a month."""
    monthly = Span(Decimal(floor or expected), Decimal(expected), Decimal(ceiling or expected))
    values: dict[str, Any] = {
        "component": component,
        "item": item,
        "service": "ec2",
        "sku": item,
        "quantity": Span.fixed(730),
        "unit": "hour",
        "unit_price_usd": Decimal("0.096"),
        "monthly_usd": monthly,
        "as_of": date(2026, 7, 20),
        "source": "the cloud's price list",
        "trust": "api",
        "weak": False,
        **fields,
    }
    return Line(**values)


LINES = (
    line("llm", "tokens read", "720.00", unit="1M input tokens", quantity=Span.fixed(1800)),
    line("api", "machine m5.large", "210.24", floor="140.16", ceiling="700.80"),
    line("api", "disk gp3", "48.00", floor="32.00", ceiling="160.00", unit="GB-month"),
    line(
        "queue",
        "requests to the queue",
        "1.13",
        unit="1M requests",
        unit_price_usd=Decimal("0.0000166667"),
        as_of=None,
        trust="memory",
        weak=True,
    ),
)
BILL = Bill(
    book="list", cloud="aws", region="us-east-1", lines=LINES, agents=1000, messages=1_000_000
)
REPORT = Report(stack="medium", bill=BILL, today=TODAY, budget_usd=Decimal(1500))

CHEAPER = replace(BILL, lines=(line("llm", "tokens read", "360.00"), *LINES[2:]))
"""Half the tokens, no machine."""
COMPARED = replace(
    REPORT,
    comparison=Comparison(before_name="small", after_name="medium", before=CHEAPER, after=BILL),
)
