"""AWS' price list: the entry that is meant, among those that look like it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from pricing.book import Price, load
from tests.pricing.price_lists import (
    AWS_COLUMNS,
    Web,
    aws_entry,
    aws_file,
    linux,
    reserved,
    row,
)
from tools.refresh_prices import aws
from tools.refresh_prices.aws_rules import RULES
from tools.refresh_prices.source import Found, Kept


def _answer(asked: Price, offer: str, *entries: Mapping[str, str]) -> Found | Kept:
    web = Web({aws.URL.format(offer=offer, region=asked.region): aws_file(*entries)})
    return aws.find([asked], web.fetch)[asked]


def _usd(asked: Price, offer: str, *entries: Mapping[str, str]) -> Decimal:
    answer = _answer(asked, offer, *entries)
    assert isinstance(answer, Found), answer
    return answer.usd


_MACHINE = "BoxUsage:m5.large"


@pytest.mark.parametrize(
    "other",
    [
        linux(_MACHINE, "0.188", operation="RunInstances:0002", Operating_System="Windows"),
        linux(_MACHINE, "0.576", Operating_System="Windows"),
        linux("DedicatedUsage:m5.large", "0.102", Tenancy="Dedicated"),
        linux(_MACHINE, "0.102", Tenancy="Dedicated"),
        linux("UnusedBox:m5.large", "0.1", CapacityStatus="UnusedCapacityReservation"),
        linux(_MACHINE, "0", CapacityStatus="AllocatedCapacityReservation"),
        linux(_MACHINE, "0.188", operation="RunInstances:0002"),
        {**linux(_MACHINE, "0.576"), "Pre Installed S/W": "SQL Std"},
        linux("BoxUsage:m5.large.more", "7"),
        linux("BoxUsage:m5.2xlarge", "0.384"),
        linux(_MACHINE, "0.7", Currency="CNY"),
        reserved(linux(_MACHINE, "0.0605"), 1, "No Upfront"),
    ],
)
def test_a_machine_on_demand_is_not_its_neighbour_in_the_list(other: Mapping[str, str]) -> None:
    asked = row("ec2", "m5.large", "us-east-1")
    assert _usd(asked, "AmazonEC2", other, linux(_MACHINE, "0.0960000000"), other) == Decimal(
        "0.096"
    )


def test_usage_types_of_other_regions_have_a_prefix() -> None:
    asked = row("ec2", "m5.large", "eu-central-1")
    entry = linux("EUC1-BoxUsage:m5.large", "0.115")
    other = linux("EUC1-HostBoxUsage:m5.large", "9")
    assert _usd(asked, "AmazonEC2", other, entry) == Decimal("0.115")


@pytest.mark.parametrize(("sku", "usd"), [("reserved-1y", "0.0605"), ("reserved-3y", "0.0415")])
def test_a_reserved_machine_is_standard_and_pays_nothing_in_advance(sku: str, usd: str) -> None:
    machine = linux(_MACHINE, "0.096")
    entries = [
        machine,
        reserved(linux(_MACHINE, "0.0605"), 1, "No Upfront"),
        reserved(linux(_MACHINE, "0.0415"), 3, "No Upfront"),
        reserved(linux(_MACHINE, "0.0695"), 1, "No Upfront", OfferingClass="convertible"),
        reserved(linux(_MACHINE, "0.029"), 1, "Partial Upfront"),
        reserved(linux(_MACHINE, "251", Unit="Quantity"), 1, "Partial Upfront"),
        reserved(linux(_MACHINE, "493", Unit="Quantity"), 1, "All Upfront"),
        reserved(linux(_MACHINE, "0", Unit="Hrs"), 1, "All Upfront"),
    ]
    asked = row("ec2", f"m5.large:{sku}", "us-east-1")
    assert _usd(asked, "AmazonEC2", *entries) == Decimal(usd)


def _database(engine: str, usd: str, **other: str) -> dict[str, str]:
    usage = "Multi-AZUsage:db.r5.large" if "Multi" in str(other) else "InstanceUsage:db.r5.large"
    defaults = {"Deployment_Option": "Single-AZ", "Database_Engine": engine}
    return aws_entry(usage, usd, **{**defaults, **other})


@pytest.mark.parametrize(("zones", "usd"), [("single-az", "0.25"), ("multi-az", "0.5")])
def test_a_postgresql_server_is_not_a_mysql_server(zones: str, usd: str) -> None:
    entries = [
        _database("MySQL", "0.24"),
        _database("MariaDB", "0.24"),
        _database("Aurora PostgreSQL", "0.29"),
        _database("PostgreSQL", "0.25"),
        _database("MySQL", "0.48", Deployment_Option="Multi-AZ"),
        _database("PostgreSQL", "0.5", Deployment_Option="Multi-AZ"),
        _database("PostgreSQL", "0.85", Deployment_Option="Multi-AZ (readable standbys)"),
    ]
    asked = row("rds-postgres", f"db.r5.large:{zones}", "us-east-1")
    assert _usd(asked, "AmazonRDS", *entries) == Decimal(usd)


def test_three_years_of_a_database_count_what_is_paid_in_advance() -> None:
    """Half in advance: 1,314 dollars are 5 cents for each of 26,280 hours."""
    entries = [
        reserved(_database("PostgreSQL", "0.05"), 3, "Partial Upfront"),
        reserved(_database("PostgreSQL", "1314", Unit="Quantity"), 3, "Partial Upfront"),
        reserved(_database("PostgreSQL", "2500", Unit="Quantity"), 3, "All Upfront"),
    ]
    asked = row("rds-postgres", "db.r5.large:single-az:reserved-3y", "us-east-1")
    assert _usd(asked, "AmazonRDS", *entries) == Decimal("0.1")


def test_nodes_of_a_cache_are_told_apart_by_engine() -> None:
    entries = [
        aws_entry("NodeUsage:cache.r6g.large", usd, Cache_Engine=engine)
        for engine, usd in (("Memcached", "0.206"), ("Valkey", "0.1648"), ("Redis", "0.206"))
    ]
    asked = row("elasticache-valkey", "cache.r6g.large", "us-east-1", "node-hour")
    assert _usd(asked, "AmazonElastiCache", *entries) == Decimal("0.1648")


@pytest.mark.parametrize(
    ("sku", "usd"),
    [
        ("standard-first-50TB", "0.023"),
        ("standard-next-450TB", "0.022"),
        ("standard-over-500TB", "0.021"),
    ],
)
def test_each_step_of_a_price_is_its_own_row(sku: str, usd: str) -> None:
    usage = "TimedStorage-ByteHrs"
    entries = [
        aws_entry(usage, "0.021", StartingRange="512000", Volume_Type="Standard"),
        aws_entry(usage, "0.023", StartingRange="0", Volume_Type="Standard"),
        aws_entry(usage, "0.022", StartingRange="51200", Volume_Type="Standard"),
        aws_entry(usage, "0.99", Volume_Type="Amazon Glacier"),
        aws_entry("TimedStorage-SIA-ByteHrs", "0.0125", Volume_Type="Standard"),
    ]
    assert _usd(row("s3", sku, "us-east-1", "GB-month"), "AmazonS3", *entries) == Decimal(usd)


def test_a_price_of_one_request_becomes_that_of_a_thousand() -> None:
    asked = row("s3", "put-standard", "us-east-1", "1k requests")
    entry = aws_entry("Requests-Tier1", "0.0000050000", Unit="Requests")
    assert _usd(asked, "AmazonS3", entry) == Decimal("0.005")


def test_what_is_free_at_first_costs_what_comes_after() -> None:
    entries = [
        aws_entry("KMS-Requests", "0", StartingRange="0", EndingRange="20000"),
        aws_entry("KMS-Requests", "0.000003", StartingRange="20000"),
        aws_entry("KMS-Requests-Asymmetric", "0.000015"),
    ]
    asked = row("kms", "requests", "us-east-1", "10k requests")
    assert _usd(asked, "awskms", *entries) == Decimal("0.03")


@pytest.mark.parametrize(("sku", "usd"), [("standard", "0.4"), ("fifo", "0.5")])
def test_a_thing_may_be_told_by_its_attributes_alone(sku: str, usd: str) -> None:
    entries = [
        aws_entry("Requests-Tier1", "0.0000004", Queue_Type="Standard"),
        aws_entry("Requests-Tier1", "0.0000003", Queue_Type="Standard", StartingRange="100"),
        aws_entry("Requests-FIFO", "0.0000005", Queue_Type="FIFO (first-in, first-out)"),
    ]
    entries = [{**entry, "Product Family": "API Request"} for entry in entries]
    asked = row("sqs", sku, "us-east-1", "1M requests")
    assert _usd(asked, "AWSQueueService", *entries) == Decimal(usd)


def test_a_protected_firewall_is_not_an_ordinary_one() -> None:
    entries = [
        aws_entry("USE1-WebACLV2", "5"),
        aws_entry("ShieldProtected-WebACLV2", "0"),
        aws_entry("USE1-ShieldProtected-WebACLV2", "0"),
    ]
    assert _usd(row("waf", "web-acl", "us-east-1", "month"), "awswaf", *entries) == Decimal(5)


def test_two_prices_for_one_thing_are_no_price() -> None:
    asked = row("ec2", "m5.large", "us-east-1")
    answer = _answer(asked, "AmazonEC2", linux(_MACHINE, "0.096"), linux(_MACHINE, "0.097"))
    assert answer == Kept(reason="the price list has several prices: 0.096, 0.097")


def test_a_row_that_the_list_lacks_is_kept() -> None:
    asked = row("ec2", "m5.large", "us-east-1")
    assert _answer(asked, "AmazonEC2", linux("BoxUsage:m5.xlarge", "0.192")) == Kept(
        reason="the price list has no such entry"
    )


def test_each_file_is_read_once_and_one_that_cannot_be_does_not_stop_the_others() -> None:
    machines = [row("ec2", "m5.large", "us-east-1"), row("ec2", "c5.large", "us-east-1")]
    cache = row("elasticache-redis", "cache.t3.micro", "us-east-1")
    file = aws_file(linux(_MACHINE, "0.096"), linux("BoxUsage:c5.large", "0.085"))
    web = Web({aws.URL.format(offer="AmazonEC2", region="us-east-1"): file})
    answers = aws.find([*machines, cache], web.fetch)
    assert len(web.asked) == 2
    assert [a.usd for a in (answers[m] for m in machines) if isinstance(a, Found)] == [
        Decimal("0.096"),
        Decimal("0.085"),
    ]
    assert answers[cache] == Kept(reason="nobody.example answers 404 Not Found", unreadable=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html>moved</html>", "no heading that begins with SKU"),
        (aws_file(columns=[c for c in AWS_COLUMNS if c != "PricePerUnit"]), "no column price"),
        (aws_file(linux(_MACHINE, "free")), "'free' for a price"),
    ],
)
def test_a_file_in_another_form_changes_nothing(text: str, says: str) -> None:
    asked = row("ec2", "m5.large", "us-east-1")
    web = Web({aws.URL.format(offer="AmazonEC2", region="us-east-1"): text})
    answer = aws.find([asked], web.fetch)[asked]
    assert isinstance(answer, Kept)
    assert answer.unreadable
    assert says in answer.reason


def test_the_rules_cover_rows_of_the_book() -> None:
    """A rule whose rows were renamed would refresh nothing, and say nothing of it."""
    rows = load("list").rows
    assert [rule for rule in RULES if not any(aws.covers(rule, r) for r in rows)] == []
    assert sum(any(aws.covers(rule, r) for rule in RULES) for r in rows) > 500
