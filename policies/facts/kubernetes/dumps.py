"""Dumps of the database into object storage that is no resource of the stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.letta.dump import KEPT_DAYS
from policies.facts.dumps import cron_jobs, enabled, if_it_dumps, longest_gap_hours, starts
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.unknown import derived


def dumps(workloads: Iterable[Workload]) -> tuple[Dump, ...]:
    """The runs on schedule that dump a database."""
    return tuple(_dumps(workloads))


def _dumps(workloads: Iterable[Workload]) -> Iterator[Dump]:
    for workload in cron_jobs(workloads):
        resource = workload.template.resource
        times = starts(resource)
        yield from if_it_dumps(
            workload.pod.task,
            Dump(
                name=resource.name,
                urn=resource.urn,
                enabled=enabled(resource),
                times_a_day=derived(len, times),
                longest_gap_hours=derived(longest_gap_hours, times),
                kept_days=derived(_kept_days, workload.pod.task),
                # Whether the bucket keeps what is deleted is its owner's to say.
                recoverable_days=0,
                told_after_hours=0,
                alarmable=False,
                buckets=(),
            ),
        )


def _kept_days(task: Task) -> int:
    for container in task.containers:
        stated = container.environment.get(KEPT_DAYS, "")
        if stated.isdecimal():
            return int(stated)
    return 0
