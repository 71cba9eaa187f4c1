"""Dumps of the database: what starts them, where they go, and who is told when none comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from components.aws.schedule_text import times_of
from components.letta.dump import FOLDER, STORED
from components.workloads.cron import starts_of
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.kubernetes import types as kubernetes_types
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import Unknown, derived

_DUMPS = "pg_dump"
"""Program that a container which dumps a PostgreSQL calls."""
_SECONDS_PER_HOUR = 3600


def dumps(
    graph: Graph, tasks: Mapping[str, Task], workloads: Iterable[Workload]
) -> tuple[Dump, ...]:
    """The runs on schedule that dump a database, as tasks and as jobs of a cluster."""
    return (*_scheduled(graph, tasks), *_of_cluster(graph, workloads))


def _scheduled(graph: Graph, tasks: Mapping[str, Task]) -> Iterator[Dump]:
    for resource in graph.of(types.SCHEDULE):
        for definition in graph.referred(resource, "target", types.TASK):
            root = resource.root
            yield from _if_it_dumps(
                tasks[definition.urn],
                _dump(
                    graph,
                    resource,
                    enabled=derived(
                        lambda state: state == "ENABLED", root.text("state", "ENABLED")
                    ),
                    starts=derived(times_of, root.text("scheduleExpression")),
                    buckets=graph.referred(definition, "containerDefinitions", types.BUCKET),
                ),
            )


def _of_cluster(graph: Graph, workloads: Iterable[Workload]) -> Iterator[Dump]:
    for workload in workloads:
        resource = workload.template.resource
        if resource.type == kubernetes_types.CRON_JOB:
            yield from _if_it_dumps(
                workload.pod.task,
                _dump(
                    graph,
                    resource,
                    enabled=derived(lambda off: not off, resource.root.flag("spec.suspend")),
                    starts=derived(starts_of, resource.root.text("spec.schedule")),
                    buckets=graph.referred(resource, "spec", types.BUCKET),
                ),
            )


def _if_it_dumps(task: Task, dump: Dump) -> Iterator[Dump]:
    """The dump, or an unknown one where it cannot be told what the task runs."""
    dumps: Any = derived(_dumps, task)
    if isinstance(dumps, Unknown):
        yield dumps  # type: ignore[misc]
    elif dumps:
        yield dump


def _dumps(task: Task) -> bool:
    return any(_DUMPS in word for container in task.containers for word in container.arguments)


def _dump(
    graph: Graph,
    resource: Resource,
    *,
    enabled: bool,
    starts: tuple[str, ...],
    buckets: Sequence[Resource],
) -> Dump:
    rules = derived(lambda: tuple(_rules(graph, buckets)))
    return Dump(
        name=resource.name,
        urn=resource.urn,
        enabled=enabled,
        times_a_day=derived(len, starts),
        longest_gap_hours=derived(_longest_gap, starts),
        kept_days=derived(lambda found: _least(found, "expiration.days"), rules),
        recoverable_days=derived(
            lambda found: _least(found, "noncurrentVersionExpiration.noncurrentDays"), rules
        ),
        told_after_hours=derived(lambda: _told_after(graph)),
        buckets=tuple(one.urn for one in buckets),
    )


def _longest_gap(starts: tuple[str, ...]) -> float:
    """Longest time between two starts, the last of a day and the first of the next among them."""
    minutes = [60 * int(start[:2]) + int(start[3:]) for start in starts]
    if not minutes:
        return 0
    following = [*minutes[1:], minutes[0] + 24 * 60]
    return max(later - one for one, later in zip(minutes, following, strict=True)) / 60


def _rules(graph: Graph, buckets: Iterable[Resource]) -> Iterator[Node]:
    """The lifecycle rules that a dump falls under."""
    for bucket in buckets:
        for lifecycle in graph.referring(bucket, "bucket", types.BUCKET_LIFECYCLE):
            for rule in lifecycle.root.nodes("rules"):
                prefix = rule.text("filter.prefix")
                if rule.text("status") == "Enabled" and f"{FOLDER}/".startswith(prefix):
                    yield rule


def _least(rules: Iterable[Node], path: str) -> int:
    return min((rule.integer(path) for rule in rules if rule.integer(path)), default=0)


def _told_after(graph: Graph) -> float:
    """Shortest time after which an alarm on stored dumps goes off."""
    counted = {
        (one.text("namespace"), one.text("name"))
        for each in graph.of(types.METRIC_FILTER)
        if STORED in each.root.text("pattern")
        for one in (each.root.node("metricTransformation"),)
    }
    return min(
        (
            alarm.integer("period") * alarm.integer("evaluationPeriods") / _SECONDS_PER_HOUR
            for alarm in (one.root for one in graph.of(types.METRIC_ALARM))
            if (alarm.text("namespace"), alarm.text("metricName")) in counted
            and alarm.text("treatMissingData") == "breaching"
            and alarm.given("alarmActions")
        ),
        default=0,
    )
