"""The report for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.bill import Bill, Line
from pricing.report.comparison import Comparison, Difference
from pricing.report.report import Report
from pricing.span import Span

CURRENCY = "USD"


def render(report: Report) -> str:
    """The report as one JSON object. Money and quantities are numbers, of one month.

    Keys of what was not asked for are left out.
    """
    bill = report.bill
    told: dict[str, Any] = {
        "stack": report.stack,
        "book": bill.book,
        "cloud": bill.cloud,
        "region": bill.region,
        "currency": CURRENCY,
        "as_of": {"oldest": bill.oldest, "undated": sum(not line.as_of for line in bill.lines)},
        "monthly": bill.monthly_usd,
        "agents": bill.agents,
        "messages": bill.messages,
        "per_agent": bill.per_agent_usd,
        "per_message": bill.per_message_usd,
        "budget": report.budget_usd,
        "headroom": report.headroom_usd,
        "priced": len(bill.lines),
        "warnings": bill.warnings,
        "components": bill.by_component,
        "lines": [_line(line) for line in bill.lines],
    }
    if report.comparison is not None:
        told["comparison"] = _comparison(report.comparison)
    for name in ("statement", "explanation", "savings", "break_evens", "phases"):
        if getattr(report, name) is not None:
            told[name] = getattr(report, name)
    return json.dumps(told, indent=2, default=_plain)


def _line(line: Line) -> dict[str, Any]:
    return {
        "component": line.component,
        "item": line.item,
        "service": line.service,
        "sku": line.sku,
        "quantity": line.quantity.expected,
        "unit": line.unit,
        "unit_price": line.unit_price_usd,
        "monthly": line.monthly_usd.expected,
        "as_of": line.as_of,
        "source": line.source,
        "trust": line.trust,
        "weak": line.weak,
        "note": line.note,
        "spans": {"quantity": line.quantity, "monthly": line.monthly_usd},
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "with": comparison.before_name,
        "book": comparison.before.book,
        "monthly": comparison.before.monthly_usd,
        "change": comparison.monthly_usd,
        "components": [
            {
                **_difference(component),
                "lines": [_difference(line) for line in comparison.lines(component.component)],
            }
            for component in comparison.components
        ],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    name = {"item": difference.item} if difference.item else {"component": difference.component}
    return {
        **name,
        "before": difference.before_usd,
        "after": difference.after_usd,
        "change": difference.change_usd,
    }


def _plain(value: object) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Span):
        return {"floor": value.floor, "expected": value.expected, "ceiling": value.ceiling}
    if isinstance(value, Bill):
        return value.monthly_usd
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
