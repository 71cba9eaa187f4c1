"""Dumps of the database as facts, and what their runs are billed by."""

from __future__ import annotations

import pytest

from policies.facts.model import Dump
from policies.rules import RULES
from policies.runner import violations
from pricing.inventory import DumpRuns, Dumps
from tests.policies.billed import beside, resource, unpriced
from tests.policies.changes import Put, Resources, Where, apply
from tests.policies.judging import facts, good

RULE = next(rule for rule in RULES if rule.name == "database-dumped")
SCHEDULE = Where("Schedule", "-dump")


def _dump(stack: str, resources: Resources | None = None) -> Dump:
    [found] = facts(stack, good(stack) if resources is None else resources).dumps
    return found


@pytest.mark.parametrize("stack", ["small", "medium", "large"])
def test_a_dump_is_read_alike_wherever_it_runs(stack: str) -> None:
    found = _dump(stack)
    assert found.name == f"letta-{stack}-dump"
    assert (found.enabled, found.times_a_day, found.longest_gap_hours) == (True, 1, 24)
    assert (found.kept_days, found.recoverable_days, found.told_after_hours) == (30, 7, 36)
    assert len(found.buckets) == 1


def test_the_longest_of_uneven_gaps_counts() -> None:
    uneven = apply(
        good("medium"), (Put(SCHEDULE, "scheduleExpression", "cron(30 1,9,12 * * ? *)"),)
    )
    found = _dump("medium", uneven)
    assert (found.times_a_day, found.longest_gap_hours) == (3, 13)


def test_an_organisation_may_want_dumps_more_often() -> None:
    [said] = violations(RULE, facts("medium", good("medium")), {"gapMostHours": 6})
    assert said.message == (
        "letta-medium-dump: runs every 24 hours, most is 6; "
        "set letta:database.dump.every_hours to 6 or less"
    )


def test_a_cluster_s_own_machines_run_its_dumps() -> None:
    things = {stack: facts(stack, good(stack)).inventory.things for stack in ("medium", "large")}
    kinds = {
        stack: [type(one) for one in found if isinstance(one, Dumps | DumpRuns)]
        for stack, found in things.items()
    }
    assert sorted(kinds["medium"], key=str) == [DumpRuns, Dumps]
    assert kinds["large"] == [Dumps]


def test_what_else_is_scheduled_has_no_price() -> None:
    own = resource(
        "aws:scheduler/schedule:Schedule", "mine", {"scheduleExpression": "rate(1 hour)"}
    )
    assert unpriced("medium", beside(own)) == {"mine": "how long what it starts runs is not known"}
