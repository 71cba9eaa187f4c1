"""The text of a CronJob's schedule, written and read."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CRON = re.compile(r"(\d{1,2}) (\d{1,2}(?:,\d{1,2})*) \* \* \*")


def cron(starts: Sequence[str]) -> str:
    """The schedule for times of the day, `03:17`, that differ in their hours alone."""
    hours = ",".join(str(int(start.split(":")[0])) for start in starts)
    return f"{int(starts[0].split(':')[1])} {hours} * * *"


def starts_of(schedule: str) -> tuple[str, ...]:
    """The times of `cron`; none of any other schedule."""
    found = _CRON.fullmatch(schedule)
    if found is None or int(found[1]) >= 60:
        return ()
    hours = sorted({int(hour) for hour in found[2].split(",")})
    return tuple(f"{hour:02}:{int(found[1]):02}" for hour in hours) if hours[-1] < 24 else ()
