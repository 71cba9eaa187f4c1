"""What every preview says of cost: what a month costs, and how that changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from policies.facts.model import CostRecord, Deployment
from policies.facts.unknown import Undecidable
from policies.rules.cost import declared, usd
from pricing.bill import Bill
from pricing.report.words import age

_MOST_CHANGED = 5


def messages(deployment: Deployment) -> Iterable[str]:
    """The bill in a sentence, the change against what is deployed, and what else to know of it."""
    try:
        warnings = (f"{deployment.name}: {warning}" for warning in deployment.bill.warnings)
        change = [_change(deployment)] if deployment.cost_compared else []
        return [_bill(deployment), *change, *warnings]
    except Undecidable as problem:
        return [str(problem)]


def _bill(deployment: Deployment) -> str:
    bill, spending = deployment.bill, deployment.spending
    total = bill.monthly_usd
    least = "at least " if deployment.unpriced or deployment.missing_prices else ""
    parts = [
        f"priced {_priced(deployment)}/{deployment.billable} resources by "
        f"{age(bill, spending.today)}",
        f"a month costs {least}{usd(total.floor)} with every autoscaler at its minimum, "
        f"{usd(total.expected)} as declared, {usd(total.ceiling)} at the maximum",
        f"{usd(bill.per_agent_usd)} an agent"
        + (f", {bill.per_message_usd:.6f} USD a message" if bill.per_message_usd else ""),
        f"the budget is {usd(spending.budget_usd)}"
        if spending.budget_usd
        else "no letta:budget is set to hold the maximum to",
    ]
    return f"{deployment.name}: {'; '.join(parts)}"


def _priced(deployment: Deployment) -> int:
    lacking = {fact.urn for fact in deployment.unpriced}
    lacking.update(urn for missing in deployment.missing_prices for urn in missing.urns)
    return deployment.billable - len(lacking)


def _change(deployment: Deployment) -> str:
    return f"{deployment.name}: {_change_of_settings(deployment)}{_beside(deployment)}"


def _change_of_settings(deployment: Deployment) -> str:
    bill = declared(deployment)
    new = bill.monthly_usd
    for record in deployment.cost_records:
        if (record.expected_usd, record.ceiling_usd) == (new.expected, new.ceiling):
            return "costs what is deployed"
        text = (
            f"a month changes from {usd(record.expected_usd)} to "
            f"{usd(new.expected)} as declared ({_difference(record.expected_usd, new.expected)}), "
            f"and from {usd(record.ceiling_usd)} to {usd(new.ceiling)} at the maximum "
            f"({_difference(record.ceiling_usd, new.ceiling)})"
        )
        changed = ", ".join(_most_changed(bill, record))
        if changed:
            text += f"; most change {changed}"
        if record.book != bill.book:
            text += f"; what is deployed was counted by the book {record.book}"
        return text
    return "nothing is deployed yet that a cost is on record of"


def _beside(deployment: Deployment) -> str:
    """What the resources cost beyond what the settings make, which no record holds."""
    settings, resources = declared(deployment).monthly_usd, deployment.bill.monthly_usd
    expected = resources.expected - settings.expected
    ceiling = resources.ceiling - settings.ceiling
    if not (expected or ceiling):
        return ""
    return (
        f"; beside it, resources of your own: {expected:+,.2f} USD as declared, "
        f"{ceiling:+,.2f} USD at the maximum"
    )


def _difference(old: Decimal, new: Decimal) -> str:
    percent = f", {(new - old) / old * 100:+.1f} %" if old else ""
    return f"{new - old:+,.2f}{percent}"


def _most_changed(bill: Bill, record: CostRecord) -> Iterator[str]:
    now: Mapping[str, Decimal] = {
        str(name): span.expected for name, span in bill.by_component.items()
    }
    changes = {
        name: now.get(name, Decimal(0)) - record.components.get(name, Decimal(0))
        for name in {**now, **record.components}
    }
    largest = sorted(changes.items(), key=lambda one: (-abs(one[1]), one[0]))[:_MOST_CHANGED]
    for name, difference in largest:
        if difference:
            yield f"{name} {difference:+,.2f}"
