"""From charges to a bill: lines, sums, what is missing and what is weak."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.bill import Bill, Line, Unpriced, lines, price
from pricing.book import Book, Price, Trust
from pricing.inventory import Alarms, Inventory, Keys, LoadBalancer, Machines, Secrets, Thing
from pricing.span import Span
from pricing.tariffs import Charge, Terms

IDLE = Workload(agents=4, messages_per_agent=0)


def row(
    service: str,
    sku: str,
    usd: str,
    unit: str,
    *,
    as_of: date | None = date(2026, 1, 1),
    trust: Trust = "api",
    region: str = "us-east-1",
) -> Price:
    return Price(
        service=service,
        sku=sku,
        region=region,
        unit=unit,
        usd=Decimal(usd),
        as_of=as_of,
        source="a price list",
        trust=trust,
    )


SECRETS = (
    row("secretsmanager", "secret", "0.4", "secret-month"),
    row("secretsmanager", "api", "0.05", "10k calls", as_of=date(2024, 7, 1)),
)
KEYS = (row("kms", "customer-key", "1", "key-month"), row("kms", "requests", "0", "10k requests"))


def bill_of(*things: Thing, rows: tuple[Price, ...], workload: Workload = IDLE) -> Bill:
    inventory = Inventory(cloud="aws", region="us-east-1", things=things)
    return price(inventory, workload, Book(name="small", rows=rows), Terms(on=date(2026, 11, 23)))


def charge(quantity: Span | int, *, sku: str = "secret", resource: str = "") -> Charge:
    return Charge(
        component="secrets",
        item=sku,
        service="secretsmanager",
        sku=sku,
        region="us-east-1",
        unit="secret-month" if sku == "secret" else "10k calls",
        quantity=quantity if isinstance(quantity, Span) else Span.fixed(quantity),
        resource=resource,
    )


def line(amount: str, *, weak: bool = False, egress: bool = False) -> Line:
    return Line(
        component="network",
        item="something",
        service="s",
        sku="k",
        quantity=Span.fixed(1),
        unit="month",
        unit_price_usd=Decimal(amount),
        monthly_usd=Span.fixed(Decimal(amount)),
        as_of=None,
        source="",
        trust="memory",
        weak=weak,
        egress=egress,
    )


def sheet(*of: Line, agents: int = 10, messages: int = 100) -> Bill:
    return Bill(book="b", cloud="aws", region="r", lines=of, agents=agents, messages=messages)


def test_a_line_is_quantity_times_price_with_all_that_the_row_says() -> None:
    (first, second) = bill_of(Secrets(component="secrets", count=5), rows=SECRETS).lines
    assert first.quantity == Span.fixed(5)
    assert first.unit_price_usd == Decimal("0.4")
    assert first.monthly_usd == Span.fixed(2)
    assert (first.unit, first.source, first.trust) == ("secret-month", "a price list", "api")
    assert first.as_of == date(2026, 1, 1)
    assert second.as_of == date(2024, 7, 1)


@pytest.mark.parametrize(
    ("quantity", "cents"), [("0.0124", "0.00"), ("0.0125", "0.01"), ("0.0375", "0.02")]
)
def test_a_line_is_rounded_half_up_to_cents(quantity: str, cents: str) -> None:
    (found,) = lines([charge(Span.fixed(Decimal(quantity)))], Book(name="small", rows=SECRETS))
    assert found.monthly_usd.expected == Decimal(cents)


def test_the_total_is_the_sum_of_rounded_lines() -> None:
    assert sheet(line("0.01"), line("0.01"), line("2.50")).monthly_usd == Span.fixed(
        Decimal("2.52")
    )


def test_floor_expected_and_ceiling_are_priced_apart() -> None:
    machine = Machines(component="api", type="m5.large", count=Span.of(1, 2, 4))
    rows = (
        row("ec2", "m5.large", "0.1", "hour"),
        row("data-transfer", "internet-out-0-100GB", "0", "GB"),
    )
    assert bill_of(machine, rows=rows).monthly_usd == Span.of(73, 146, 292)


def test_equal_charges_of_several_resources_are_one_line_with_all_their_names() -> None:
    found = bill_of(
        Secrets(component="secrets", count=1, name="password", urn="urn:password"),
        Secrets(component="secrets", count=1, name="token", urn="urn:token"),
        rows=SECRETS,
    ).lines
    (kept,) = [each for each in found if each.sku == "secret"]
    assert kept.quantity == Span.fixed(2)
    assert kept.resources == ("password", "token")
    assert kept.urns == ("urn:password", "urn:token")
    assert kept.resource == "password, token"


def test_one_row_used_by_two_parts_of_a_deployment_is_two_lines() -> None:
    rows = (
        row("cloudwatch", "alarm-standard", "0.1", "alarm-month"),
        *SECRETS,
    )
    found = bill_of(
        Alarms(component="monitoring", count=1), Alarms(component="cluster", count=2), rows=rows
    )
    assert {each.component: each.quantity.expected for each in found.lines} == {
        "monitoring": 1,
        "cluster": 2,
    }
    assert found.by_component == {
        "monitoring": Span.fixed(Decimal("0.10")),
        "cluster": Span.fixed(Decimal("0.20")),
    }


def test_rounding_comes_after_merging() -> None:
    small = Span.fixed(Decimal("0.01"))
    book = Book(name="small", rows=SECRETS)
    # 0.004 three times: 0.012 together, nothing apart.
    (found,) = lines([charge(small), charge(small), charge(small)], book)
    assert found.monthly_usd.expected == Decimal("0.01")


def test_lines_of_charges_keep_their_order_and_a_bill_has_the_dearest_first() -> None:
    book = Book(name="small", rows=(*SECRETS, *KEYS))
    given = [charge(1, sku="api"), charge(1)]
    assert [each.sku for each in lines(given, book)] == ["api", "secret"]
    found = bill_of(
        Secrets(component="secrets", count=1), Keys(component="secrets", count=3), rows=book.rows
    )
    amounts = [each.monthly_usd.expected for each in found.lines]
    assert amounts == sorted(amounts, reverse=True)
    assert found.lines[0].sku == "customer-key"


def test_every_missing_price_is_named_with_who_needs_it() -> None:
    with pytest.raises(Unpriced) as caught:
        bill_of(
            Machines(component="api", type="m9.huge", count=Span.fixed(1), name="fleet"),
            LoadBalancer(component="ingress", zones=1, name="balancer"),
            Secrets(component="secrets", count=1, name="password"),
            rows=(*SECRETS, *KEYS, row("ec2", "m5.large", "0.1", "hour")),
        )
    error = caught.value
    assert {(each.service, each.sku, each.resources) for each in error.missing} == {
        ("ec2", "m9.huge", ("fleet",)),
        ("elb", "alb:hour", ("balancer",)),
        ("elb", "alb:lcu", ("balancer",)),
        ("vpc", "public-ipv4", ("balancer",)),
        ("data-transfer", "internet-out-0-100GB", ("balancer",)),
    }
    text = str(error)
    assert "5 prices are missing" in text
    assert "api, machine m9.huge (needed by fleet)" in text
    assert "the nearest sku of ec2 is m5.large" in text
    assert "price book small" in text


def test_what_has_a_price_is_still_summed_when_something_has_none() -> None:
    with pytest.raises(Unpriced) as caught:
        bill_of(
            Secrets(component="secrets", count=5),
            Keys(component="secrets", count=1),
            rows=SECRETS,
        )
    assert caught.value.bill is not None
    assert caught.value.bill.monthly_usd.expected == Decimal("2.02")


def test_a_price_by_another_unit_is_no_price() -> None:
    rows = (row("secretsmanager", "secret", "0.4", "hour"), SECRETS[1])
    with pytest.raises(Unpriced, match=r"by the unit 'hour', and the bill counts 'secret-month'"):
        bill_of(Secrets(component="secrets", count=1), rows=rows)


def test_a_price_of_another_region_is_no_price() -> None:
    rows = (row("secretsmanager", "secret", "0.4", "secret-month", region="eu-west-1"), SECRETS[1])
    with pytest.raises(Unpriced, match=r"the nearest region with one is eu-west-1"):
        bill_of(Secrets(component="secrets", count=1), rows=rows)


def test_a_price_of_every_region_is_one_of_this() -> None:
    rows = (row("secretsmanager", "secret", "0.4", "secret-month", region="any"), SECRETS[1])
    found = bill_of(Secrets(component="secrets", count=1), rows=rows)
    assert found.monthly_usd.expected == Decimal("0.40")


def test_a_price_of_zero_is_a_line_and_not_a_gap() -> None:
    found = bill_of(Keys(component="secrets", count=1), rows=KEYS)
    assert [each.monthly_usd.expected for each in found.lines] == [1, 0]


def test_weak_prices_are_warned_of_together_and_left_out_of_what_may_block() -> None:
    rows = (
        row("secretsmanager", "secret", "0.4", "secret-month", as_of=None),
        row("secretsmanager", "api", "0.05", "10k calls", trust="memory"),
        *KEYS,
    )
    found = bill_of(
        Secrets(component="secrets", count=5), Keys(component="secrets", count=1), rows=rows
    )
    assert found.monthly_usd.expected == Decimal("3.02")
    assert found.strong_monthly_usd.expected == 1
    assert found.warnings == (
        "2 of 4 lines rest on prices from memory or without a date, together 2.02 USD of what is "
        "expected: secretsmanager secret, secretsmanager api",
    )


SPOT = Machines(component="worker", type="m5.large", count=Span.of(1, 2, 10), spot=True)


@pytest.mark.parametrize(
    ("spot_usd", "regular", "least_usd"),
    [
        ("0.04", row("ec2", "m5.large", "0.1", "hour"), "0.03"),
        ("0.02", row("ec2", "m5.large", "0.1", "hour"), "0.02"),
        ("0.04", row("ec2", "m5.large", "0.1", "hour", as_of=None), "0"),
        ("0.04", row("ec2", "m6i.large", "0.1", "hour"), "0"),
    ],
    ids=["a share of it", "never more than the line", "it is weak too", "it is unknown"],
)
def test_spare_capacity_may_block_by_a_share_of_its_regular_price(
    spot_usd: str, regular: Price, least_usd: str
) -> None:
    rows = (row("ec2-spot", "m5.large", spot_usd, "hour", as_of=None), regular)
    found = bill_of(SPOT, rows=rows)
    hours = Span.of(730, 1460, 7300)
    assert found.monthly_usd == hours * Decimal(spot_usd)
    assert found.strong_monthly_usd == hours * Decimal(least_usd)


def test_spare_capacity_with_a_price_that_can_be_checked_counts_whole() -> None:
    rows = (
        row("ec2-spot", "m5.large", "0.04", "hour"),
        row("ec2", "m5.large", "0.1", "hour"),
    )
    found = bill_of(SPOT, rows=rows)
    assert found.strong_monthly_usd == found.monthly_usd


def test_a_bill_of_good_prices_has_no_warning() -> None:
    assert bill_of(Keys(component="secrets", count=1), rows=KEYS).warnings == ()


def test_the_age_of_a_bill_is_that_of_its_oldest_price() -> None:
    found = bill_of(Secrets(component="secrets", count=1), rows=(*SECRETS, *KEYS))
    assert found.oldest == date(2024, 7, 1)
    assert sheet(line("1")).oldest is None


def test_the_share_of_traffic_is_counted_from_the_lines_that_are_traffic() -> None:
    found = sheet(line("1", egress=True), line("3"))
    assert found.egress_usd == Span.fixed(1)
    assert found.egress_share == Decimal("0.25")
    assert sheet().egress_share == 0


def test_agents_and_messages_have_a_cost_each() -> None:
    found = sheet(line("5"), agents=10, messages=100)
    assert found.per_agent_usd == Decimal("0.5")
    assert found.per_message_usd == Decimal("0.05")
    assert sheet(line("5"), messages=0).per_message_usd is None


def test_agents_and_messages_are_those_of_the_workload() -> None:
    workload = Workload(agents=40, messages_per_agent=25)
    found = bill_of(Keys(component="secrets", count=1), rows=KEYS, workload=workload)
    assert (found.agents, found.messages) == (40, 1000)
