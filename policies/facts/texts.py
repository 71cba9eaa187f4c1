"""All strings of a stack that somebody besides their owner can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from policies.facts.graph import Graph
from policies.facts.model import Container, Task, Text
from policies.facts.resource import Resource, Secret, plain
from policies.facts.unknown import Unknown

LEAST_SECRET_LENGTH = 12
"""Shorter secrets would be found by chance."""
MOST_SECRET_LENGTH = 512
"""Longer ones are documents that hold other things too."""


def of_stack(
    graph: Graph, tasks: Iterable[Task], apart: Callable[[Resource], tuple[str, ...]]
) -> tuple[Text, ...]:
    """Those of containers, and those of all resources. `apart`: keys of a resource under which
    containers stand, which are read by what they mean."""
    return (
        *(text for task in tasks for text in of_containers(task)),
        *(
            text
            for resource in graph.resources
            for text in of_properties(resource, but=apart(resource))
        ),
    )


def of_containers(task: Task) -> Iterator[Text]:
    """Variables and command lines of a task, which the cloud shows to whoever may list tasks."""
    containers: Any = task.containers
    if isinstance(containers, Unknown):
        yield Text(name=task.name, urn=task.urn, place="", variable="", value=containers)  # type: ignore[arg-type]
        return
    for container in task.containers:
        name = known(container.container, "without a name")
        yield from of_variables(container, f"of container {name}")
        for argument in known(container.arguments, (container.arguments,)):
            yield Text(
                name=container.name,
                urn=container.urn,
                place=f"the command of container {name}",
                variable="",
                value=argument,
            )


def known(value: Any, otherwise: Any) -> Any:  # noqa: ANN401  (whatever the value is)
    """A value as far as it can be told; else what stands for it, which no rule can look at."""
    return otherwise if isinstance(value, Unknown) else value


def of_variables(container: Container, where: str) -> Iterator[Text]:
    """Environment variables of a container."""
    variables = known(container.environment, {"": container.environment})
    for variable, value in variables.items():
        yield Text(
            name=container.name,
            urn=container.urn,
            place=f"variable {variable} {where}",
            variable=variable,
            value=value,
        )


def of_properties(resource: Resource, *, but: tuple[str, ...] = ()) -> Iterator[Text]:
    """Strings that the state holds unencrypted. What the cloud has yet to say is left out: it is
    looked at when it is known, at the end of the update.

    `but`: keys, at any depth, under which nothing is looked at.
    """
    for name, value in resource.properties.items():
        if name not in but:
            yield from _strings(resource, name, value, but)


def _strings(resource: Resource, path: str, value: object, but: tuple[str, ...]) -> Iterator[Text]:
    if isinstance(value, str):
        if len(value) >= LEAST_SECRET_LENGTH:
            yield Text(
                name=resource.name,
                urn=resource.urn,
                place=f"property `{path}`",
                variable="",
                value=value,
            )
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(resource, f"{path}[{index}]", item, but)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in but:
                yield from _strings(resource, f"{path}.{key}", item, but)


def confidential(graph: Graph, *, but: tuple[str, ...] = ()) -> Iterator[str]:
    """Values that the engine keeps encrypted, as far as they are known.

    `but`: properties that an SDK keeps encrypted though they are no secrets.
    """
    for resource in graph.resources:
        for name, value in resource.properties.items():
            if name not in but:
                yield from _secrets(value)


def _secrets(value: object, *, inside: bool = False) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _secrets(plain(value), inside=True)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item, inside=inside)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item, inside=inside)
    elif inside and isinstance(value, str):
        one_word = not any(character.isspace() for character in value)
        if one_word and LEAST_SECRET_LENGTH <= len(value) <= MOST_SECRET_LENGTH:
            yield value
