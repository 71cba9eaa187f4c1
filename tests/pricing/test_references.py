"""The document's three bills, line by line; what they cost today."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from infra.tiers import TIERS as SIZES
from pricing import references
from pricing.bill import Bill, Unpriced
from pricing.book import Book, load
from pricing.references import BadReferenceError, reference
from pricing.references.architecture import architectures
from pricing.span import Span
from pricing.usage import usage_of

SOURCE = load("source-2025")
LIST = load("list")

# Sections 9.1, 9.2 and 9.3 of the requirements document, in its order.
DOCUMENT = {
    "small": {
        "api": "30",
        "database": "35",
        "vectors": "0",
        "llm-input": "27",
        "llm-output": "9",
        "objects": "0.46",
        "egress": "0.45",
        "monitoring": "0",
    },
    "medium": {
        "api": "270",
        "worker": "30",
        "database": "400",
        "vectors": "96",
        "llm": "450",
        "embedding": "0.10",
        "objects": "2.30",
        "disks": "64",
        "load-balancer": "66",
        "egress": "4.50",
        "cache": "45",
        "apm": "30",
        "logs": "25",
    },
    "large": {
        "cluster": "73",
        "api": "2100",
        "worker": "750",
        "database": "2500",
        "vectors": "600",
        "llm": "3000",
        "embedding": "400",
        "objects": "23",
        "disks": "960",
        "load-balancer": "200",
        "egress": "45",
        "cache": "600",
        "apm": "500",
        "logs": "100",
        "firewall": "50",
    },
}
TOTALS = {"small": 102, "medium": 1483, "large": 11_901}
ROUNDINGS = {"small": "0.09", "medium": "0.10", "large": "0"}
# Section 9.4.
PER_AGENT = {"small": "1.02", "medium": "1.48", "large": "1.19"}
PER_MESSAGE = {"small": "0.00204", "medium": "0.00148", "large": "0.00060"}
# Amounts that the document states, and what its own prices give; None: it has none.
STATED: dict[str, dict[str, str | None]] = {
    "small": {"vectors": None},
    "medium": {"llm": "585.00", "load-balancer": "66.20"},
    "large": {
        "vectors": "750.00",
        "llm": "14160.00",
        "load-balancer": "200.00",
        "apm": "418.00",
        "logs": "100.00",
        "firewall": None,
    },
}


def _rounded(number: Decimal | None, like: str) -> Decimal:
    assert number is not None
    return number.quantize(Decimal(like), rounding=ROUND_HALF_UP)


def _amounts(bill: Bill) -> list[Decimal]:
    return [line.monthly_usd.expected for line in bill.lines if line.component != "rounding"]


def _without(book: Book, service: str, sku: str) -> Book:
    rows = tuple(row for row in book.rows if (row.service, row.sku) != (service, sku))
    assert len(rows) < len(book.rows)
    return Book(name=book.name, rows=rows)


def _dearer(book: Book, service: str, sku: str, usd: str) -> Book:
    rows = tuple(
        replace(row, usd=Decimal(usd)) if (row.service, row.sku) == (service, sku) else row
        for row in book.rows
    )
    return Book(name=book.name, rows=rows)


def _priced(book: Book) -> list[tuple[str, str, str]]:
    return [
        (tier, line.service, line.sku)
        for tier in references.TIERS
        for line in reference(tier, book).lines
        if line.service != "requirements"
    ]


@pytest.mark.parametrize("tier", references.TIERS)
def test_every_line_is_the_documents(tier: str) -> None:
    items = references.architecture(tier).items
    assert [item.name for item in items] == list(DOCUMENT[tier])
    assert _amounts(reference(tier, SOURCE)) == [Decimal(usd) for usd in DOCUMENT[tier].values()]
    assert [item.usd for item in items] == [Decimal(usd) for usd in DOCUMENT[tier].values()]


@pytest.mark.parametrize("tier", references.TIERS)
def test_the_totals_are_the_documents_and_its_rounding_is_a_line_of_its_own(tier: str) -> None:
    bill = reference(tier, SOURCE)
    assert bill.monthly_usd == Span.fixed(TOTALS[tier])
    rounding = [line for line in bill.lines if line.component == "rounding"]
    assert sum(line.monthly_usd.expected for line in rounding) == Decimal(ROUNDINGS[tier])
    assert len(rounding) == (ROUNDINGS[tier] != "0")
    assert sum(_amounts(bill)) == TOTALS[tier] - Decimal(ROUNDINGS[tier])


@pytest.mark.parametrize("tier", references.TIERS)
def test_the_cost_of_an_agent_and_of_a_message_is_the_documents(tier: str) -> None:
    bill = reference(tier, SOURCE)
    assert _rounded(bill.per_agent_usd, "0.01") == Decimal(PER_AGENT[tier])
    assert _rounded(bill.per_message_usd, "0.00001") == Decimal(PER_MESSAGE[tier])


@pytest.mark.parametrize("tier", references.TIERS)
def test_an_amount_that_the_documents_prices_do_not_give_is_marked_with_what_they_give(
    tier: str,
) -> None:
    found = references.statement(tier, SOURCE)
    stated = {line.name: line.computed_usd for line in found if line.basis == "stated"}
    expected = {name: None if usd is None else Decimal(usd) for name, usd in STATED[tier].items()}
    assert stated == expected
    for line in found:
        if line.basis == "priced":
            assert line.computed_usd == line.stated_usd, line.item
            assert not line.note
        else:
            assert line.note, line.item


@pytest.mark.parametrize("tier", references.TIERS)
def test_a_stated_line_of_the_bill_says_so_and_shows_the_other_amount(tier: str) -> None:
    by_item = {line.item: line for line in reference(tier, SOURCE).lines}
    for stated in references.statement(tier, SOURCE):
        line = by_item[stated.item]
        assert line.note.startswith("stated: ") == (stated.basis == "stated")
        if stated.basis == "stated" and stated.computed_usd is not None:
            assert line.note.endswith(f"prices give {stated.computed_usd}")


@pytest.mark.parametrize("tier", references.TIERS)
def test_loads_and_tokens_are_those_of_the_stacks_own_tier(tier: str) -> None:
    found = references.architecture(tier)
    workload = SIZES[tier].workload
    assert (found.agents, found.messages) == (
        workload.agents,
        workload.agents * workload.messages_per_agent,
    )
    usage = usage_of(workload)
    tokens: dict[str, Decimal] = {}
    for line in reference(tier, LIST).lines:
        if line.component == "llm":
            kind = line.sku.partition(":")[2]
            tokens[kind] = line.quantity.expected * 1_000_000
    assert tokens.get("cache-read", 0) == usage.cached_input_tokens
    assert tokens["input"] + tokens.get("cache-read", 0) == usage.input_tokens
    assert tokens["output"] == usage.output_tokens


def _usd(service: str, sku: str) -> Decimal:
    return LIST.price(service, sku, "us-east-1").usd


def test_the_same_small_architecture_at_list_prices_is_the_sum_by_hand() -> None:
    by_hand = (
        730 * _usd("ec2", "t3.medium")
        + 730 * _usd("rds-postgres", "db.t3.small:single-az")
        + 50 * _usd("rds-postgres", "storage-gp3:single-az")
        + 180 * _usd("openai", "gpt-4.1-mini:input")
        + 15 * _usd("openai", "gpt-4.1-mini:output")
        + 20 * _usd("s3", "standard-first-50TB")
    )
    total = reference("small", LIST).monthly_usd.expected
    assert abs(total - by_hand) < Decimal("0.02")


def test_the_same_medium_architecture_at_list_prices_is_the_sum_by_hand() -> None:
    by_hand = (
        3 * 730 * _usd("ec2", "m5.large")
        + 730 * _usd("ec2", "t3.medium")
        + 2 * 730 * _usd("rds-postgres", "db.r5.large:single-az")
        + 400 * _usd("rds-postgres", "storage-gp3:single-az")
        + _usd("pinecone", "standard-minimum")
        + 1800 * _usd("openai", "gpt-4.1-mini:input")
        + 1800 * _usd("openai", "gpt-4.1-mini:cache-read")
        + 300 * _usd("openai", "gpt-4.1-mini:output")
        + 5 * _usd("openai", "text-embedding-3-small:input")
        + 100 * _usd("s3", "standard-first-50TB")
        + 800 * _usd("ebs", "gp3")
        + 730 * _usd("elb", "alb:hour")
        + 6250 * _usd("elb", "alb:lcu")
        + 730 * _usd("elasticache-redis", "cache.t4g.medium")
        + 100 * _usd("new-relic", "ingest-over-100GB")
        + 50 * _usd("cloudwatch", "logs-ingest")
    )
    total = reference("medium", LIST).monthly_usd.expected
    assert abs(total - by_hand) < Decimal("0.02")


def test_the_same_large_architecture_at_list_prices_is_the_sum_by_hand() -> None:
    by_hand = (
        730 * _usd("eks", "control-plane")
        + 8 * 730 * _usd("ec2", "m5.2xlarge")
        + (3 + 3) * 730 * _usd("ec2", "c5.2xlarge")
        + (2 + 2) * 730 * _usd("rds-postgres", "db.r5.4xlarge:single-az")
        + (2 + 2) * 1000 * _usd("rds-postgres", "storage-gp3:single-az")
        + 6 * 3600 * _usd("anthropic", "claude-haiku-4-5:input")
        + 14 * 3600 * _usd("anthropic", "claude-haiku-4-5:cache-read")
        + 20 * 300 * _usd("anthropic", "claude-haiku-4-5:output")
        + 730 * _usd("ec2", "g4dn.xlarge")
        + 1000 * _usd("s3", "standard-first-50TB")
        + (12 * 1000 + 3 * 200) * _usd("ebs", "gp3")
        + 730 * _usd("elb", "alb:hour")
        + 22_975 * _usd("elb", "alb:lcu")
        + (500 - 100) * _usd("data-transfer", "internet-out-first-10TB")
        + 2 * 730 * _usd("elasticache-redis", "cache.r6g.xlarge")
        + 8 * (_usd("datadog", "apm:annual") + _usd("datadog", "infra-pro:annual"))
        + 500 * _usd("datadog", "logs-ingest")
        + 200 * _usd("cloudwatch", "logs-ingest")
        + _usd("waf", "web-acl")
        + 20 * _usd("waf", "requests")
    )
    total = reference("large", LIST).monthly_usd.expected
    assert abs(total - by_hand) < Decimal("0.02")


@pytest.mark.parametrize("tier", references.TIERS)
def test_what_has_no_exact_equivalent_today_says_why(tier: str) -> None:
    for item in references.architecture(tier).items:
        old = {charge.sku.removesuffix(":month") for charge in item.charges.get("source", ())}
        new = {charge.sku for charge in item.charges.get("list", ())}
        if old != new and item.stated == "":
            plain = {node.removesuffix("-cluster") for node in old} == new and len(new) == 1
            assert item.list_note or plain, item.item


@pytest.mark.parametrize("tier", references.TIERS)
def test_lines_at_list_prices_carry_the_note_and_the_documents_own_do_not(tier: str) -> None:
    notes = {item.item: item.list_note for item in references.architecture(tier).items}
    for line in reference(tier, LIST).lines:
        (note,) = (note for item, note in notes.items() if line.item.startswith(item))
        assert line.note == note
    for line in reference(tier, SOURCE).lines:
        assert not line.note or line.service == "requirements"


def test_traffic_out_and_who_bills_are_told_of_each_line() -> None:
    large = reference("large", LIST)
    assert large.egress_usd.expected == 36
    assert reference("large", SOURCE).egress_usd.expected == 45
    billers = {line.service: line.billed_by for line in large.lines}
    assert (billers["ec2"], billers["anthropic"], billers["datadog"]) == (
        "cloud",
        "models",
        "services",
    )


@pytest.mark.parametrize("tier", references.TIERS)
def test_a_comparison_adds_up_to_both_bills(tier: str) -> None:
    found = references.compare(tier, SOURCE, LIST)
    assert sum(line.usd for line in found) == reference(tier, LIST).monthly_usd.expected
    assert sum(line.stated.stated_usd for line in found) == sum(
        Decimal(usd) for usd in DOCUMENT[tier].values()
    )
    assert references.amounts(tier, LIST) == {line.stated.name: line.usd for line in found}


@pytest.mark.parametrize("book", [SOURCE, LIST], ids=lambda book: book.name)
def test_any_price_that_is_deleted_is_named(book: Book) -> None:
    rows = _priced(book)
    assert len(rows) > 20
    for tier, service, sku in rows:
        with pytest.raises(Unpriced, match=rf"{service} {sku.split('+')[0]}"):
            reference(tier, _without(book, service, sku))


def test_a_price_that_no_longer_gives_the_documents_amount_is_an_error() -> None:
    for usd, given in (("91", "273.00"), ("89.99", "269.97")):
        with pytest.raises(BadReferenceError, match=rf"{given} for '3 × m5.large'.* has 270$"):
            reference("medium", _dearer(SOURCE, "ec2", "m5.large:month", usd))


def test_lines_that_the_document_cannot_have_rounded_to_its_total_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = references.architecture("medium")
    for total, wrong in ((1483, False), (1482, True), (1484, True)):
        changed = replace(found, usd=Decimal(total))
        monkeypatch.setitem(architectures(), "medium", changed)
        if wrong:
            with pytest.raises(
                BadReferenceError, match=rf"come to 1482\.90, .* rounded to {total}"
            ):
                reference("medium", SOURCE)
        else:
            reference("medium", SOURCE)


def test_lines_that_could_only_have_been_rounded_down_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = references.architecture("medium")
    items = tuple(
        replace(item, usd=Decimal("450.30")) if item.name == "llm" else item for item in found.items
    )
    monkeypatch.setitem(architectures(), "medium", replace(found, items=items))
    with pytest.raises(BadReferenceError, match=r"come to 1483\.20, .* rounded to 1483"):
        reference("medium", SOURCE)


def test_an_architecture_that_the_document_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="'huge'; it has small, medium, large"):
        reference("huge", SOURCE)
