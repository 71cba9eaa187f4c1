"""Dumps of the database: what starts them, where they go, and who is told when none comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from components.aws.schedule_text import times_of
from components.letta.dump import FOLDER, STORED
from policies.facts.aws import types
from policies.facts.dumps import Run, if_it_dumps, kept, of_cluster
from policies.facts.graph import Graph
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_SECONDS_PER_HOUR = 3600


def dumps(
    graph: Graph, tasks: Mapping[str, Task], workloads: Iterable[Workload]
) -> tuple[Dump, ...]:
    """The runs on schedule that dump a database, as tasks and as jobs of a cluster."""
    read = partial(_dump, graph)
    return (
        *_scheduled(graph, tasks),
        *of_cluster(graph, workloads, types.BUCKET, read),
    )


def _scheduled(graph: Graph, tasks: Mapping[str, Task]) -> Iterator[Dump]:
    for resource in graph.of(types.SCHEDULE):
        for definition in graph.referred(resource, "target", types.TASK):
            root = resource.root
            run = Run(
                resource=resource,
                enabled=derived(lambda state: state == "ENABLED", root.text("state", "ENABLED")),
                starts=derived(times_of, root.text("scheduleExpression")),
                buckets=graph.referred(definition, "containerDefinitions", types.BUCKET),
            )
            yield from if_it_dumps(tasks[definition.urn], _dump(graph, run))


def _dump(graph: Graph, run: Run) -> Dump:
    rules = derived(lambda: tuple(_rules(graph, run.buckets)))
    return kept(
        run,
        kept_days=derived(lambda found: _least(found, "expiration.days"), rules),
        recoverable_days=derived(
            lambda found: _least(found, "noncurrentVersionExpiration.noncurrentDays"), rules
        ),
        told_after_hours=derived(lambda: _told_after(graph)),
    )


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
