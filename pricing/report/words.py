"""Numbers and dates as readers meet them, the same in every form of the report."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pricing.bill import Bill

CENT = Decimal("0.01")
_SIGNIFICANT_DIGITS = 4


def usd(amount: Decimal) -> str:
    """An amount to the cent, `1,483.20`."""
    return f"{amount.quantize(CENT, rounding=ROUND_HALF_UP):,f}"


def change(amount: Decimal) -> str:
    """A difference to the cent with its sign, `+12.00`; `0.00` has none."""
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return f"{rounded:+,f}" if rounded else usd(abs(rounded))


def signed(amount: Decimal) -> str:
    """An amount to the cent that may be below zero, `-12.00` or `12.00`."""
    return change(amount).removeprefix("+")


def fine(amount: Decimal) -> str:
    """An amount far below a cent or above it, `0.00148` or `1.483`: four digits that count."""
    if not amount:
        return "0"
    digits = max(2, _SIGNIFICANT_DIGITS - 1 - amount.adjusted())
    return f"{round(amount, digits):,f}"


def quantity(amount: Decimal) -> str:
    """A quantity without zeros at its end, `2,190` or `12.35`."""
    if not amount:
        return "0"
    digits = max(2, _SIGNIFICANT_DIGITS - 1 - amount.adjusted())
    return _trimmed(round(amount, digits))


def price(amount: Decimal) -> str:
    """A price as its book gives it, to the cent at least."""
    return usd(amount) if amount == amount.quantize(CENT) else _trimmed(amount)


def short(amount: Decimal) -> str:
    """An amount for an axis: three digits, with k, M or G."""
    for suffix, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if amount >= size:
            return f"{float(amount / size):.3g}{suffix}"
    return f"{float(amount):.3g}"


def percent(share: Decimal) -> str:
    """A share as whole percents, `42 %`."""
    return f"{(share * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)} %"


def months(since: date, today: date) -> int:
    """Whole months between two days."""
    return (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)


def age(bill: Bill, today: date) -> str:
    """Which book a bill is priced by, and how old its prices are."""
    dates = [line.as_of for line in bill.lines if line.as_of]
    if not dates:
        return f"book {bill.book}, no price of which has a date"
    oldest = months(min(dates), today)
    return (
        f"book {bill.book}, prices of {min(dates)} to {max(dates)}; "
        f"the oldest is {oldest} month{'' if oldest == 1 else 's'} old"
    )


def _trimmed(amount: Decimal) -> str:
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
