"""Containers of Cloud Run's services and jobs."""

from __future__ import annotations

import re
from typing import Literal

from policies.facts import letta
from policies.facts.model import Container, Probe, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi)?")
_MIB = {"": 1 / 2**20, "Ki": 1 / 2**10, "Mi": 1.0, "Gi": float(2**10)}
_PROBES: tuple[tuple[Literal["startup", "liveness"], str], ...] = (
    ("startup", "startupProbe"),
    ("liveness", "livenessProbe"),
)
DEFAULT_MIB = 512
"""Memory of a container that states none (Cloud Run documentation, "Configure memory limits")."""
DEFAULT_TIMEOUT_SECONDS = 300
"""Of a request, where none is stated (Cloud Run documentation, "Set request timeout")."""


def task(resource: Resource, template: Node) -> Task:
    """What one copy consists of. `template`: where containers and the time limit stand."""
    nodes = template.nodes("containers")
    limit = seconds(template)
    containers = derived(
        lambda found: tuple(_container(resource, node, limit) for node in found), nodes
    )
    return Task(
        name=resource.name,
        urn=resource.urn,
        vcpus=derived(
            lambda found: derived(
                sum, together(node.number("resources.limits.cpu", 1) for node in found)
            ),
            nodes,
        ),
        memory_mib=derived(
            lambda found: derived(sum, together(_memory_mib(node) for node in found)), nodes
        ),
        own_address=True,
        containers=containers,
        servers=derived(letta.servers, containers),
    )


def seconds(template: Node) -> int:
    """How long a request, or a run, may take."""
    text = template.text("timeout", f"{DEFAULT_TIMEOUT_SECONDS}s")
    return derived(lambda known: int(float(known.rstrip("s"))), text)


def _memory_mib(node: Node) -> int:
    text = node.text("resources.limits.memory", f"{DEFAULT_MIB}Mi")
    return derived(lambda known: _mib(node, known), text)


def _mib(node: Node, text: str) -> int:
    match = _MEMORY.fullmatch(text)
    if match is None:
        return node.unreadable(  # type: ignore[no-any-return]
            "resources.limits.memory", "amount of memory"
        )
    return int(float(match[1]) * _MIB[match[2] or ""])


def _container(resource: Resource, node: Node, limit: int) -> Container:
    variables = node.nodes("envs")
    return Container(
        name=resource.name,
        urn=resource.urn,
        container=node.text("name"),
        image=node.text("image"),
        arguments=(*node.texts("commands"), *node.texts("args")),
        environment={
            entry.text("name"): entry.text("value")
            for entry in variables
            if not entry.given("valueSource")
        },
        references=tuple(
            entry.text("name") for entry in variables if entry.given("valueSource.secretKeyRef")
        ),
        # A copy that answers a request is not asked to stop before the request has ended (Cloud
        # Run documentation, "Container runtime contract").
        stop_timeout_seconds=limit,
        host_ports=(),
        health_command=(),
        probes=tuple(
            Probe(
                kind=kind,
                path=node.text(f"{name}.httpGet.path"),
                seconds=derived(
                    lambda period, failures: period * failures,
                    node.integer(f"{name}.periodSeconds", 10),
                    node.integer(f"{name}.failureThreshold", 3),
                ),
            )
            for kind, name in _PROBES
            if node.given(name)
        ),
    )
