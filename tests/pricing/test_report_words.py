from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pricing.report import words
from tests.pricing.bills import BILL, TODAY, line


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "0.00"), ("1483.2", "1,483.20"), ("0.005", "0.01"), ("-742.611", "-742.61")],
)
def test_an_amount_is_written_to_the_cent_half_up(amount: str, written: str) -> None:
    assert words.usd(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"), [("12", "+12.00"), ("-3.5", "-3.50"), ("0.001", "0.00"), ("0", "0.00")]
)
def test_a_change_has_a_sign_unless_it_is_none(amount: str, written: str) -> None:
    assert words.change(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.00148288", "0.001483"),
        ("1.48288", "1.483"),
        ("0", "0"),
        ("73178.41", "73,178.41"),
        ("0.000000123456", "0.0000001235"),
    ],
)
def test_what_one_message_costs_keeps_its_digits(amount: str, written: str) -> None:
    assert words.fine(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [("2190", "2,190"), ("0", "0"), ("3.69863", "3.699"), ("1800.0", "1,800"), ("0.292", "0.292")],
)
def test_a_quantity_has_no_zeros_at_its_end(amount: str, written: str) -> None:
    assert words.quantity(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"), [("0.0000166667", "0.0000166667"), ("0.1", "0.10"), ("4", "4.00")]
)
def test_a_price_loses_no_digit(amount: str, written: str) -> None:
    assert words.price(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("since", "months"),
    [
        (date(2026, 11, 23), 0),
        (date(2026, 10, 24), 0),
        (date(2026, 10, 23), 1),
        (date(2024, 7, 1), 28),
    ],
)
def test_only_whole_months_count_as_age(since: date, months: int) -> None:
    assert words.months(since, TODAY) == months


def test_the_age_of_a_bill_is_that_of_its_oldest_price() -> None:
    old = replace(BILL, lines=(*BILL.lines, line("api", "old", "1.00", as_of=date(2025, 1, 2))))
    assert words.age(old, TODAY) == (
        "book list, prices of 2025-01-02 to 2026-07-20; the oldest is 22 months old"
    )


def test_a_bill_without_dated_prices_says_so() -> None:
    undated = replace(BILL, lines=(line("api", "machine", "1.00", as_of=None),))
    assert words.age(undated, TODAY) == "book list, no price of which has a date"
