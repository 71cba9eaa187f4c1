"""Timetables: how scheduled actions change the number of a service's copies over the day."""

from __future__ import annotations

from collections.abc import Iterable

from components.aws.schedule_text import time_of
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.resource import Resource
from policies.facts.unknown import derived, together
from pricing import night
from pricing.span import Span

_CEILING = "scalableTargetAction.maxCapacity"


def averaged(graph: Graph, service: Resource, count: Span) -> Span:
    """Copies of a service, on average over the day.

    Read are two daily actions that set different ceilings: between the one that lowers it and the
    one that raises it again is the night. Any other timetable is undecidable, for what it would
    come to is not known.
    """
    actions = {
        action.urn: action
        for owner in (service, *graph.referring(service, "resourceId", types.AUTOSCALER))
        for action in graph.referring(owner, "resourceId", types.SCHEDULED_ACTION)
    }
    if not actions:
        return count
    return derived(
        lambda schedules, ceilings: _between(service, zip(ceilings, schedules, strict=True), count),
        together(action.root.text("schedule") for action in actions.values()),
        together(action.root.integer(_CEILING) for action in actions.values()),
    )


def _between(service: Resource, actions: Iterable[tuple[int, str]], count: Span) -> Span:
    ceilings = sorted((ceiling, time_of(schedule) or "") for ceiling, schedule in actions)
    if len(ceilings) == 2:
        (few, begins), (many, ends) = ceilings
        if few < many and begins and ends:
            return night.averaged(count, few, night.share(begins, ends))
    undecided: Span = service.undecidable(
        f"the timetable of `{service.name}` is not one ceiling by day and a lower one at night; "
        "write it so, or remove it"
    )
    return undecided
