"""The report for programs."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pricing.bill import Line
from pricing.report.comparison import Comparison, Difference
from pricing.report.report import Report
from pricing.span import Span

if TYPE_CHECKING:
    from pricing.break_even import BreakEven
    from pricing.path import Phase
    from pricing.references import Stated
    from pricing.savings import Saving

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
    return json.dumps({**told, **_beside(report)}, indent=2, default=_plain)


def _beside(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if report.statement is not None:
        told["statement"] = [_stated(stated) for stated in report.statement]
    if report.restated is not None:
        told["restated"] = [
            {**_stated(one.stated), "other_book": one.usd, "note": one.note}
            for one in report.restated
        ]
    if report.explanation is not None:
        told["explanation"] = {
            "document": report.explanation.document_usd,
            "reference": report.explanation.reference_usd,
            "stack": report.explanation.stack_usd,
            "steps": [
                {"cause": step.cause, "item": step.item, "monthly": step.usd, "note": step.note}
                for step in report.explanation.steps
            ],
        }
    if report.savings is not None:
        told["savings"] = [_saving(saving) for saving in report.savings]
    if report.break_evens is not None:
        told["break_evens"] = [_break_even(break_even) for break_even in report.break_evens]
    if report.phases is not None:
        told["path"] = [_phase(phase) for phase in report.phases]
    if report.stack_path is not None:
        told["stack_path"] = {
            "before": report.stack_path.before_usd,
            "after": report.stack_path.after_usd,
            "steps": [
                {"step": step.step.name, "saves": step.saves_usd, "note": step.note}
                for step in report.stack_path.steps
            ],
        }
    return told


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


def _stated(stated: Stated) -> dict[str, Any]:
    return {
        "component": stated.component,
        "item": stated.item,
        "stated": stated.stated_usd,
        "computed": stated.computed_usd,
        "basis": stated.basis,
        "note": stated.note,
    }


def _saving(saving: Saving) -> dict[str, Any]:
    return {
        "switch": saving.switch.name,
        "title": saving.switch.title,
        "state": saving.state,
        "saves": saving.saves_usd,
        "saves_at_ceiling": saving.saves_at_most_usd,
        "before": saving.before,
        "after": saving.after,
        "claim": saving.claim,
        "setting": saving.setting,
        "note": saving.note,
    }


def _break_even(break_even: BreakEven) -> dict[str, Any]:
    return {
        "own": break_even.own,
        "external": break_even.external,
        "unit": break_even.unit,
        "crossing": break_even.crossing,
        "lasting": break_even.lasting,
        "rule": break_even.rule,
        "rule_units": break_even.rule_units,
        "sentence": break_even.sentence,
        "points": [
            {
                "units": point.units,
                "external": point.external_usd,
                "own": point.own_usd,
                "machines": point.machines,
            }
            for point in break_even.points
        ],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "phase": phase.name,
        "tier": phase.tier,
        "before": phase.before_usd,
        "after": phase.after_usd,
        "stated_before": phase.stated_before_usd,
        "stated_after": phase.stated_after_usd,
        "steps": [
            {
                "step": saving.step.name,
                "saves": saving.usd,
                "named": saving.step.named,
                "note": saving.note,
            }
            for saving in phase.savings
        ],
    }


def _plain(value: object) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Span):
        return {"floor": value.floor, "expected": value.expected, "ceiling": value.ceiling}
    raise TypeError(f"{type(value).__name__} has no form in JSON")
