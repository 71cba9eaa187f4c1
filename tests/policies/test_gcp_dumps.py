"""Dumps of a database on Google Cloud as facts, and what their runs are billed by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.facts.model import Dump
from policies.facts.resource import UNDETERMINED
from pricing.inventory import DumpRuns, Dumps
from tests.policies.changes import Put, Resources, Where
from tests.policies.clouds.gcp import CASE

facts, good, judged = CASE.facts, CASE.good, CASE.judged
SCHEDULE = Where("cloudscheduler/job:Job", "-dump")


def _dump(tier: str, resources: Resources | None = None) -> Dump:
    [found] = facts(tier, good(tier) if resources is None else resources).dumps
    return found


@pytest.mark.parametrize("tier", ["small", "medium", "run"])
def test_a_dump_is_read_as_it_runs(tier: str) -> None:
    found = _dump(tier)
    assert found.name.endswith("-dump")
    assert (found.enabled, found.times_a_day, found.longest_gap_hours) == (True, 2, 12)
    assert (found.kept_days, found.recoverable_days) == (30, 7)
    assert found.told_after_hours == pytest.approx(18 + 1 / 12)
    assert len(found.buckets) == 1


def test_its_runs_are_billed_by_the_time_and_its_files_by_the_days() -> None:
    things = facts("run", good("run")).inventory.things
    [runs] = [one for one in things if isinstance(one, DumpRuns)]
    [files] = [one for one in things if isinstance(one, Dumps)]
    assert (runs.times_a_day, runs.vcpus, runs.memory_gib) == (2, 2, 2)
    assert files.billed_days == 37


def test_a_job_that_is_run_on_schedule_is_no_bootstrap() -> None:
    deployment = facts("medium", good("medium"))
    assert [one.name for one in deployment.bootstraps] == ["letta-medium-boot"]


@pytest.mark.parametrize("times", ["17 3 * * 1", UNDETERMINED], ids=["a week", "unknown"])
def test_a_dump_that_may_not_come_every_day_breaks_the_rule_and_has_no_price(
    times: object,
) -> None:
    broken = judged("medium", Put(SCHEDULE, "schedule", times)(good("medium")))
    assert {"database-dumped", "every-billable-resource-is-priced"} <= set(broken)


def test_what_else_is_scheduled_has_no_price() -> None:
    [own] = [one for one in good("medium") if SCHEDULE.holds(one)]
    other = replace(own, urn=f"{own.urn}-other", name="mine", property_dependencies={})
    [found] = facts("medium", (*good("medium"), other)).unpriced
    assert found.name == "mine"
