"""Strings of a stack on AWS, with the forms that AWS wraps some of them in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping

from policies.facts import texts
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.kubernetes import workloads
from policies.facts.model import Task, Text
from policies.facts.resource import Resource
from policies.facts.unknown import Unknown, derived

_WRAPPED: Mapping[str, tuple[str, ...]] = {
    types.TASK: ("containerDefinitions",),
    types.LAUNCH_TEMPLATE: ("userData",),
    types.FUNCTION: ("environment",),
    **dict.fromkeys(workloads.TYPES, ("env", "command", "args")),
}
"""Type -> keys whose strings are read by what they mean."""


def of_stack(graph: Graph, tasks: Iterable[Task]) -> tuple[Text, ...]:
    """All strings that are not encrypted."""
    return tuple(_all(graph, tasks))


def _all(graph: Graph, tasks: Iterable[Task]) -> Iterator[Text]:
    for task in tasks:
        yield from texts.of_containers(task)
    for template in graph.of(types.LAUNCH_TEMPLATE):
        yield _user_data(template)
    for function in graph.of(types.FUNCTION):
        yield from _function(function)
    for resource in graph.resources:
        yield from texts.of_properties(resource, but=_WRAPPED.get(resource.type, ()))


def _user_data(template: Resource) -> Text:
    return Text(
        name=template.name,
        urn=template.urn,
        place="user data",
        variable="",
        value=derived(lambda text: _decoded(template, text), template.root.text("userData")),
    )


def _decoded(template: Resource, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return template.root.unreadable("userData", "base64 text")  # type: ignore[no-any-return]


def _function(function: Resource) -> Iterator[Text]:
    variables = function.root.mapping("environment.variables")
    if isinstance(variables, Unknown):
        variables = {"": variables}
    for variable, value in variables.items():
        yield Text(
            name=function.name,
            urn=function.urn,
            place=f"variable {variable} of the function",
            variable=variable,
            value=value,
        )
