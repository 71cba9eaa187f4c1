"""Task definitions and the containers in them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from policies.facts import letta
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.model import Container, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

CPU_UNITS_PER_VCPU = 1024
DEFAULT_STOP_TIMEOUT_SECONDS = 30
"""Without a `stopTimeout` (ECS developer guide, "Container timeouts")."""

_DEFINITIONS = "containerDefinitions"


def tasks(graph: Graph) -> Mapping[str, Task]:
    """URN -> task definition."""
    return {resource.urn: _task(resource) for resource in graph.of(types.TASK)}


def _task(resource: Resource) -> Task:
    root = resource.root
    own_address = derived(lambda mode: mode == "awsvpc", root.text("networkMode"))
    definitions = derived(lambda text: _definitions(resource, text), root.text(_DEFINITIONS))
    containers = derived(
        lambda nodes, own: tuple(_container(resource, node, own) for node in nodes),
        definitions,
        own_address,
    )
    return Task(
        name=resource.name,
        urn=resource.urn,
        vcpus=derived(
            lambda units: units / CPU_UNITS_PER_VCPU,
            root.integer("cpu") if root.given("cpu") else _sum(definitions, "cpu"),
        ),
        memory_mib=root.integer("memory") if root.given("memory") else _sum(definitions, "memory"),
        own_address=own_address,
        containers=containers,
        servers=derived(letta.servers, containers),
    )


def _definitions(resource: Resource, text: str) -> tuple[Node, ...]:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, list):
        return resource.root.unreadable(  # type: ignore[no-any-return]
            _DEFINITIONS, "JSON list of containers"
        )
    return tuple(
        Node(resource, item, f"{_DEFINITIONS}[{index}]") for index, item in enumerate(parsed)
    )


def _sum(definitions: tuple[Node, ...], key: str) -> int:
    return derived(
        lambda nodes: derived(sum, together(node.integer(key) for node in nodes)), definitions
    )


def _container(resource: Resource, node: Node, own_address: bool) -> Container:
    return Container(
        name=resource.name,
        urn=resource.urn,
        container=node.text("name"),
        image=node.text("image"),
        arguments=(*node.texts("entryPoint"), *node.texts("command")),
        environment={
            entry.text("name"): entry.text("value") for entry in node.nodes("environment")
        },
        references=tuple(entry.text("name") for entry in node.nodes("secrets")),
        stop_timeout_seconds=node.integer("stopTimeout", DEFAULT_STOP_TIMEOUT_SECONDS),
        host_ports=()
        if own_address
        else together(port.integer("hostPort") for port in node.nodes("portMappings")),
        health_command=node.texts("healthCheck.command"),
        probes=(),
    )
