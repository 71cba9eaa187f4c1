"""What a stack has run on schedule: tasks that EventBridge Scheduler starts, jobs of a cluster.

Nothing here waits for the time of a schedule: it is run when somebody asks.
"""

from __future__ import annotations

import shutil

from sandbox.live import buckets, pod_spec, task_spec
from sandbox.live.containers import Containers, in_order
from sandbox.live.processes import said
from sandbox.live.spec import Addresses, LiveError, Objects, Run

SCHEDULE = "aws:scheduler/schedule:Schedule"
TASK_SECONDS = 600
"""For a task, which no schedule bounds: the longest that is waited here."""


def read(objects: Objects) -> tuple[Run, ...]:
    """What is run on schedule, in the order of its creation. What is switched off is not."""
    tasks = tuple(
        Run(
            name=item.name,
            processes=task_spec.task(objects, parameters["taskDefinitionArn"]),
            seconds=TASK_SECONDS,
            attempts=1,
        )
        for item in objects.all(SCHEDULE)
        if item.get("state") != "DISABLED"
        and (parameters := item.get("target").get("ecsParameters"))
    )
    return (*tasks, *pod_spec.scheduled(objects))


def buckets_of(objects: Objects) -> tuple[str, ...]:
    """The stack's buckets that what is run on schedule is told of."""
    own = {item.get("bucket") for item in objects.all(buckets.BUCKET)}
    told = {
        value
        for schedule in read(objects)
        for process in schedule.processes
        for value in process.environment.values()
    }
    return tuple(sorted(own & told))


def run(schedule: Run, containers: Containers, addresses: Addresses) -> None:
    """Run it once, its containers one after the other in one copy of their volumes.

    Raises LiveError with the end of what the container said that failed.
    """
    shutil.rmtree(containers.home / schedule.name, ignore_errors=True)
    for process in in_order(schedule.processes):
        name = f"{schedule.name}-{process.name}"
        container = containers.place(name, process, addresses, task=schedule.name)
        status = containers.run(container, addresses, seconds=schedule.seconds)
        if status:
            raise LiveError(f"{name} ended with status {status}{said(containers.log(container))}")
