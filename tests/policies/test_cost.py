"""Rules on cost, on bills written by hand: pass, fail with the exact message, unknown, numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from policies import cost_report
from policies.facts.unknown import Undecidable, Unknown
from policies.rules import RULES, cost
from policies.rules.rule import Rule
from policies.runner import violations
from pricing.bill import Bill, Missing, price
from pricing.inventory import Inventory
from pricing.savings import Saving
from pricing.span import Span
from tests.policies.bills import billed, broken, line, record, said
from tests.policies.judging import facts, good

LINES = (
    line("llm", "claude input tokens", 600),
    line("api", "machine m5.large", 140, 210, 700),
    line("database", "server db.r5.large", 365),
    line("database", "storage gp3", 46, 46, 115),
    line("ingress", "load balancer", 16),
    line("network", "NAT gateway", 66),
    line("secrets", "encryption key", 1),
)
CEILING = 1863
DEAREST = (
    "dearest are machine m5.large (api) 700.00, claude input tokens (llm) 600.00, "
    "server db.r5.large (database) 365.00, storage gp3 (database) 115.00, NAT gateway (network) "
    "66.00"
)


def saving(name: str, ceiling: int, state: str = "off") -> Saving:
    before, after = Span.of(0, 0, CEILING), Span.of(0, 0, ceiling)
    return cast(Saving, SimpleNamespace(setting=name, state=state, before=before, after=after))


def test_a_ceiling_that_just_fits_the_budget_is_let_through() -> None:
    assert broken(billed(*LINES, budget=CEILING)) == set()


def test_a_ceiling_over_the_budget_is_refused_with_overrun_and_dearest_lines() -> None:
    deployment = billed(*LINES, budget=1500)
    assert broken(deployment) == {"monthly-budget"}
    assert said("monthly-budget", deployment) == [
        "letta-medium: may cost 1,863.00 USD a month with every autoscaler at its maximum, "
        f"363.00 USD more than the budget of 1,500.00 USD; {DEAREST}; raise letta:budget, "
        "or lower sizes and maximums"
    ]


def test_one_cent_over_the_budget_is_over_it() -> None:
    cent = line(
        "queue", "requests", 0, 0, 0, monthly_usd=Span.fixed(0).map(lambda _: Decimal("0.01"))
    )
    assert broken(billed(*LINES, cent, budget=CEILING)) == {"monthly-budget"}


def test_without_a_budget_nothing_is_held_to_one() -> None:
    assert broken(billed(*LINES)) == set()


def test_switches_that_fit_the_budget_are_named_cheapest_first() -> None:
    found = (
        saving("letta:savings.single_nat: true", 1800),
        saving("letta:savings.night: {}", 1500),
        saving("letta:savings.reserved_years: 1", 1300),
        saving("letta:savings.arm64: true", 900, state="refused"),
    )
    (message,) = said("monthly-budget", billed(*LINES, budget=1500, savings=lambda: found))
    assert message.endswith(
        "; any one of these would fit it: letta:savings.reserved_years: 1 (1,300.00 USD); "
        "letta:savings.night: {} (1,500.00 USD)"
    )


def test_where_no_switch_fits_the_budget_the_nearest_is_named() -> None:
    found = (saving("letta:savings.single_nat: true", 1800), saving("letta:x: y", 1600))
    (message,) = said("monthly-budget", billed(*LINES, budget=1500, savings=lambda: found))
    assert message.endswith(
        "; no one way to save would fit it, the nearest is letta:x: y (1,600.00 USD)"
    )


@pytest.mark.parametrize("dearer", [CEILING, CEILING + 1])
def test_a_switch_that_takes_nothing_off_the_maximum_is_no_way_out(dearer: int) -> None:
    found = (saving("letta:savings.reserved_years: 1", dearer),)
    (message,) = said("monthly-budget", billed(*LINES, budget=1500, savings=lambda: found))
    assert message.endswith("; raise letta:budget, or lower sizes and maximums")


def test_switches_are_not_counted_for_a_bill_that_fits() -> None:
    def never() -> tuple[Saving, ...]:
        raise AssertionError("nobody asked")

    assert broken(billed(*LINES, budget=CEILING, savings=never)) == set()


def test_prices_that_nobody_can_check_never_block_but_warn() -> None:
    unsure = line("llm", "new model", 500, as_of=None)
    deployment = billed(*LINES, unsure, budget=CEILING)
    assert broken(deployment) == {"monthly-budget-uncertain"}
    (message,) = said("monthly-budget-uncertain", deployment)
    assert message.startswith(
        "letta-medium: may cost 2,363.00 USD a month with every autoscaler at its maximum, "
        "500.00 USD more than the budget of 1,863.00 USD; dearest are "
    )
    assert message.endswith(
        "; 500.00 USD of it come from prices that nobody can check, so it is let through; look "
        "those prices up and date them in the price book test, or raise letta:budget, or lower "
        "sizes and maximums"
    )


def test_a_bill_over_the_budget_without_them_is_refused_all_the_same() -> None:
    unsure = line("llm", "new model", 500, as_of=None)
    assert broken(billed(*LINES, unsure, budget=1862)) == {"monthly-budget"}


def missing(*names: str) -> Missing:
    return Missing(
        component="api",
        item="machine m9.large",
        service="ec2",
        sku="m9.large",
        region="us-east-1",
        unit="hour",
        resources=names,
        urns=tuple(f"urn:pulumi:test::letta::aws:autoscaling/group:Group::{one}" for one in names),
        reason="the nearest sku of ec2 is m5.large",
    )


def test_a_missing_price_names_each_resource_and_the_row_to_add() -> None:
    deployment = billed(*LINES, missing=[missing("letta-a", "letta-b")])
    assert broken(deployment) == {"every-billable-resource-is-priced"}
    assert said("every-billable-resource-is-priced", deployment) == [
        f"{name}: machine m9.large has no price: the nearest sku of ec2 is m5.large; add a row of "
        "service ec2, sku m9.large, region us-east-1, unit hour to pricing/books/test"
        for name in ("letta-a", "letta-b")
    ]


def test_a_missing_price_that_no_one_resource_needs_names_the_deployment() -> None:
    (message,) = said("every-billable-resource-is-priced", billed(*LINES, missing=[missing()]))
    assert message.startswith("letta-medium: machine m9.large has no price: ")


def test_what_has_a_price_is_held_to_the_budget_when_another_price_is_missing() -> None:
    deployment = billed(*LINES, budget=1500, missing=[missing("letta-a")])
    assert broken(deployment) == {"monthly-budget", "every-billable-resource-is-priced"}


@pytest.mark.parametrize(
    ("as_of", "old"), [(date(2025, 11, 23), False), (date(2025, 11, 22), True)]
)
def test_prices_older_than_twelve_months_are_named(as_of: date, old: bool) -> None:
    assert broken(billed(*LINES, line("cache", "node", 45, as_of=as_of))) == (
        {"price-age"} if old else set()
    )


def test_the_oldest_price_is_named() -> None:
    lines = (
        line("cache", "node", 45, as_of=date(2025, 1, 31)),
        line("queue", "requests", 1, as_of=date(2024, 6, 1)),
    )
    assert said("price-age", billed(*LINES, *lines)) == [
        "letta-medium: 2 of its 9 prices are older than 12 months, the oldest, of ec2 requests, "
        "is of 2024-06-01; look them up and date them in the price book test"
    ]
    assert said("price-age", billed(*LINES, *lines), mostMonths=60) == []


def test_traffic_to_the_internet_beyond_a_fifth_of_the_bill_is_named() -> None:
    assert broken(
        billed(line("api", "machine", 80), line("network", "egress", 20, egress=True))
    ) == (set())
    deployment = billed(line("api", "machine", 79), line("network", "egress", 21, egress=True))
    assert broken(deployment) == {"egress-share"}
    assert said("egress-share", deployment) == [
        "letta-medium: traffic to the internet is 21 % of its expected bill (21.00 USD a month), "
        "most is 20 %; let a content delivery network answer what it can, or correct "
        "letta:workload.traffic_kb_per_message"
    ]
    assert said("egress-share", deployment, mostPercent=30) == []


def test_any_rise_is_let_through_unless_an_organisation_sets_a_limit() -> None:
    deployment = billed(*LINES, records=[record(100, 100)])
    assert broken(deployment) == set()
    assert said("cost-change", deployment, mostRisePercent=10) == [
        "letta-medium: is expected to cost 1,304.00 USD a month, 1,204.00 USD more than the 100.00 "
        "USD that is deployed; the most that it may rise by is 10 %; make the change smaller, or "
        "waive the rule for it"
    ]


@pytest.mark.parametrize(("deployed", "refused"), [(1185, True), (1186, False), (2000, False)])
def test_a_rise_is_refused_beyond_the_share_and_no_earlier(deployed: int, refused: bool) -> None:
    deployment = billed(*LINES, records=[record(deployed, deployed)])
    assert bool(said("cost-change", deployment, mostRisePercent=10)) is refused


def test_a_first_deployment_is_no_rise() -> None:
    assert said("cost-change", billed(*LINES), mostRisePercent=10) == []


NEEDS_A_RECORD = {"mostRisePercent": 10}


@pytest.mark.parametrize("rule", cost.RULES, ids=lambda rule: rule.name)
def test_a_thing_that_cannot_be_told_is_refused_by_every_rule_that_counts_it(rule: Rule) -> None:
    deployment = billed(*LINES, budget=CEILING, records=[record(1, 1)])
    thing: Any = Unknown("letta-x", "urn", "its type is unknown")
    inventory = Inventory(cloud="aws", region="us-east-1", things=(thing,))
    (found,) = violations(rule, replace(deployment, inventory=inventory), NEEDS_A_RECORD)
    assert found.message == "cannot decide: its type is unknown"
    assert found.resource == "letta-x"


def test_an_unknown_is_refused_even_where_a_tariff_passes_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = billed(*LINES, budget=CEILING)
    bill = deployment.bill
    monkeypatch.setattr("policies.facts.model.deployment.price", lambda *_: bill)
    thing: Any = Unknown("letta-x", "urn", "its type is unknown")
    inventory = Inventory(cloud="aws", region="us-east-1", things=(thing,))
    with pytest.raises(Undecidable):
        print(replace(deployment, inventory=inventory).bill)


@pytest.mark.parametrize("rule", cost.RULES, ids=lambda rule: rule.name)
def test_a_cloud_without_a_tariff_is_refused_and_crashes_no_rule(rule: Rule) -> None:
    deployment = billed(*LINES, budget=CEILING, records=[record(1, 1)])
    inventory = Inventory(cloud="moon", region="us-east-1", things=())
    (found,) = violations(rule, replace(deployment, inventory=inventory), NEEDS_A_RECORD)
    assert found.message.startswith("cannot decide: there is no cloud 'moon'")


def test_the_bill_is_counted_once_for_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def counting(*arguments: Any) -> Bill:  # noqa: ANN401  (those of `price`)
        counted.append(arguments)
        return price(*arguments)

    monkeypatch.setattr("policies.facts.model.deployment.price", counting)
    deployment = facts("medium", good("medium"))
    for rule in RULES:
        list(violations(rule, deployment, {}))
    list(cost_report.messages(deployment))
    assert len(counted) == 1
