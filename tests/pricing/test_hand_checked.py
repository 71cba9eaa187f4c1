"""The bills of medium and large at `list`, against sums done by hand.

Each entry is a quantity of one month, worked out here from the sizes of the tier and the
workload, and the row of the price list; nothing of `pricing` takes part in the sum.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

import pricing
from pricing.bill import Bill
from pricing.book import load
from pricing.stack import bill_of
from pricing.stack import load as load_settings

Entry = tuple[str, str, float, float, float]
"""Service, sku, and the quantity at floor, expectation and ceiling."""

_ROWS = Path(pricing.__file__).parent / "books" / "list"
TOLERANCE = Decimal("0.005")
HOURS = 730

_DOMAIN = {"domain": "letta.example.com", "hosted_zone": "example.com"}

MEDIUM: dict[str, str] = {
    "tier": "medium",
    "cloud": "aws",
    "region": "us-east-1",
    "workload": json.dumps({"agents": 1000, "messages_per_agent": 1000}),
    "ingress": json.dumps(_DOMAIN),
    "llm": json.dumps({"model": "openai/gpt-4.1-mini"}),
}
MEDIUM_BY_HAND: list[Entry] = [
    # 2, 3 and 10 servers of 8 GiB; 1, 1 and 2 workers of 4 GiB; 200 GiB of disk each
    ("ec2", "m5.large", 2 * HOURS, 3 * HOURS, 10 * HOURS),
    ("ec2", "t3.medium", HOURS, HOURS, 2 * HOURS),
    ("ebs", "gp3", 3 * 200, 4 * 200, 12 * 200),
    # a database with a standby and 200 GiB that may grow to 500, and one replica of it
    ("rds-postgres", "db.r5.large:multi-az", HOURS, HOURS, HOURS),
    ("rds-postgres", "storage-gp3:multi-az", 200, 200, 500),
    ("rds-postgres", "db.r5.large:single-az", HOURS, HOURS, HOURS),
    ("rds-postgres", "storage-gp3:single-az", 200, 200, 500),
    ("elasticache-redis", "cache.t4g.medium", HOURS, HOURS, HOURS),
    # 2 zones: an address of the load balancer and a gateway with its address in each
    ("elb", "alb:hour", HOURS, HOURS, HOURS),
    ("elb", "alb:lcu", 25, 25, 25),
    ("vpc", "public-ipv4", 4 * HOURS, 4 * HOURS, 4 * HOURS),
    ("vpc", "nat-gateway:hour", 2 * HOURS, 2 * HOURS, 2 * HOURS),
    # prompts 14.4 GB, answers 1.2, log lines 25
    ("vpc", "nat-gateway:data", 40.6, 40.6, 40.6),
    # 100 GB with the database, half of it between zones, billed on the side of the servers
    ("data-transfer", "inter-az-each-way", 50, 50, 50),
    # 25 GB to callers and 14.4 to the provider are within the free 100
    # 1 M messages of 3600 tokens, half of them cached, and 300
    ("openai", "gpt-4.1-mini:input", 1800, 1800, 1800),
    ("openai", "gpt-4.1-mini:cache-read", 1800, 1800, 1800),
    ("openai", "gpt-4.1-mini:output", 300, 300, 300),
    ("openai", "text-embedding-3-small:input", 5, 5, 5),
    # 100 GB of files that arrived over a year: 30, 60 and 275 days of 365
    # and a dump of 2.9 GB a day, 30 days of which are kept, and 7 as replaced versions
    ("s3", "standard-first-50TB", 96.5, 96.5, 104.7),
    ("s3", "standard-ia", 37.0, 37.0, 53.5),
    ("s3", "glacier-flexible", 75.3, 75.3, 150.7),
    # 25 GB of the servers, 1 GB of each of four others
    ("cloudwatch", "logs-ingest", 29, 29, 29),
    ("cloudwatch", "logs-storage", 4.3, 4.3, 4.3),
    # two clusters with a service each, and a metric of each service's logs and of dumps
    ("cloudwatch", "custom-metric-first-10k", 67, 67, 67),
    ("cloudwatch", "alarm-standard", 29, 29, 29),
    ("secretsmanager", "secret", 4, 4, 4),
    ("kms", "customer-key", 1, 1, 1),
]

LARGE: dict[str, str] = {
    "tier": "large",
    "cloud": "aws",
    "region": "us-east-1",
    "workload": json.dumps({"agents": 10_000, "messages_per_agent": 2000}),
    "ingress": json.dumps({**_DOMAIN, "control_plane": {"allowed_cidrs": [], "version": "1.35"}}),
    "llm": json.dumps({"model": "anthropic/claude-haiku-4-5"}),
}
LARGE_BY_HAND: list[Entry] = [
    # 2, 8 and 10 servers, 2, 3 and 6 workers, 1, 1 and 2 machines with a GPU
    ("ec2", "m5.2xlarge", 2 * HOURS, 8 * HOURS, 10 * HOURS),
    ("ec2", "c5.2xlarge", 2 * HOURS, 3 * HOURS, 6 * HOURS),
    ("ec2", "g4dn.xlarge", HOURS, HOURS, 2 * HOURS),
    ("ebs", "gp3", 4 * 100 + 50, 11 * 100 + 50, 16 * 100 + 2 * 50),
    ("eks", "control-plane", HOURS, HOURS, HOURS),
    # a database with a standby and 1000 GiB that may grow to 4000, and two replicas of it
    ("rds-postgres", "db.r5.4xlarge:multi-az", HOURS, HOURS, HOURS),
    ("rds-postgres", "storage-gp3:multi-az", 1000, 1000, 4000),
    ("rds-postgres", "db.r5.4xlarge:single-az", 2 * HOURS, 2 * HOURS, 2 * HOURS),
    ("rds-postgres", "storage-gp3:single-az", 2000, 2000, 8000),
    ("elasticache-redis", "cache.r6g.xlarge", 2 * HOURS, 2 * HOURS, 2 * HOURS),
    # 3 zones
    ("elb", "alb:hour", HOURS, HOURS, HOURS),
    ("elb", "alb:lcu", 500, 500, 500),
    ("vpc", "public-ipv4", 6 * HOURS, 6 * HOURS, 6 * HOURS),
    ("vpc", "nat-gateway:hour", 3 * HOURS, 3 * HOURS, 3 * HOURS),
    # prompts 288 GB, answers 24, log lines 500
    ("vpc", "nat-gateway:data", 812, 812, 812),
    # 500 GB to callers and 288 to the provider, less 100
    ("data-transfer", "internet-out-first-10TB", 688, 688, 688),
    # 2000 GB with the database, two thirds between zones, on the side of the servers
    ("data-transfer", "inter-az-each-way", 1333, 1333, 1333),
    # 20 M messages of 3600 tokens, 70 % cached and the rest written to the cache, and 300
    ("anthropic", "claude-haiku-4-5:cache-read", 50_400, 50_400, 50_400),
    ("anthropic", "claude-haiku-4-5:cache-write-5m", 21_600, 21_600, 21_600),
    ("anthropic", "claude-haiku-4-5:output", 6000, 6000, 6000),
    # 1000 GB of files
    # and a dump of 57.7 GB a day, 30 days of which are kept, and 7 as replaced versions
    ("s3", "standard-first-50TB", 1813, 1813, 1895),
    ("s3", "standard-ia", 568, 568, 733),
    ("s3", "glacier-flexible", 753, 753, 1507),
    # 500 GB of the servers, 30 of the control plane, 40 of the firewall, nine others
    ("cloudwatch", "logs-ingest", 579, 579, 579),
    ("cloudwatch", "logs-storage", 86, 86, 86),
    # 940 measurements a minute of each machine
    ("cloudwatch", "container-insights-observations", 5 * 41.2, 12 * 41.2, 18 * 41.2),
    ("cloudwatch", "alarm-standard", 40, 40, 40),
    ("waf", "web-acl", 1, 1, 1),
    ("waf", "rule", 5, 5, 5),
    ("waf", "requests", 20, 20, 20),
    ("secretsmanager", "secret", 4, 4, 4),
    ("kms", "customer-key", 1, 1, 1),
]


@pytest.fixture(scope="module")
def prices() -> dict[tuple[str, str], Decimal]:
    """Service and sku -> price, as the files have it."""
    found: dict[tuple[str, str], Decimal] = {}
    for name in ("aws.csv", "llm.csv"):
        with (_ROWS / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["region"] in ("us-east-1", "any", "global"):
                    found[row["service"], row["sku"]] = Decimal(row["usd"])
    return found


@pytest.fixture(scope="module", params=["medium", "large"])
def tier(request: pytest.FixtureRequest) -> tuple[Bill, list[Entry]]:
    values, by_hand = {"medium": (MEDIUM, MEDIUM_BY_HAND), "large": (LARGE, LARGE_BY_HAND)}[
        request.param
    ]
    return bill_of(load_settings(values), load("list")), by_hand


def test_a_bill_is_within_half_a_percent_of_the_sum_by_hand(
    tier: tuple[Bill, list[Entry]], prices: dict[tuple[str, str], Decimal]
) -> None:
    bill, by_hand = tier
    for point, total in enumerate(
        (bill.monthly_usd.floor, bill.monthly_usd.expected, bill.monthly_usd.ceiling)
    ):
        expected = sum(
            Decimal(str(entry[2 + point])) * prices[entry[0], entry[1]] for entry in by_hand
        )
        assert abs(total - expected) <= expected * TOLERANCE


def test_no_part_of_the_sum_by_hand_hides_behind_another(
    tier: tuple[Bill, list[Entry]], prices: dict[tuple[str, str], Decimal]
) -> None:
    """Models outweigh the rest by far, so every row is held by itself as well."""
    bill, by_hand = tier
    for service, sku, *quantities in by_hand:
        lines = [line for line in bill.lines if (line.service, line.sku) == (service, sku)]
        for number, quantity in enumerate(quantities):
            billed = sum(
                (line.monthly_usd.floor, line.monthly_usd.expected, line.monthly_usd.ceiling)[
                    number
                ]
                for line in lines
            )
            expected = Decimal(str(quantity)) * prices[service, sku]
            # A cent of rounding for each line, and what the sum by hand leaves out of a row.
            assert abs(billed - expected) <= expected * TOLERANCE + Decimal("0.35"), (service, sku)


def test_what_the_sum_by_hand_leaves_out_is_small(tier: tuple[Bill, list[Entry]]) -> None:
    bill, by_hand = tier
    counted = {(service, sku) for service, sku, *_ in by_hand}
    rest = [line for line in bill.lines if (line.service, line.sku) not in counted]
    for line in rest:
        assert line.monthly_usd.ceiling < 3, line
