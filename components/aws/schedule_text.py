"""The text of a schedule, written and read: a cron expression of Application Auto Scaling and of
EventBridge Scheduler, which share the form."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DAILY = re.compile(r"cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)")
"""Minute, hour, day of the month, month, day of the week, year (Application Auto Scaling user
guide, "Schedule recurring scaling actions using cron expressions")."""
_TIMES = re.compile(r"cron\((\d{1,2}) (\d{1,2}(?:,\d{1,2})*) \* \* \? \*\)")


def daily(time: str) -> str:
    """The expression for every day at `time`, `22:00`."""
    hour, minute = time.split(":")
    return f"cron({int(minute)} {int(hour)} * * ? *)"


def times_a_day(times: Sequence[str]) -> str:
    """The expression for every day at several times that differ in their hours alone; UTC or not
    is said elsewhere (EventBridge Scheduler user guide, "Cron-based schedules")."""
    minutes = {time.split(":")[1] for time in times}
    if len(minutes) != 1:
        raise ValueError(f"{', '.join(times)} differ in their minutes; write a schedule for each")
    hours = ",".join(str(int(time.split(":")[0])) for time in times)
    return f"cron({int(minutes.pop())} {hours} * * ? *)"


def times_of(expression: str) -> tuple[str, ...]:
    """The times of `times_a_day`; none of any other expression."""
    found = _TIMES.fullmatch(expression)
    if found is None:
        return ()
    minute, hours = int(found[1]), [int(hour) for hour in found[2].split(",")]
    if minute >= 60 or any(hour >= 24 for hour in hours):
        return ()
    return tuple(f"{hour:02}:{minute:02}" for hour in sorted(set(hours)))


def time_of(expression: str) -> str | None:
    """The time of the day, `22:00`, of an expression for every day; None for any other."""
    found = _DAILY.fullmatch(expression)
    if found is None:
        return None
    minute, hour = map(int, found.groups())
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
