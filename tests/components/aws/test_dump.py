"""The scheduled dump, as it is built on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.aws.schedule_text import times_a_day, times_of
from components.letta.dump import STORED
from components.letta.environment import POSTGRES_URI
from components.workloads.cron import cron, starts_of
from infra.stack import Deployment
from tests.components.aws.deployment import containers, deployed, variables
from tests.components.aws.mock_cloud import Run

SCHEDULE = "scheduler/schedule:Schedule"
NAME = "letta-test-dump"
KUBERNETES: dict[str, Any] = {
    "ingress": {
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]},
    }
}


def _statements(result: Run[Deployment], name: str) -> list[dict[str, Any]]:
    policy = json.loads(result.one(":RolePolicy", name).inputs["policy"])
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def test_the_schedule_starts_the_task_where_the_database_can_be_reached() -> None:
    result = deployed("medium", database={"dump": {"at": "01:30", "every_hours": 12}})
    schedule = result.one(SCHEDULE).inputs
    assert schedule["scheduleExpression"] == "cron(30 1,13 * * ? *)"
    network = schedule["target"]["ecsParameters"]["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert "SecurityGroup letta-test-net-bootstrap" in result.one(SCHEDULE).depends_on


def test_only_the_container_that_dumps_knows_the_database() -> None:
    both = containers(deployed("medium"), NAME)
    assert [each["name"] for each in both["dump"]["secrets"]] == [POSTGRES_URI]
    assert "secrets" not in both["upload"]
    assert set(variables(both["upload"])) == {"DUMP_BUCKET"}
    assert both["upload"]["dependsOn"] == [{"containerName": "dump", "condition": "SUCCESS"}]
    assert (both["dump"]["essential"], both["upload"]["essential"]) == (False, True)


@pytest.mark.parametrize(("tier", "role"), [("medium", f"{NAME}-task"), ("large", NAME)])
def test_the_run_may_add_dumps_and_neither_read_nor_delete_them(tier: str, role: str) -> None:
    result = deployed(tier, **(KUBERNETES if tier == "large" else {}))
    add, encrypt = _statements(result, role)
    assert sorted(add["Action"]) == ["s3:AbortMultipartUpload", "s3:PutObject"]
    assert all(one.endswith("/database/*") for one in add["Resource"])
    assert encrypt["Condition"]["StringEquals"] == {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


def test_the_scheduler_may_start_this_task_and_hand_over_its_two_roles() -> None:
    run, hand_over = _statements(deployed("medium"), f"{NAME}-schedule")
    assert run["Action"] == ["ecs:RunTask"]
    assert all(f"task-definition/{NAME}:" in one for one in run["Resource"])
    assert hand_over["Action"] == ["iam:PassRole"]
    assert len(hand_over["Resource"]) == 2


@pytest.mark.parametrize("tier", ["small", "medium", "large"])
def test_somebody_is_told_when_no_dump_came_for_as_long_as_is_promised(tier: str) -> None:
    result = deployed(
        tier,
        database={"dump": {"every_hours": 4}},
        **(KUBERNETES if tier == "large" else {}),
    )
    counted = result.one(":LogMetricFilter", NAME).inputs
    alarm = result.one(":MetricAlarm", f"{NAME}-missing").inputs
    assert STORED in counted["pattern"]
    assert alarm["metricName"] == counted["metricTransformation"]["name"]
    assert alarm["namespace"] == counted["metricTransformation"]["namespace"]
    assert alarm["period"] * alarm["evaluationPeriods"] == 6 * 3600
    assert alarm["treatMissingData"] == "breaching"


def test_dumps_are_deleted_at_their_age_and_other_files_are_not() -> None:
    result = deployed("medium", database={"dump": {"retention_days": 60}})
    rules = result.one(":BucketLifecycleConfiguration", "letta-test-data").inputs["rules"]
    [own] = [rule for rule in rules if rule["id"] == "expiring-database"]
    assert own["filter"] == {"prefix": "database/"}
    assert own["expiration"] == {"days": 60}
    assert not any("days" in rule.get("expiration", {}) for rule in rules if rule is not own)


def test_a_dump_larger_than_what_is_free_gets_its_disk() -> None:
    whole = deployed("medium", database={"dump": {"scratch_gib": 80}})
    assert whole.one(":TaskDefinition", NAME).inputs["ephemeralStorage"] == {"sizeInGib": 80}
    assert "ephemeralStorage" not in deployed("medium").one(":TaskDefinition", NAME).inputs


def test_without_dumps_nothing_of_them_is_built() -> None:
    result = deployed("medium", database={"dump": None})
    assert result.all(SCHEDULE) == []
    assert not [each for each in result.resources if each.name.startswith(NAME)]
    rules = result.one(":BucketLifecycleConfiguration", "letta-test-data").inputs["rules"]
    assert {rule["id"] for rule in rules} == {"ageing", "tidying"}


@pytest.mark.parametrize("starts", [("03:17",), ("00:00", "06:00", "12:00", "18:00")])
def test_times_are_read_from_a_schedule_as_they_were_written(starts: tuple[str, ...]) -> None:
    assert times_of(times_a_day(starts)) == starts
    assert starts_of(cron(starts)) == starts


@pytest.mark.parametrize(
    "other", ["rate(1 day)", "cron(17 3 ? * MON *)", "cron(17 24 * * ? *)", "cron(60 3 * * ? *)"]
)
def test_another_schedule_has_no_times_of_the_day(other: str) -> None:
    assert times_of(other) == ()


@pytest.mark.parametrize("other", ["@daily", "17 3 * * 1", "17 24 * * *", "60 3 * * *"])
def test_another_cron_job_has_no_times_of_the_day(other: str) -> None:
    assert starts_of(other) == ()


def test_times_with_different_minutes_are_no_single_schedule() -> None:
    with pytest.raises(ValueError, match="differ in their minutes"):
        times_a_day(("03:17", "04:18"))
