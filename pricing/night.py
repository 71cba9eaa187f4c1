"""How much of the day a tier keeps to its fewest copies, and what that makes of its count."""

from __future__ import annotations

from decimal import Decimal

from pricing.span import Span

_MINUTES_PER_DAY = 24 * 60


def share(begins: str, ends: str) -> Decimal:
    """Share of a day between two times, `22:00` and `06:00`; the second may be the next day's."""
    return Decimal((_minutes(ends) - _minutes(begins)) % _MINUTES_PER_DAY) / _MINUTES_PER_DAY


def averaged(count: Span, at_night: int, night: Decimal) -> Span:
    """Copies, or machines, on average over a day of whose share `night` there are at most
    `at_night`."""
    return count.map(lambda by_day: by_day - max(by_day - at_night, Decimal(0)) * night)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
