"""Dumps of the database, wherever they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from components.workloads.cron import starts_of
from policies.facts.billing import NotPriced
from policies.facts.graph import Graph
from policies.facts.kubernetes import types
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.resource import Resource
from policies.facts.unknown import Unknown, derived
from pricing.inventory import Dumps

_DUMPS = "pg_dump"
"""Program that a container which dumps a PostgreSQL calls."""


def if_it_dumps(task: Task, dump: Dump) -> Iterator[Dump]:
    """The dump, or an unknown one where it cannot be told what the task runs."""
    dumps: Any = derived(_dumps, task)
    if isinstance(dumps, Unknown):
        yield dumps  # type: ignore[misc]
    elif dumps:
        yield dump


def _dumps(task: Task) -> bool:
    return any(_DUMPS in word for container in task.containers for word in container.arguments)


def longest_gap_hours(starts: tuple[str, ...]) -> float:
    """Longest time between two starts, the last of a day and the first of the next among them; 0
    without any."""
    minutes = [60 * int(start[:2]) + int(start[3:]) for start in starts]
    if not minutes:
        return 0
    following = [*minutes[1:], minutes[0] + 24 * 60]
    return max(later - one for one, later in zip(minutes, following, strict=True)) / 60


@dataclass(frozen=True, kw_only=True)
class Run:
    """What runs on schedule, as far as dumps ask, whatever starts it."""

    resource: Resource
    enabled: bool
    starts: tuple[str, ...]
    """Times of the day, `03:17`."""
    buckets: Sequence[Resource]
    """Where its files go."""


def of_cluster(
    graph: Graph,
    workloads: Iterable[Workload],
    bucket: str,
    dump: Callable[[Run], Dump],
    *,
    via: tuple[str, ...] = (),
) -> Iterator[Dump]:
    """The jobs of a cluster that dump a database into buckets of the type `bucket`. `via`: types
    of what stands for such a bucket."""
    for workload in cron_jobs(workloads):
        resource = workload.template.resource
        run = Run(
            resource=resource,
            enabled=enabled(resource),
            starts=starts(resource),
            buckets=graph.referred(resource, "spec", bucket, via=via),
        )
        yield from if_it_dumps(workload.pod.task, dump(run))


def kept(run: Run, *, kept_days: int, recoverable_days: int, told_after_hours: float) -> Dump:
    """The dump that a run makes. `kept_days`, `recoverable_days`: of its files, and of what is
    deleted of them; 0: never. `told_after_hours`: after which a missing one is told of."""
    return Dump(
        name=run.resource.name,
        urn=run.resource.urn,
        enabled=run.enabled,
        times_a_day=derived(len, run.starts),
        longest_gap_hours=derived(longest_gap_hours, run.starts),
        kept_days=kept_days,
        recoverable_days=recoverable_days,
        told_after_hours=told_after_hours,
        buckets=tuple(one.urn for one in run.buckets),
    )


def cron_jobs(workloads: Iterable[Workload]) -> Iterator[Workload]:
    """The pods that a cluster runs on schedule."""
    return (one for one in workloads if one.template.resource.type == types.CRON_JOB)


def enabled(job: Resource) -> bool:
    """Whether a CronJob is not suspended."""
    return derived(lambda off: not off, job.root.flag("spec.suspend"))


def starts(job: Resource) -> tuple[str, ...]:
    """The times of the day at which a CronJob starts; none if it does not start every day."""
    return derived(starts_of, job.root.text("spec.schedule"))


def made_by(resource: Resource, dumps: Iterable[Dump]) -> Dump | None:
    """The dump that a resource makes, whose runs can be counted. Raises `NotPriced` where they
    cannot."""
    dump = next((one for one in dumps if one.urn == resource.urn), None)
    if dump is not None and not dump.times_a_day:
        raise NotPriced("it runs at other times than some of every day")
    return dump


def billed(
    resource: Resource,
    dumps: Iterable[Dump],
    *,
    infrequent_access_days: int = 0,
    archive_days: int = 0,
) -> Iterator[Dumps]:
    """What is kept of dumps in a bucket, with the days after which it ages."""
    for dump in dumps:
        if resource.urn in dump.buckets:
            yield Dumps(
                component="database",
                name=resource.name,
                urn=resource.urn,
                times_a_day=dump.times_a_day,
                billed_days=billed_days(dump),
                infrequent_access_days=infrequent_access_days,
                archive_days=archive_days,
            )


def billed_days(dump: Dump) -> int:
    """Days from the upload of a dump until the last version of it is gone; 0: never."""
    both = (dump.kept_days, dump.recoverable_days)
    return sum(both) if all(both) else 0
