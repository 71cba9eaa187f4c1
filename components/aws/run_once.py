"""Code of the function that runs one task to its end.

It runs in AWS Lambda, alone in its archive: standard library and the SDK of the runtime only.
"""

from __future__ import annotations

import json
from typing import Any

import boto3  # type: ignore[import-untyped]  # the runtime's own

DELAY_SECONDS = 5
"""Pause between two looks at the task."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401
    """Run the task that `event` describes in the words of ecs:RunTask, wait until it has
    stopped, and raise unless each of its containers ended with status 0."""
    client = boto3.client("ecs")
    started = client.run_task(**event)
    if started["failures"]:
        raise RuntimeError(f"the task was not started: {json.dumps(started['failures'])}")
    task = started["tasks"][0]["taskArn"]
    attempts = int(context.get_remaining_time_in_millis() / 1000 / DELAY_SECONDS) - 2
    client.get_waiter("tasks_stopped").wait(
        cluster=event["cluster"],
        tasks=[task],
        WaiterConfig={"Delay": DELAY_SECONDS, "MaxAttempts": attempts},
    )
    stopped = client.describe_tasks(cluster=event["cluster"], tasks=[task])["tasks"][0]
    for container in stopped["containers"]:
        status = container.get("exitCode")
        if status != 0:
            reason = container.get("reason") or stopped.get("stoppedReason", "")
            raise RuntimeError(
                f"{container['name']} ended with status {status}: {reason} "
                f"(task {task}; its last lines are in the bootstrap log group)"
            )
    return {"task": task, "exitCode": 0}
