"""What a timetable makes of the number of a service's copies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from infra.tiers import TIERS
from policies.facts.aws import reader, schedules, types
from policies.facts.graph import Graph
from policies.facts.stack import Asked
from policies.facts.unknown import Undecidable
from policies.rules import RULES
from policies.runner import violations
from pricing.span import Span
from tests.policies import assembly
from tests.policies.changes import Change, Gone, Put, Where
from tests.policies.judging import spending

NIGHT = {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"}
BY_DAY = Span.of(2, 3, 10)
OF_NIGHT = Where("ScheduledAction", "-api-night")


def changed(*changes: Change, night: bool = True) -> Graph:
    """Medium, changed."""
    resources = assembly.resources("medium", {"savings": {"night": NIGHT} if night else {}})
    for change in changes:
        resources = change(resources)
    return Graph(resources)


def copies(*changes: Change, night: bool = True) -> Span:
    """Copies of its API."""
    graph = changed(*changes, night=night)
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


def broken(*changes: Change) -> dict[str, str]:
    """Rule -> its last message, of what medium's night breaks of the bounds of copies."""
    deployment = reader.read(
        changed(*changes),
        Asked(
            tier="medium",
            workload=TIERS["medium"].workload,
            spending=spending("medium"),
        ),
    )
    rules = [rule for rule in RULES if rule.name in ("replica-bounds", "api-high-availability")]
    return {
        rule.name: found.message for rule in rules for found in violations(rule, deployment, {})
    }


def test_a_night_is_within_the_bounds() -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    ("bound", "copies", "rule", "words"),
    [
        ("minCapacity", 1, "api-high-availability", "may run 1 copies, least is 2"),
        ("maxCapacity", 12, "replica-bounds", "grows to 12 copies, most is 10"),
    ],
)
def test_a_timetable_is_held_to_the_bounds_like_an_autoscaler(
    bound: str, copies: int, rule: str, words: str
) -> None:
    found = broken(Put(OF_NIGHT, f"scalableTargetAction.{bound}", copies))
    assert words in found[rule]
