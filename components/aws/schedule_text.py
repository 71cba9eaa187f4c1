"""The text of a schedule, written and read: a cron expression of Application Auto Scaling."""

from __future__ import annotations

import re

_DAILY = re.compile(r"cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)")
"""Minute, hour, day of the month, month, day of the week, year (Application Auto Scaling user
guide, "Schedule recurring scaling actions using cron expressions")."""


def daily(time: str) -> str:
    """The expression for every day at `time`, `22:00`."""
    hour, minute = time.split(":")
    return f"cron({int(minute)} {int(hour)} * * ? *)"


def time_of(expression: str) -> str | None:
    """The time of the day, `22:00`, of an expression for every day; None for any other."""
    found = _DAILY.fullmatch(expression)
    if found is None:
        return None
    minute, hour = map(int, found.groups())
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
