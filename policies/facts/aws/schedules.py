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

_FLOOR = "scalableTargetAction.minCapacity"
_CEILING = "scalableTargetAction.maxCapacity"


def averaged(graph: Graph, service: Resource, count: Span) -> Span:
    """Copies of a service, on average over the day.

    Read are two daily actions that set different ceilings and the same floor: between the one that
    lowers the ceiling and the one that raises it again is the night. Any other timetable is
    undecidable, for what it would come to is not known.
    """
    targets = graph.referring(service, "resourceId", types.AUTOSCALER)
    actions = {
        action.urn: action
        for owner in (service, *targets)
        for action in graph.referring(owner, "resourceId", types.SCHEDULED_ACTION)
    }
    if not actions:
        return count
    roots = [action.root for action in actions.values()]
    floors = [root.integer(_FLOOR) for root in roots if not root.left_out(_FLOOR)]
    return derived(
        lambda schedules, ceilings, *floors: _between(
            service, zip(ceilings, schedules, strict=True), set(floors), count
        ),
        together(root.text("schedule") for root in roots),
        together(root.integer(_CEILING) for root in roots),
        *(target.root.integer("minCapacity") for target in targets),
        *floors,
    )


def _between(
    service: Resource, actions: Iterable[tuple[int, str]], floors: set[int], count: Span
) -> Span:
    ceilings = sorted((ceiling, time_of(schedule) or "") for ceiling, schedule in actions)
    if len(ceilings) == 2 and len(floors) == 1:
        (few, begins), (many, ends) = ceilings
        if few < many and begins and ends:
            return night.averaged(count, few, night.share(begins, ends))
    undecided: Span = service.undecidable(
        f"the timetable of `{service.name}` is not one ceiling by day and a lower one at night, "
        "above one floor; write it so, or remove it"
    )
    return undecided
