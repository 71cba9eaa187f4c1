"""The ceiling against the budget of the committed stacks, step by step, and prices taken away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal

import pytest

from policies import spending, stack_settings
from policies.facts.model import Deployment
from policies.rules import RULES
from policies.runner import violations
from pricing import book
from pricing.book import Book
from pricing.tariffs import Terms
from pricing.units import HOURS_A_MONTH
from tests.policies import assembly
from tests.policies.changes import Put, Where, apply
from tests.policies.judging import STACKS, TODAY, facts, good

REGION = "us-east-1"
BUDGET, PRICED = "monthly-budget", "every-billable-resource-is-priced"


def broken(rule: str, deployment: Deployment) -> list[str]:
    (found,) = (one for one in RULES if one.name == rule)
    return [one.message for one in violations(found, deployment, {})]


def as_previewed(stack: str, deployment: Deployment) -> Deployment:
    """The deployment with the budget of its stack file and the prices of a preview."""
    tier, overrides = STACKS[stack]
    values = assembly.stack_file(tier, overrides)
    settings = stack_settings.load(values)
    return replace(deployment, spending=spending.spending(settings, values, TODAY))


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_fits_its_budget_at_list_prices(stack: str) -> None:
    deployment = as_previewed(stack, facts(stack, good(stack)))
    assert broken(BUDGET, deployment) == []
    assert broken(PRICED, deployment) == []
    assert broken("monthly-budget-uncertain", deployment) == []


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Machines that an autoscaler adds."""

    stack: str
    maximum: Put
    """The pool as it is built."""
    machine: str
    disk_gib: int

    def usd(self, machines: int) -> Decimal:
        """What so many machines and their disks cost a month, from the rows of the book."""
        prices = book.load(book.CURRENT)
        hour = prices.price("ec2", self.machine, REGION)
        gib = prices.price("ebs", "gp3", REGION)
        assert (hour.unit, gib.unit) == ("hour", "GB-month")
        return _cents(machines * HOURS_A_MONTH * hour.usd) + _cents(
            machines * self.disk_gib * gib.usd
        )


def _cents(usd: Decimal) -> Decimal:
    return usd.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


POOLS = {
    "API": Pool(
        stack="medium",
        maximum=Put(Where("Group", "-medium-api"), "maxSize", 10),
        machine="m5.large",
        disk_gib=200,
    ),
    "workers": Pool(
        stack="medium",
        maximum=Put(Where("Group", "-medium-work"), "maxSize", 2),
        machine="t3.medium",
        disk_gib=200,
    ),
    "GPUs": Pool(
        stack="vllm",
        maximum=Put(
            Where("eks/nodeGroup:NodeGroup", "-llm-p4d-24xlarge"), "scalingConfig.maxSize", 2
        ),
        machine="p4d.24xlarge",
        disk_gib=100,
    ),
}


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_that_grows_is_refused_at_just_the_machine_that_passes_the_budget(name: str) -> None:
    pool = POOLS[name]

    def with_most(machines: int) -> Deployment:
        grown = apply(good(pool.stack), [replace(pool.maximum, value=machines)])
        return as_previewed(pool.stack, facts(pool.stack, grown))

    built = int(pool.maximum.value)
    present = with_most(built)
    budget = Decimal(assembly.stack_file(*STACKS[pool.stack])["budget"])
    ceiling = present.bill.monthly_usd.ceiling
    first = built
    while ceiling - pool.usd(built) + pool.usd(first) <= budget:
        first += 1
    assert first > built
    refused = [most for most in range(built, first + 2) if broken(BUDGET, with_most(most))]
    assert refused == [first, first + 1]


@cache
def bare(prices: Book, service: str, sku: str) -> Book:
    """The book without a price."""
    rows = tuple(row for row in prices.rows if (row.service, row.sku) != (service, sku))
    return replace(prices, rows=rows)


@pytest.mark.parametrize("stack", STACKS)
def test_any_one_price_that_is_taken_away_is_missed_by_name(stack: str) -> None:
    deployment = facts(stack, good(stack))
    found = deployment.spending
    for line in deployment.bill.lines:
        lacking = replace(found, book=bare(found.book, line.service, line.sku))
        messages = broken(PRICED, replace(deployment, spending=lacking))
        row = f"service {line.service}, sku {line.sku}, region "
        for resource in line.resources or (deployment.name,):
            assert any(
                message.startswith(f"{resource}: ") and row in message for message in messages
            ), (resource, row, messages)


def test_a_price_that_only_advice_needs_takes_nothing_from_the_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = bare(book.load(book.CURRENT), "datadog", "infra-pro:annual")
    monkeypatch.setattr(spending, "_book", lambda: lacking)
    deployment = as_previewed("medium", facts("medium", good("medium")))
    low = replace(deployment.spending, budget_usd=Decimal(100))
    (message,) = broken(BUDGET, replace(deployment, spending=low))
    assert "letta:savings.reserved_years: 1" in message or "the nearest is letta:" in message


@pytest.mark.parametrize("years", [1, 3])
@pytest.mark.parametrize("stack", ["small", "medium", "large"])
def test_reserving_takes_nothing_out_of_what_the_budget_may_block_on(
    stack: str, years: Literal[1, 3]
) -> None:
    deployment = facts(stack, good(stack))
    found = replace(
        deployment.spending,
        book=book.load(book.CURRENT),
        terms=Terms(reserved_years=years, on=TODAY),
    )
    bill = replace(deployment, spending=found).bill
    assert [line.item for line in bill.lines if line.weak and line.trust != "memory"] == []
