"""Scaling by timetable."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import GOOD, Estate, role

ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"

CASES = [
    Case("a time of five fields", ACTION, {"schedule": "cron(0 22 * * *)"}, "is no schedule"),
    Case("a time in words", ACTION, {"schedule": "at night"}, "is no schedule"),
    Case("a 25th hour", ACTION, {"schedule": "cron(0 25 * * ? *)"}, "25 is no hour"),
    Case("a 60th minute", ACTION, {"schedule": "cron(60 1 * * ? *)"}, "60 is no minute"),
    Case(
        "a day of the month and one of the week",
        ACTION,
        {"schedule": "cron(0 22 * * * *)"},
        "exactly one of day-of-month and day-of-week is ?",
    ),
    Case("a zone that is none", ACTION, {"timezone": "Europe/Bonn"}, "no canonical name"),
    Case(
        "a floor above the ceiling",
        ACTION,
        {"scalableTargetAction": {"minCapacity": 3, "maxCapacity": 2}},
        "2 is less than 3",
    ),
    Case("nothing to set", ACTION, {"scalableTargetAction": {}}, "must be specified"),
    Case(
        "a service without bounds",
        ACTION,
        {"resourceId": "service/a/b"},
        "No scalable target registered",
    ),
]

SCHEDULE = "aws:scheduler/schedule:Schedule"
STARTS = [
    Case("a time in words", SCHEDULE, {"scheduleExpression": "at night"}, "is no schedule"),
    Case(
        "a zone that is none",
        SCHEDULE,
        {"scheduleExpressionTimezone": "Europe/Bonn"},
        "no canonical name",
    ),
    Case(
        "a window without a length",
        SCHEDULE,
        {"flexibleTimeWindow": {"mode": "FLEXIBLE"}},
        "maximumWindowInMinutes is missing",
    ),
]


def test_a_schedule_s_role_must_be_for_the_scheduler(estate: Estate) -> None:
    given = GOOD[SCHEDULE](estate)
    target = {**given["target"], "roleArn": role(estate, "lambda").outputs["arn"]}
    assert "to assume the role" in estate.refusal(SCHEDULE, {"target": target})


def test_a_schedule_starts_tasks_in_a_cluster_that_there_is(estate: Estate) -> None:
    given = GOOD[SCHEDULE](estate)
    target = {**given["target"], "arn": "arn:aws:ecs:us-east-1:123456789012:cluster/none"}
    assert "there is no cluster" in estate.refusal(SCHEDULE, {"target": target})


def test_a_task_with_an_address_of_its_own_needs_a_network(estate: Estate) -> None:
    given = GOOD[SCHEDULE](estate)
    parameters = {**given["target"]["ecsParameters"]}
    del parameters["networkConfiguration"]
    target = {**given["target"], "ecsParameters": parameters}
    assert "Network Configuration must be" in estate.refusal(SCHEDULE, {"target": target})


@each([*CASES, *STARTS])
def test_a_bad_schedule_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(30 5 ? * MON-FRI *)",
        "cron(0/15 22 1 1,6 ? 2027)",
        "rate(1 day)",
        "at(2027-01-01T00:00)",
    ],
)
def test_every_kind_of_schedule_is_accepted(schedule: str, estate: Estate) -> None:
    assert estate.refusal(ACTION, {"schedule": schedule}) == ""


def test_another_time_changes_the_action_and_another_service_replaces_it(estate: Estate) -> None:
    action = estate.make(ACTION)
    later = estate.engine.diff(action, {**action.inputs, "schedule": "cron(0 23 * * ? *)"})
    assert (list(later.changes), later.replaces) == (["schedule"], [])
    moved = estate.engine.diff(action, {**action.inputs, "resourceId": "service/a/b"})
    assert moved.replaces == ["resourceId"]
