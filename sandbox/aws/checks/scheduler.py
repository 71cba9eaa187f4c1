"""Schedules of EventBridge Scheduler, and the tasks that they start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.aws.checks import iam, schedules
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_CLUSTER: Final = "aws:ecs/cluster:Cluster"
_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"


def expression(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A schedule is a time, a rate or a cron expression of six fields."""
    name = "scheduleExpression"
    yield from schedules.expression_problems(name, properties[name])


def time_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    name = "scheduleExpressionTimezone"
    yield from schedules.time_zone_problems(name, properties[name])


def window(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A window has a length when it is flexible, and only then."""
    given = properties["flexibleTimeWindow"]
    flexible = given.get("mode") == "FLEXIBLE"
    if flexible != (given.get("maximumWindowInMinutes") is not None):
        yield Problem(
            "flexibleTimeWindow",
            "ValidationException: maximumWindowInMinutes is "
            + ("missing for the mode FLEXIBLE" if flexible else "not allowed for the mode OFF"),
        )


def role_is_trusted(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The role must be for the scheduler."""
    arn = properties["target"]["roleArn"]
    if not iam.trusts(cloud, arn, "scheduler"):
        yield Problem(
            "target",
            "ValidationException: The execution role you provide must allow AWS EventBridge "
            f"Scheduler to assume the role: allow sts:AssumeRole to scheduler.amazonaws.com in "
            f"{arn}",
        )


def task_can_start(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What would only be seen when the time comes: the cluster, and what Fargate asks for."""
    target = properties["target"]
    parameters = target.get("ecsParameters")
    if not parameters:
        return
    if cloud.find(_CLUSTER, "arn", target["arn"]) is None:
        yield Problem("target", f"ClusterNotFoundException: there is no cluster {target['arn']}")
    network = parameters.get("networkConfiguration")
    task = cloud.find(_TASK, "arn", parameters["taskDefinitionArn"])
    own_address = task is not None and task.get("networkMode") == "awsvpc"
    if own_address and not network:
        yield Problem(
            "target",
            "InvalidParameterException: Network Configuration must be provided when networkMode "
            "'awsvpc' is specified",
        )
    if (
        task is not None
        and parameters.get("launchType") == "FARGATE"
        and "FARGATE" not in (task.get("requiresCompatibilities") or [])
    ):
        yield Problem(
            "target",
            "InvalidParameterException: Task definition does not support launch_type FARGATE",
        )
