"""Dumps of the database: what starts them, where they go, and who is told when none comes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from components.letta.dump import FOLDER, STORED
from components.workloads.cron import starts_of
from policies.facts.azure import types
from policies.facts.azure.ageing import rules_for
from policies.facts.dumps import Run, if_it_dumps, kept, of_cluster
from policies.facts.graph import Graph
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Task
from policies.facts.resource import Resource
from policies.facts.unknown import derived

_LOOKED_BACK = re.compile(r"ago\((\d+)h\)")
_PERIOD_HOURS = {"PT5M": 1 / 12, "PT15M": 0.25, "PT30M": 0.5, "PT1H": 1.0, "PT6H": 6.0}


def dumps(graph: Graph, tasks: Iterable[Task], workloads: Iterable[Workload]) -> tuple[Dump, ...]:
    """The jobs on schedule that dump a database, on Container Apps and in a cluster."""
    read = partial(_dump, graph)
    return (
        *_scheduled(graph, {task.urn: task for task in tasks}),
        *of_cluster(graph, workloads, types.ACCOUNT, read, via=(types.CONTAINER,)),
    )


def _scheduled(graph: Graph, tasks: dict[str, Task]) -> Iterator[Dump]:
    for job in graph.of(types.JOB):
        if is_scheduled(job):
            cron = job.root.text("configuration.scheduleTriggerConfig.cronExpression")
            run = Run(
                resource=job,
                enabled=True,
                starts=derived(starts_of, cron),
                buckets=graph.referred(job, "template", types.ACCOUNT, via=(types.CONTAINER,)),
            )
            yield from if_it_dumps(tasks[job.urn], _dump(graph, run))


def is_scheduled(job: Resource) -> bool:
    """Whether a job has a timetable."""
    return job.root.text("configuration.triggerType") == "Schedule"


def _dump(graph: Graph, run: Run) -> Dump:
    return kept(
        run,
        kept_days=derived(lambda: _least(graph, run.buckets, versions=False)),
        recoverable_days=derived(lambda: _recoverable(graph, run.buckets)),
        told_after_hours=derived(lambda: _told_after(graph)),
    )


def _least(graph: Graph, accounts: Iterable[Resource], *, versions: bool) -> int:
    """Shortest age at which a dump, or the last version of one, is deleted, days; 0: never."""
    ages = (
        rules_for(policy, FOLDER)
        for account in accounts
        for policy in graph.referring(account, "accountName", types.LIFECYCLE)
    )
    found = (one.versions_deleted_days if versions else one.deleted_days for one in ages)
    return min((one for one in found if one), default=0)


def _recoverable(graph: Graph, accounts: Sequence[Resource]) -> int:
    """Days for which a deleted dump can be had back: as a version, and then as a deleted one."""
    versions = _least(graph, accounts, versions=True)
    kept = (
        service.root.integer("deleteRetentionPolicy.days")
        for account in accounts
        for service in graph.referring(account, "accountName", types.BLOB_SERVICE)
        if service.root.flag("deleteRetentionPolicy.enabled")
    )
    return versions and versions + min(kept, default=0)


def _told_after(graph: Graph) -> float:
    """Shortest time after which an alarm on stored dumps goes off, hours."""
    return min(
        (
            hours
            for rule in graph.of(types.QUERY_ALERT)
            if rule.root.flag("enabled", default=True)
            for hours in _looked_back(rule)
        ),
        default=0,
    )


def _looked_back(rule: Resource) -> Iterator[float]:
    """Hours without a line after which an alarm goes off, if it does for that."""
    every = _PERIOD_HOURS.get(rule.root.text("evaluationFrequency"))
    for condition in rule.root.nodes("criteria.allOf"):
        query = condition.text("query")
        match = _LOOKED_BACK.search(query)
        silent = condition.text("operator") == "LessThan" and condition.number("threshold") <= 1
        if STORED in query and silent and match and every and rule.root.given("actions"):
            yield int(match[1]) + every
