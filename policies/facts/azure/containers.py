"""Containers of Container Apps: apps and jobs."""

from __future__ import annotations

import re
from typing import Literal

from components.azure.fixed import VERSIONS
from policies.facts import letta
from policies.facts.model import Container, Probe, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)Gi")
_MIB_PER_GIB = 1024
_CHANGES = re.compile(r'cd \S+ && exec "\$@"')
_SHELL_WORDS = 4
"""`sh -c <script> sh`; the rest is the command."""
_KINDS: dict[str, Literal["startup", "readiness", "liveness"]] = {
    "Startup": "startup",
    "Readiness": "readiness",
    "Liveness": "liveness",
}
DEFAULT_GRACE_SECONDS = 30
"""What a container is given to end, where nothing is stated (Container Apps documentation,
"Application lifecycle management")."""


def task(resource: Resource) -> Task:
    """What one copy, or one run, consists of. What runs before the others has its own share, and
    the larger one counts."""
    template = resource.root.node("template")
    grace = template.integer("terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS)
    side, first = template.nodes("containers"), template.nodes("initContainers")
    containers = derived(
        lambda one, other: tuple(_container(resource, node, grace) for node in (*one, *other)),
        first,
        side,
    )
    return Task(
        name=resource.name,
        urn=resource.urn,
        vcpus=derived(
            lambda one, other: derived(
                lambda before, beside: max(sum(beside), *before, 0),
                together(node.number("resources.cpu") for node in one),
                together(node.number("resources.cpu") for node in other),
            ),
            first,
            side,
        ),
        memory_mib=derived(
            lambda one, other: derived(
                lambda before, beside: max(sum(beside), *before, 0),
                together(_memory_mib(node) for node in one),
                together(_memory_mib(node) for node in other),
            ),
            first,
            side,
        ),
        own_address=True,
        containers=containers,
        servers=derived(letta.servers, containers),
    )


def _memory_mib(node: Node) -> int:
    return derived(lambda text: _mib(node, text), node.text("resources.memory"))


def _mib(node: Node, text: str) -> int:
    match = _MEMORY.fullmatch(text)
    if match is None:
        return node.unreadable(  # type: ignore[no-any-return]
            "resources.memory", "amount of memory"
        )
    return int(float(match[1]) * _MIB_PER_GIB)


def _without_directory(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command without the shell that changes to its directory and then becomes the command:
    Container Apps has no directory of its own to say."""
    if len(words) > _SHELL_WORDS and words[:2] == ("sh", "-c") and _CHANGES.fullmatch(words[2]):
        return words[_SHELL_WORDS:]
    return words


def _container(resource: Resource, node: Node, grace: int) -> Container:
    variables = node.nodes("env")
    return Container(
        name=resource.name,
        urn=resource.urn,
        container=node.text("name"),
        image=node.text("image"),
        arguments=_without_directory((*node.texts("command"), *node.texts("args"))),
        environment={
            entry.text("name"): entry.text("value")
            for entry in variables
            # What starts a new revision is no setting, and made of what nobody knows yet.
            if not entry.given("secretRef") and entry.text("name") != VERSIONS
        },
        references=tuple(entry.text("name") for entry in variables if entry.given("secretRef")),
        stop_timeout_seconds=grace,
        host_ports=(),
        health_command=(),
        probes=tuple(
            Probe(
                kind=_KINDS[probe.text("type", "Liveness")],
                path=probe.text("httpGet.path"),
                seconds=derived(
                    lambda period, failures: period * failures,
                    probe.integer("periodSeconds", 10),
                    probe.integer("failureThreshold", 3),
                ),
            )
            for probe in node.nodes("probes")
        ),
    )
