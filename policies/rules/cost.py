"""Cost: a month's bill within the budget, of prices that exist and are not too old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from policies.facts.model import Deployment
from policies.rules.rule import Config, Number, Rule, Violation, violation
from pricing.bill import Bill, Line

if TYPE_CHECKING:
    from pricing.savings import Saving

DEAREST = 5
"""Lines of the bill that a message names."""


def usd(amount: Decimal) -> str:
    """An amount as messages write it."""
    return f"{amount:,.2f} USD"


def monthly_budget(deployment: Deployment, _: Config) -> Iterable[Violation]:
    budget, bill = deployment.spending.budget_usd, deployment.bill
    if budget and bill.overruns(budget) == "surely":
        yield violation(deployment, _overrun(bill, budget), _way_out(deployment, budget))


def monthly_budget_uncertain(deployment: Deployment, _: Config) -> Iterable[Violation]:
    budget, bill = deployment.spending.budget_usd, deployment.bill
    if budget and bill.overruns(budget) == "perhaps":
        unsure = bill.monthly_usd.ceiling - bill.strong_monthly_usd.ceiling
        yield violation(
            deployment,
            f"{_overrun(bill, budget)}; {usd(unsure)} of it come from prices that nobody can "
            "check, so it is let through",
            f"look those prices up and date them in the price book {bill.book}, or "
            f"{_way_out(deployment, budget)}",
        )


def _overrun(bill: Bill, budget: Decimal) -> str:
    ceiling = bill.monthly_usd.ceiling
    dearest = sorted(bill.lines, key=lambda line: -line.monthly_usd.ceiling)[:DEAREST]
    return (
        f"may cost {usd(ceiling)} a month with every autoscaler at its maximum, "
        f"{usd(ceiling - budget)} more than the budget of {usd(budget)}; dearest are "
        f"{', '.join(map(_shown, dearest))}"
    )


def _shown(line: Line) -> str:
    return f"{line.item} ({line.component}) {line.monthly_usd.ceiling:,.2f}"


def _way_out(deployment: Deployment, budget: Decimal) -> str:
    remedy = "raise letta:budget, or lower sizes and maximums"
    # A switch may save what is expected and still cost more at the maximum.
    savings = [
        one
        for one in deployment.spending.savings()
        if one.state == "off" and one.after.ceiling < one.before.ceiling
    ]
    if not savings:
        return remedy
    fitting = [one for one in savings if one.after.ceiling <= budget]
    if fitting:
        shown = "; ".join(map(_with, sorted(fitting, key=lambda one: one.after.ceiling)))
        return f"{remedy}; any one of these would fit it: {shown}"
    best = min(savings, key=lambda one: one.after.ceiling)
    return f"{remedy}; no one way to save would fit it, the nearest is {_with(best)}"


def _with(saving: Saving) -> str:
    return f"{saving.setting} ({usd(saving.after.ceiling)})"


def every_billable_resource_is_priced(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for resource in deployment.unpriced:
        yield violation(
            resource,
            f"{resource.type} has no price: {resource.reason}",
            "add a reader of it, or an entry under what is free with the reason, to "
            f"policies/facts/{deployment.inventory.cloud}/billing",
        )
    for missing in deployment.missing_prices:
        needing = [(urn.rpartition("::")[2], urn) for urn in missing.urns]
        # What the declared workload causes may be no one resource's.
        for name, urn in needing or [(deployment.name, deployment.urn)]:
            yield Violation(
                resource=name,
                urn=urn,
                message=(
                    f"{name}: {missing.item} has no price: {missing.reason}; add a row of service "
                    f"{missing.service}, sku {missing.sku}, region {missing.region}, unit "
                    f"{missing.unit} to pricing/books/{deployment.spending.book.name}"
                ),
            )


def price_age(deployment: Deployment, config: Config) -> Iterable[Violation]:
    bill, months = deployment.bill, int(config["mostMonths"])
    today = deployment.spending.today
    dated = [(line.as_of, line) for line in bill.lines if line.as_of]
    old = sorted(
        ((day, line) for day, line in dated if _older(day, today, months)),
        key=lambda one: one[0],
    )
    if old:
        day, line = old[0]
        yield violation(
            deployment,
            f"{len(old)} of its {len(bill.lines)} prices are older than {months} months, the "
            f"oldest, of {line.service} {line.sku}, is of {day}",
            f"look them up and date them in the price book {bill.book}",
        )


def _older(day: date, today: date, months: int) -> bool:
    return (day.year * 12 + day.month + months, day.day) < (
        today.year * 12 + today.month,
        today.day,
    )


def egress_share(deployment: Deployment, config: Config) -> Iterable[Violation]:
    bill, most = deployment.bill, config["mostPercent"]
    percent = bill.egress_share * 100
    if percent > most:
        yield violation(
            deployment,
            f"traffic to the internet is {percent:.0f} % of its expected bill "
            f"({usd(bill.egress_usd.expected)} a month), most is {most:g} %",
            "let a content delivery network answer what it can, or correct "
            "letta:workload.traffic_kb_per_message",
        )


def declared(deployment: Deployment) -> Bill:
    """What a record of cost compares with: the bill of the settings, of which it is made too.

    Where the settings allow none, that of the resources: what is wrong is said elsewhere.
    """
    return deployment.spending.declared() or deployment.bill


def cost_change(deployment: Deployment, config: Config) -> Iterable[Violation]:
    most = config["mostRisePercent"]
    for record in deployment.cost_records if most else ():
        old, new = record.expected_usd, declared(deployment).monthly_usd.expected
        if new > old + old * Decimal(str(most)) / 100:
            yield violation(
                deployment,
                f"is expected to cost {usd(new)} a month, {usd(new - old)} more than the "
                f"{usd(old)} that is deployed; the most that it may rise by is {most:g} %",
                "make the change smaller, or waive the rule for it",
            )


RULES = (
    Rule(
        name="monthly-budget",
        description="A month with every autoscaler at its maximum fits the budget.",
        severity="high",
        check=monthly_budget,
    ),
    Rule(
        name="monthly-budget-uncertain",
        description="It fits the budget also with the prices that nobody can check.",
        severity="medium",
        check=monthly_budget_uncertain,
        advisory=True,
    ),
    Rule(
        name="every-billable-resource-is-priced",
        description="All that is billed has a price in the book.",
        severity="high",
        check=every_billable_resource_is_priced,
    ),
    Rule(
        name="price-age",
        description="The prices that a bill is made of are recent.",
        severity="low",
        check=price_age,
        advisory=True,
        numbers=(
            Number(
                name="mostMonths",
                description="Greatest age of a price, months.",
                default=12,
                minimum=1,
                maximum=120,
            ),
        ),
    ),
    Rule(
        name="egress-share",
        description="Traffic to the internet is a small part of the bill.",
        severity="low",
        check=egress_share,
        advisory=True,
        numbers=(
            Number(
                name="mostPercent",
                description="Greatest share of the expected bill, percent.",
                default=20,
                minimum=0,
                maximum=100,
            ),
        ),
    ),
    Rule(
        name="cost-change",
        description="The expected bill rises by no more than an organisation allows at once.",
        severity="high",
        check=cost_change,
        numbers=(
            Number(
                name="mostRisePercent",
                description="Greatest rise against what is deployed, percent; 0: any.",
                default=0,
                minimum=0,
                maximum=100_000,
            ),
        ),
    ),
)
