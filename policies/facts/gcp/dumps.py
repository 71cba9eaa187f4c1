"""Dumps of the database: what starts them, where they go, and who is told when none comes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from components.letta.dump import FOLDER, STORED
from components.workloads.cron import starts_of
from policies.facts.dumps import Run, if_it_dumps, kept, of_cluster
from policies.facts.gcp import types
from policies.facts.graph import Graph
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_SECONDS = re.compile(r"(\d+)s")
_SECONDS_PER_HOUR = 3600
_LIVE = ("", "LIVE", "ANY")
_REPLACED = ("", "ARCHIVED", "ANY")


def dumps(graph: Graph, tasks: Iterable[Task], workloads: Iterable[Workload]) -> tuple[Dump, ...]:
    """The jobs on schedule that dump a database, on Cloud Run and in a cluster."""
    read = partial(_dump, graph)
    return (
        *_scheduled(graph, {task.urn: task for task in tasks}),
        *of_cluster(graph, workloads, types.BUCKET, read),
    )


def _scheduled(graph: Graph, tasks: dict[str, Task]) -> Iterator[Dump]:
    for schedule in graph.of(types.SCHEDULE):
        for job in graph.referred(schedule, "httpTarget", types.JOB):
            run = Run(
                resource=schedule,
                enabled=derived(lambda paused: not paused, schedule.root.flag("paused")),
                starts=derived(starts_of, schedule.root.text("schedule")),
                buckets=graph.referred(job, "template", types.BUCKET),
            )
            yield from if_it_dumps(tasks[job.urn], _dump(graph, run))


def _dump(graph: Graph, run: Run) -> Dump:
    return kept(
        run,
        kept_days=derived(lambda: _least(run.buckets, "age", _LIVE)),
        recoverable_days=derived(lambda: _least(run.buckets, "daysSinceNoncurrentTime", _REPLACED)),
        told_after_hours=derived(lambda: _told_after(graph)),
    )


def _least(buckets: Iterable[Resource], age: str, states: Sequence[str]) -> int:
    """Shortest age at which a dump is deleted, days; 0: never."""
    ages = (
        condition.integer(age)
        for bucket in buckets
        for condition in _deletions(bucket)
        if condition.text("withState") in states
    )
    return min((one for one in ages if one), default=0)


def _deletions(bucket: Resource) -> Iterator[Node]:
    """The conditions under which dumps are deleted."""
    for rule in bucket.root.nodes("lifecycleRules"):
        condition = rule.node("condition")
        prefixes = condition.texts("matchesPrefixes")
        held = not prefixes or any(f"{FOLDER}/".startswith(one) for one in prefixes)
        if rule.text("action.type") == "Delete" and held:
            yield condition


def _told_after(graph: Graph) -> float:
    """Shortest time after which an alarm on stored dumps goes off, hours."""
    return min(
        (
            each
            for metric in graph.of(types.METRIC)
            if STORED in metric.root.text("filter")
            for alert in graph.referring(metric, "conditions", types.ALERT)
            for condition in alert.root.nodes("conditions")
            for each in _looked_back(condition.node("conditionThreshold"))
        ),
        default=0,
    )


def _looked_back(condition: Node) -> Iterator[float]:
    """Hours without a value after which a condition is met, if it is ever."""
    if (
        condition.text("comparison") == "COMPARISON_LT"
        and condition.text("evaluationMissingData") == "EVALUATION_MISSING_DATA_ACTIVE"
    ):
        for aggregation in condition.nodes("aggregations"):
            period = _seconds(aggregation, "alignmentPeriod")
            yield (period + _seconds(condition, "duration")) / _SECONDS_PER_HOUR


def _seconds(node: Node, path: str) -> int:
    match = _SECONDS.fullmatch(node.text(path, "0s"))
    if match is None:
        return node.unreadable(path, "number of seconds")  # type: ignore[no-any-return]
    return int(match[1])
