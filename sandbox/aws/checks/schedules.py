"""Schedules of Application Auto Scaling, and the form that others share: expressions, time zones,
and what they set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_AT: Final = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\)")
_RATE: Final = re.compile(r"rate\([1-9]\d* (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_FIELDS: Final = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 1, 7),
    ("year", 1970, 2199),
)


def expression(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A schedule is a time, a rate or a cron expression of six fields."""
    yield from expression_problems("schedule", properties["schedule"])


def expression_problems(name: str, given: str) -> Iterator[Problem]:
    """What is wrong with the expression of the property `name`."""
    if _AT.fullmatch(given) or _RATE.fullmatch(given):
        return
    cron = _CRON.fullmatch(given)
    if cron is None:
        yield Problem(
            name,
            f"ValidationException: {given!r} is no schedule: write at(yyyy-mm-ddThh:mm:ss), "
            "rate(5 minutes) or cron(minutes hours day-of-month month day-of-week year)",
        )
        return
    for text, (field, least, most) in zip(cron.groups(), _FIELDS, strict=True):
        for number in re.findall(r"(?<![#/L])\b\d+\b", text):
            if not least <= int(number) <= most:
                yield Problem(
                    name,
                    f"ValidationException: {number} is no {field} in {given!r}: {least} to {most}",
                )
    if (cron[3] == "?") == (cron[5] == "?"):
        yield Problem(
            name,
            f"ValidationException: in {given!r} exactly one of day-of-month and day-of-week is ?",
        )


def time_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    yield from time_zone_problems("timezone", properties["timezone"])


def time_zone_problems(name: str, given: str) -> Iterator[Problem]:
    """What is wrong with the time zone of the property `name`."""
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError):
        yield Problem(
            name,
            f"ValidationException: {given!r} is no canonical name of a time zone, "
            "such as Europe/Berlin",
        )


def new_bounds(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """At least one bound is set, and the lower is not above the upper."""
    action = properties["scalableTargetAction"]
    least, most = action.get("minCapacity"), action.get("maxCapacity")
    if least is None and most is None:
        yield Problem(
            "scalableTargetAction",
            "ValidationException: MinCapacity or MaxCapacity must be specified",
        )
    elif least is not None and most is not None and least > most:
        yield Problem(
            "scalableTargetAction",
            "ValidationException: Maximum capacity cannot be less than minimum capacity: "
            f"{most} is less than {least}",
        )
