"""What every preview says of cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infra import cost
from policies import cost_report, spending, stack_settings
from policies.facts import record as records
from policies.facts.graph import Graph
from policies.facts.model import CostRecord, Deployment, Unpriced
from policies.facts.resource import UNDETERMINED, Resource
from policies.facts.unknown import Undecidable, Unknown
from pricing import stack as pricing_stack
from pricing.inventory import Inventory
from tests.policies import assembly
from tests.policies.bills import TODAY, billed, line, record
from tests.policies.bills import said as rise_of
from tests.policies.judging import STACKS
from tests.policies.test_cost import missing

LINES = (line("api", "machine m5.large", 140, 210, 700), line("llm", "input tokens", 600))


def with_bill_of(found: Deployment, **changes: Any) -> Deployment:  # noqa: ANN401  (fields)
    """The deployment with other facts, and the bill that it has."""
    changed = replace(found, **changes)
    vars(changed)["_priced"] = vars(found)["_priced"]
    return changed


def test_the_bill_is_said_with_the_book_its_age_three_figures_and_the_budget() -> None:
    deployment = with_bill_of(billed(*LINES, budget=1500), billable=41)
    said, _ = cost_report.messages(deployment)
    assert said == (
        "letta-medium: priced 41/41 resources by book test, prices of 2026-11-23 to 2026-11-23; "
        "the oldest is 0 months old; a month costs 740.00 USD with every autoscaler at its "
        "minimum, 810.00 USD as declared, 1,300.00 USD at the maximum; "
        "0.81 USD an agent, 0.000810 USD a message; the budget is 1,500.00 USD"
    )


def test_the_age_said_is_that_of_the_prices_in_use_from_the_oldest_on() -> None:
    old = line("cache", "node", 45, as_of=date(2025, 1, 31))
    undated = line("queue", "requests", 1, as_of=None)
    said, _ = cost_report.messages(billed(*LINES, old, undated))
    assert (
        "resources by book test, prices of 2025-01-31 to 2026-11-23; the oldest is 21 months old;"
    ) in said


def test_a_bill_of_prices_without_dates_is_said_to_be_one() -> None:
    said, _ = cost_report.messages(billed(line("api", "machine", 140, as_of=None)))
    assert "resources by book test, no price of which has a date;" in said


def test_without_a_budget_the_maximum_is_said_to_be_held_to_nothing() -> None:
    said, _ = cost_report.messages(billed(*LINES))
    assert "1,300.00 USD at the maximum" in said
    assert said.endswith("no letta:budget is set to hold the maximum to")


def test_resources_without_a_price_are_not_counted_as_priced() -> None:
    unknown = Unpriced(name="x", urn="urn:x", type="aws:x", reason="nobody knows")
    found = billed(*LINES, missing=[missing("letta-a", "letta-b")])
    said, _ = cost_report.messages(with_bill_of(found, billable=10, unpriced=(unknown,)))
    assert "priced 7/10 resources by" in said


def test_a_bill_that_something_is_missing_from_is_a_least() -> None:
    unknown = Unpriced(name="x", urn="urn:x", type="aws:x", reason="nobody knows")
    for found in (
        with_bill_of(billed(*LINES), unpriced=(unknown,)),
        billed(*LINES, missing=[missing()]),
    ):
        said, _ = cost_report.messages(found)
        assert "; a month costs at least 740.00 USD with" in said


def test_what_else_to_know_of_a_bill_is_said_too() -> None:
    found = billed(*LINES)
    bill = replace(found.bill, warnings=("a model retires soon",))
    vars(found)["_priced"] = (bill, ())
    assert list(cost_report.messages(found))[2:] == ["letta-medium: a model retires soon"]


def change(*deployed: CostRecord) -> str:
    _, said = cost_report.messages(billed(*LINES, records=deployed))
    return said


def test_a_first_deployment_has_nothing_to_change_from() -> None:
    assert change() == "letta-medium: nothing is deployed yet that a cost is on record of"


def test_an_update_which_reads_no_record_says_nothing_of_a_change() -> None:
    found = replace(billed(*LINES), cost_compared=False)
    (said,) = cost_report.messages(found)
    assert "a month costs" in said


def test_the_program_says_whether_it_looked_for_a_record() -> None:
    looked, updating = (
        Graph([Resource(type=records.TYPE, name="cost", urn="urn", properties=properties)])
        for properties in ({"deployed": None}, {"updating": True})
    )
    assert records.compared(looked)
    assert not records.compared(updating)


def test_what_costs_as_much_as_before_is_said_to() -> None:
    assert change(record(810, 1300, api=210, llm=600)) == "letta-medium: costs what is deployed"


def test_a_change_is_said_with_both_figures_and_the_parts_that_change_most() -> None:
    assert change(record(900, 1000, api=140, llm=100, cache=160)) == (
        "letta-medium: a month changes from 900.00 USD to 810.00 USD as declared (-90.00, -10.0 %),"
        " and from 1,000.00 USD to 1,300.00 USD at the maximum (+300.00, +30.0 %); most change "
        "llm +500.00, cache -160.00, api +70.00"
    )


def beside_the_settings(*records: CostRecord) -> Deployment:
    """A deployment that costs 90 USD more than its settings, and 100 USD more at the maximum."""
    found = billed(*LINES, records=records)
    settings = (line("api", "machine m5.large", 140, 210, 700), line("llm", "input tokens", 510))
    alone = replace(found.bill, lines=settings)
    own = (*settings, line("ingress", "public address", 90, 90, 100))
    vars(found)["_priced"] = (replace(found.bill, lines=own), ())
    return with_bill_of(found, spending=replace(found.spending, declared=lambda: alone))


def test_resources_of_the_user_s_own_are_no_change_of_the_stack_and_are_said_apart() -> None:
    said = list(cost_report.messages(beside_the_settings(record(720, 1210))))[1]
    assert said == (
        "letta-medium: costs what is deployed; beside it, resources of your own: +90.00 USD as "
        "declared, +100.00 USD at the maximum"
    )


def test_a_change_is_that_of_the_settings_whatever_stands_beside_them() -> None:
    said = list(cost_report.messages(beside_the_settings(record(700, 1210, api=190, llm=510))))[1]
    assert "from 700.00 USD to 720.00 USD as declared (+20.00, +2.9 %)" in said
    assert "; most change api +20.00; beside it, resources of your own: +90.00 USD" in said


def test_what_stands_beside_the_settings_is_said_at_a_first_deployment_too() -> None:
    said = list(cost_report.messages(beside_the_settings()))[1]
    assert "beside it, resources of your own: +90.00 USD" in said


def test_a_rise_is_judged_by_the_settings() -> None:
    found = beside_the_settings(record(720, 1210))
    assert rise_of("cost-change", found, mostRisePercent=1) == []
    assert (
        len(rise_of("cost-change", beside_the_settings(record(700, 1210)), mostRisePercent=1)) == 1
    )


@pytest.mark.parametrize("stack", ["small", "medium", "large"])
def test_the_settings_of_a_stack_file_cost_what_its_record_says(stack: str) -> None:
    values = assembly.stack_file(*STACKS[stack])
    found = spending.spending(stack_settings.load(values), values, TODAY).declared()
    kept = cost.bill(pricing_stack.load(values, secret_keys=("llm",)))
    assert found is not None
    assert kept is not None
    assert cost.record(found) == cost.record(kept)


def test_settings_that_cannot_be_read_leave_the_resources_to_compare_with() -> None:
    values = {**assembly.stack_file(*STACKS["small"]), "region": "moon"}
    assert spending.spending(stack_settings.load(values), values, TODAY).declared() is None


def test_a_record_by_another_book_is_said_to_be() -> None:
    (said,) = [change(replace(record(900, 1000), book="source-2025"))]
    assert said.endswith("; what is deployed was counted by the book source-2025")


def test_a_bill_that_cannot_be_told_is_said_to_be_so() -> None:
    thing: Any = Unknown("letta-x", "urn", "its type is unknown")
    inventory = Inventory(cloud="aws", region="us-east-1", things=(thing,))
    assert list(cost_report.messages(replace(billed(*LINES), inventory=inventory))) == [
        "cannot decide: its type is unknown"
    ]


def recorded(deployed: object) -> tuple[CostRecord, ...]:
    resource = Resource(
        type=records.TYPE, name="letta-medium-cost", urn="urn", properties={"deployed": deployed}
    )
    return records.records(Graph([resource]))


def test_the_record_is_read_from_the_outputs_of_its_component() -> None:
    deployed = {
        "book": "list",
        "floor": 1,
        "expected": 2.5,
        "ceiling": 1234.56,
        "components": {"api": 2.4, "secrets": 0},
    }
    (found,) = recorded(deployed)
    assert (found.book, found.floor_usd, found.expected_usd) == ("list", Decimal(1), Decimal("2.5"))
    assert found.ceiling_usd == Decimal("1234.56")
    assert found.components == {"api": Decimal("2.4"), "secrets": Decimal(0)}


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_stack_that_was_never_deployed_has_no_record(nothing: object) -> None:
    assert recorded(nothing) == ()
    assert records.records(Graph([])) == ()


def test_a_record_that_cannot_be_told_refuses_to_be_used() -> None:
    (found,) = recorded(UNDETERMINED)
    with pytest.raises(Undecidable):
        str(found.expected_usd)
