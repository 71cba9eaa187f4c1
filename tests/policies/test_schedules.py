"""What a timetable makes of the number of a service's copies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.facts.aws import schedules, types
from policies.facts.graph import Graph
from policies.facts.unknown import Undecidable
from pricing.span import Span
from tests.policies import assembly
from tests.policies.changes import Change, Gone, Put, Where

NIGHT = {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"}
BY_DAY = Span.of(2, 3, 10)
OF_NIGHT = Where("ScheduledAction", "-api-night")


def copies(*changes: Change, night: bool = True) -> Span:
    """Copies of medium's API, changed."""
    resources = assembly.resources("medium", {"savings": {"night": NIGHT} if night else {}})
    for change in changes:
        resources = change(resources)
    graph = Graph(resources)
    [service] = [one for one in graph.of(types.SERVICE) if one.name.endswith("-api")]
    return schedules.averaged(graph, service, BY_DAY)


def test_a_night_counts_for_its_share_of_the_day() -> None:
    found = copies()
    assert found.floor == 2
    assert found.expected.quantize(Decimal("0.001")) == Decimal("2.667")
    assert found.ceiling.quantize(Decimal("0.001")) == Decimal("7.333")


def test_without_a_timetable_the_day_is_all_there_is() -> None:
    assert copies(night=False) == BY_DAY


def test_the_other_tier_has_a_night_of_its_own() -> None:
    gone = (
        Gone(Where("ScheduledAction", "-work-night")),
        Gone(Where("ScheduledAction", "-work-day")),
    )
    assert copies(*gone) == copies()


@pytest.mark.parametrize(
    "change",
    [
        Put(OF_NIGHT, "schedule", "rate(1 day)"),
        Put(OF_NIGHT, "schedule", "cron(0 22 ? * MON-FRI *)"),
        Put(OF_NIGHT, "scalableTargetAction.maxCapacity", 10),
        Put(OF_NIGHT, "scalableTargetAction.minCapacity", 1),
        Gone(Where("ScheduledAction", "-api-day")),
        Put(OF_NIGHT, "schedule", "cron(0 22 * * ? *)", wired=True).unknown(),
    ],
    ids=["every so often", "on weekdays", "no lower", "another floor", "for ever", "not known"],
)
def test_any_other_timetable_cannot_be_counted(change: Change) -> None:
    with pytest.raises(Undecidable):
        copies(change).map(lambda number: number)
