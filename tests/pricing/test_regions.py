"""The committed stacks in the other regions of AWS: what is priced there, and what is not yet."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
import yaml

from infra.settings import Settings
from pricing.bill import Line, Unpriced
from pricing.book import Book, load
from pricing.stack import bill_of, load_stack

LIST = load("list")
ROOT = Path(__file__).resolve().parents[2]
HOME: Final = "us-east-1"
COMPLETE: Final = ("us-west-2", "eu-west-1", "ap-southeast-1", "ap-northeast-1")
"""Regions in which docs/prices.md says that the small and the medium stack have a price."""
OBSERVED: Final = ("cloudwatch", "container-insights-observations")
METRIC: Final = ("cloudwatch", "custom-metric-first-10k")
_OHIO: Final = {
    ("kms", "customer-key"),
    ("kms", "requests"),
    ("secretsmanager", "secret"),
    ("cloudwatch", "alarm-standard"),
    METRIC,
}
_OHIO_DUMPS: Final = {("fargate", "x86:vcpu"), ("fargate", "x86:memory")}
_OHIO_USED: Final = {("vpc", "nat-gateway:data"), ("elb", "alb:lcu"), ("sqs", "standard")}
LACKING: Final = {
    **{(region, "large"): {OBSERVED} for region in COMPLETE},
    ("eu-central-1", "small"): {METRIC},
    ("eu-central-1", "medium"): {METRIC},
    ("eu-central-1", "large"): {METRIC, OBSERVED},
    ("us-east-2", "small"): _OHIO | _OHIO_DUMPS,
    ("us-east-2", "medium"): _OHIO | _OHIO_DUMPS | _OHIO_USED,
    ("us-east-2", "large"): _OHIO | _OHIO_USED | {OBSERVED, ("eks", "control-plane")},
}
"""What docs/prices.md says is missing."""


def _moved(tier: str, region: str, folder: Path) -> Settings:
    """The committed stack with nothing but its region changed."""
    content = yaml.safe_load((ROOT / f"Pulumi.{tier}.yaml").read_text())
    assert content["config"]["letta:region"] == HOME
    content["config"]["letta:region"] = region
    file = folder / f"Pulumi.{tier}.yaml"
    file.write_text(yaml.safe_dump(content))
    return load_stack(file)


def _row(line: Line) -> tuple[str, str]:
    return line.service, line.sku


def _without(service: str, sku: str, region: str) -> Book:
    gone = (service, sku, region)
    rows = tuple(row for row in LIST.rows if (row.service, row.sku, row.region) != gone)
    assert len(rows) == len(LIST.rows) - 1
    return Book(name="list", rows=rows)


@pytest.mark.parametrize("region", COMPLETE)
@pytest.mark.parametrize("tier", ["small", "medium"])
def test_a_complete_region_prices_the_same_lines(tier: str, region: str, tmp_path: Path) -> None:
    home = bill_of(load_stack(ROOT / f"Pulumi.{tier}.yaml"), LIST)
    moved = bill_of(_moved(tier, region, tmp_path), LIST)
    assert Counter(map(_row, moved.lines)) == Counter(map(_row, home.lines))
    assert {line.trust for line in moved.lines} <= {line.trust for line in home.lines} | {"derived"}
    share = moved.monthly_usd.expected / home.monthly_usd.expected
    assert 1 <= share < 2, "a price of the wrong unit or engine stands out"


@pytest.mark.parametrize(("region", "tier"), sorted(LACKING))
def test_an_incomplete_region_names_just_what_it_lacks(
    tier: str, region: str, tmp_path: Path
) -> None:
    with pytest.raises(Unpriced) as caught:
        bill_of(_moved(tier, region, tmp_path), LIST)
    found = {(each.service, each.sku) for each in caught.value.missing}
    assert found == LACKING[region, tier]


@pytest.mark.parametrize("region", COMPLETE)
def test_no_row_of_another_region_stands_in(region: str, tmp_path: Path) -> None:
    settings = _moved("medium", region, tmp_path)
    for service, sku in (("vpc", "nat-gateway:data"), ("rds-postgres", "storage-gp3:single-az")):
        with pytest.raises(Unpriced) as caught:
            bill_of(settings, _without(service, sku, region))
        assert {(each.service, each.sku) for each in caught.value.missing} == {(service, sku)}


@pytest.mark.parametrize("region", [*COMPLETE, "us-east-2", "eu-central-1"])
def test_a_databases_prices_in_a_region_are_of_one_engine(region: str) -> None:
    """A class of another engine, of another licence or of a term breaks two zones to one."""
    prices = {
        row.sku: row.usd
        for row in LIST.rows
        if (row.service, row.region) == ("rds-postgres", region)
    }
    ones = {sku.partition(":")[0] for sku in prices if sku.startswith("db.")}
    assert len(ones) > 20
    for name in ones:
        one, two = prices[f"{name}:single-az"], prices[f"{name}:multi-az"]
        assert abs(two - 2 * one) <= max(two / 100, Decimal("0.002")), name
