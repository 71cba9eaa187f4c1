"""Dumps of the database: what starts them, where they go, and who is told when none comes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from components.letta.dump import FOLDER, STORED
from components.workloads.cron import starts_of
from policies.facts.azure import types
from policies.facts.azure.ageing import rules_for
from policies.facts.dumps import if_it_dumps, longest_gap_hours
from policies.facts.graph import Graph
from policies.facts.model import Dump, Task
from policies.facts.resource import Resource
from policies.facts.unknown import derived

_LOOKED_BACK = re.compile(r"ago\((\d+)h\)")
_PERIOD_HOURS = {"PT5M": 1 / 12, "PT15M": 0.25, "PT30M": 0.5, "PT1H": 1.0, "PT6H": 6.0}


def dumps(graph: Graph, tasks: Iterable[Task]) -> tuple[Dump, ...]:
    """The jobs on schedule that dump a database."""
    return tuple(_dumps(graph, {task.urn: task for task in tasks}))


def _dumps(graph: Graph, tasks: dict[str, Task]) -> Iterator[Dump]:
    for job in graph.of(types.JOB):
        if is_scheduled(job):
            accounts = graph.referred(job, "template", types.ACCOUNT, via=(types.CONTAINER,))
            yield from if_it_dumps(tasks[job.urn], _dump(graph, job, accounts))


def is_scheduled(job: Resource) -> bool:
    """Whether a job has a timetable."""
    return job.root.text("configuration.triggerType") == "Schedule"


def _dump(graph: Graph, job: Resource, accounts: Sequence[Resource]) -> Dump:
    starts = derived(starts_of, job.root.text("configuration.scheduleTriggerConfig.cronExpression"))
    return Dump(
        name=job.name,
        urn=job.urn,
        enabled=True,
        times_a_day=derived(len, starts),
        longest_gap_hours=derived(longest_gap_hours, starts),
        kept_days=derived(lambda: _least(graph, accounts, versions=False)),
        recoverable_days=derived(lambda: _least(graph, accounts, versions=True)),
        told_after_hours=derived(lambda: _told_after(graph)),
        buckets=tuple(one.urn for one in accounts),
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
