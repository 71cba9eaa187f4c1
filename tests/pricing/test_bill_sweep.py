"""Every price row that a tier uses, taken away one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pricing.bill import Unpriced, price
from pricing.book import Book, load
from pricing.plans import inventory
from pricing.stack import load_stack
from pricing.tariffs import Terms

LIST = load("list")
SERVED = tuple(row for row in LIST.rows if row.region in ("us-east-1", "any", "global"))
TERMS = Terms(on=date(2026, 11, 23))
ROOT = Path(__file__).resolve().parents[2]


def _rows(tier: str) -> Iterator[tuple[str, str]]:
    settings = load_stack(ROOT / f"Pulumi.{tier}.yaml")
    bill = price(inventory(settings), settings.workload, LIST, TERMS)
    yield from dict.fromkeys((line.service, line.sku) for line in bill.lines)


@pytest.mark.parametrize("tier", ["small", "medium", "large"])
def test_no_row_that_a_tier_uses_can_be_missed_in_silence(tier: str) -> None:
    settings = load_stack(ROOT / f"Pulumi.{tier}.yaml")
    things = inventory(settings)
    rows = list(_rows(tier))
    assert len(rows) > 20
    for service, sku in rows:
        left = tuple(row for row in SERVED if (row.service, row.sku) != (service, sku))
        with pytest.raises(Unpriced) as caught:
            price(things, settings.workload, Book(name="list", rows=left), TERMS)
        assert {(each.service, each.sku) for each in caught.value.missing} == {(service, sku)}
        assert f"{service} {sku}" in str(caught.value)
