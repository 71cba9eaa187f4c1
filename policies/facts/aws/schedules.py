"""Timetables: how scheduled actions change the number of a service's copies over the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.aws.schedule_text import time_of
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.resource import Node, Resource
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
    roots = _actions(graph, service)
    if not roots:
        return count
    return derived(
        lambda schedules, ceilings, floors: _between(
            service, zip(ceilings, schedules, strict=True), set(floors), count
        ),
        together(root.text("schedule") for root in roots),
        together(root.integer(_CEILING) for root in roots),
        together(_bounds(graph, service, "minCapacity", _FLOOR)),
    )


def floor(graph: Graph, service: Resource) -> int:
    """Fewest copies that the autoscaler of a service is ever set to."""
    found = together(_bounds(graph, service, "minCapacity", _FLOOR))
    return derived(_least, found)


def ceiling(graph: Graph, service: Resource) -> int:
    """Most copies that the autoscaler of a service is ever set to."""
    found = together(_bounds(graph, service, "maxCapacity", _CEILING))
    return derived(_most, found)


def _least(bounds: tuple[int, ...]) -> int:
    return min(bounds)


def _most(bounds: tuple[int, ...]) -> int:
    return max(bounds)


def _targets(graph: Graph, service: Resource) -> list[Resource]:
    return graph.referring(service, "resourceId", types.AUTOSCALER)


def _actions(graph: Graph, service: Resource) -> list[Node]:
    actions = {
        action.urn: action.root
        for owner in (service, *_targets(graph, service))
        for action in graph.referring(owner, "resourceId", types.SCHEDULED_ACTION)
    }
    return list(actions.values())


def _bounds(graph: Graph, service: Resource, of_target: str, of_action: str) -> Iterator[int]:
    """A bound as the autoscaler begins, and as every action that speaks of it sets it."""
    for target in _targets(graph, service):
        yield target.root.integer(of_target)
    for action in _actions(graph, service):
        if not action.left_out(of_action):
            yield action.integer(of_action)


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
