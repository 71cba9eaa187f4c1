"""Dumps of the database: the CronJobs that make them, where they go, and who is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from components.letta.dump import FOLDER, STORED
from policies.facts.alicloud import types
from policies.facts.alicloud.stores import days, rules
from policies.facts.dumps import cron_jobs, enabled, if_it_dumps, longest_gap_hours, starts
from policies.facts.graph import Graph
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_LOOKED_BACK = re.compile(r"-(\d+)([mhd])")
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
_NONE_FOUND = re.compile(r"\w+ < 1")


def dumps(graph: Graph, workloads: Iterable[Workload]) -> tuple[Dump, ...]:
    """The runs on schedule that dump a database."""
    return tuple(_dumps(graph, workloads))


def _dumps(graph: Graph, workloads: Iterable[Workload]) -> Iterator[Dump]:
    for workload in cron_jobs(workloads):
        resource = workload.template.resource
        buckets = graph.referred(resource, "spec", types.BUCKET)
        times = starts(resource)
        yield from if_it_dumps(
            workload.pod.task,
            Dump(
                name=resource.name,
                urn=resource.urn,
                enabled=enabled(resource),
                times_a_day=derived(len, times),
                longest_gap_hours=derived(longest_gap_hours, times),
                kept_days=derived(lambda found=buckets: _least(found, "expirations")),
                recoverable_days=derived(
                    lambda found=buckets: _least(found, "noncurrentVersionExpirations")
                ),
                told_after_hours=derived(lambda: _told_after(graph)),
                buckets=tuple(one.urn for one in buckets),
            ),
        )


def _least(buckets: Sequence[Resource], action: str) -> int:
    """Shortest age at which a dump, or a replaced version of one, is deleted; 0: never."""
    ages = (
        days(rule, action)
        for bucket in buckets
        for rule in rules(bucket)
        if f"{FOLDER}/".startswith(rule.text("prefix"))
    )
    return min((age for age in ages if age), default=0)


def _told_after(graph: Graph) -> float:
    """Shortest time without a stored dump after which an alert goes off, hours."""
    return min(
        (
            hours
            for alert in graph.of(types.LOG_ALERT)
            if _goes_off_without_any(alert.root)
            for query in alert.root.nodes("queryLists")
            if STORED in query.text("query")
            for hours in _looked_back(query)
        ),
        default=0,
    )


def _goes_off_without_any(alert: Node) -> bool:
    """Whether it is met when no line is found, and is handed on."""
    return alert.given("policyConfiguration.alertPolicyId") and any(
        _NONE_FOUND.fullmatch(str(each.text("evalCondition.condition")))
        for each in alert.nodes("severityConfigurations")
    )


def _looked_back(query: Node) -> Iterator[float]:
    match = _LOOKED_BACK.fullmatch(query.text("start"))
    if match:
        yield int(match[1]) * _HOURS[match[2]]
