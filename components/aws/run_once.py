"""Lambda function: run one ECS task, wait for its end, and fail when it failed.

Self-contained, since Lambda gets this one file. Event: `cluster`, `taskDefinition`, `subnets`,
`securityGroups`, `assignPublicIp`, and `logGroup`, which is only spoken of.
"""

from __future__ import annotations

from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import WaiterError  # type: ignore[import-untyped]

POLL_SECONDS = 5
POLLS = 170
"""850 s, within the 900 s that a function may take."""


class RunFailedError(Exception):
    """The task did not do its work; the message says why and where to read more."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Run the task on Fargate; returns its ARN."""
    ecs = boto3.client("ecs")
    started = ecs.run_task(
        cluster=event["cluster"],
        taskDefinition=event["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": event["subnets"],
                "securityGroups": event["securityGroups"],
                "assignPublicIp": "ENABLED" if event["assignPublicIp"] else "DISABLED",
            }
        },
    )
    if started["failures"] or not started["tasks"]:
        reasons = ", ".join(str(failure.get("reason")) for failure in started["failures"])
        raise RunFailedError(f"the task could not be started: {reasons or 'no reason given'}")
    arn: str = started["tasks"][0]["taskArn"]
    more = f"read the log group {event['logGroup']}; the task is {arn}"
    try:
        ecs.get_waiter("tasks_stopped").wait(
            cluster=event["cluster"],
            tasks=[arn],
            WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": POLLS},
        )
    except WaiterError as error:
        raise RunFailedError(f"no end after {POLL_SECONDS * POLLS} s ({error}); {more}") from error
    [task] = ecs.describe_tasks(cluster=event["cluster"], tasks=[arn])["tasks"]
    for container in task["containers"]:
        if container.get("exitCode") != 0:
            why = container.get("reason") or task.get("stoppedReason") or "no reason given"
            raise RunFailedError(
                f"container {container['name']} ended with status "
                f"{container.get('exitCode', 'none')} ({why}); {more}"
            )
    return {"task": arn}
