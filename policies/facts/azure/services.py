"""Tiers of copies on Container Apps, and the job that runs before them."""

from __future__ import annotations

from collections.abc import Iterator

from components.azure import catalog
from policies.facts import roles
from policies.facts.azure import types
from policies.facts.azure.containers import task
from policies.facts.azure.network import drained
from policies.facts.graph import Graph
from policies.facts.model import Bootstrap, HealthCheck, Scaling, Service, Target, Task
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

MOST_COPIES = 10
"""Most copies where none are stated (SDK, `Scale.max_replicas`)."""
ROLLING = 2
"""Copies of the revision before go on until those of the new one are ready."""
_UTILIZATION = ("cpu", "memory")


def services(graph: Graph) -> tuple[Service, ...]:
    """The tiers of copies."""
    return tuple(_service(graph, resource) for resource in graph.of(types.APP))


def _service(graph: Graph, resource: Resource) -> Service:
    scaling = _scaling(resource)
    rolling = derived(lambda most: int(most) * ROLLING, scaling.max_copies)
    found = task(resource)
    return Service(
        name=resource.name,
        urn=resource.urn,
        role=roles.of(graph, resource) or "api",
        copies=scaling.min_copies,
        settled=False,
        rolling_copies=rolling,
        connected_copies=rolling,
        task=found,
        pods=(),
        serverless=True,
        spot=False,
        machines=(),
        scaling=derived(
            lambda least, most: (scaling,) if least < most else (),
            scaling.min_copies,
            scaling.max_copies,
        ),
        health_checks=derived(lambda: tuple(_checks(graph, resource))),
        zones=derived(lambda: _zones(graph, resource)),
        waits_for=tuple(run.name for run in graph.waits_for(resource, types.SCRIPT)),
    )


def _checks(graph: Graph, resource: Resource) -> Iterator[HealthCheck]:
    """How the app's own way in sees a copy, and how the gateway sees the app."""
    template = resource.root.node("template")
    for container in template.nodes("containers"):
        for probe in container.nodes("probes"):
            if probe.text("type") == "Readiness":
                yield HealthCheck(
                    name=resource.name,
                    urn=resource.urn,
                    path=probe.text("httpGet.path"),
                    drain_seconds=template.integer("terminationGracePeriodSeconds", 30),
                )
    for gateway in graph.of(types.GATEWAY):
        for probe in gateway.root.nodes("probes"):
            yield HealthCheck(
                name=gateway.name,
                urn=gateway.urn,
                path=probe.text("path"),
                drain_seconds=drained(gateway),
            )


def _zones(graph: Graph, resource: Resource) -> tuple[str, ...]:
    """Copies stand in every zone of a region if their environment is to."""
    for environment in graph.referred(resource, "environmentId", types.ENVIRONMENT):
        if environment.root.flag("zoneRedundant"):
            try:
                return catalog.zones(environment.root.text("location"))
            except catalog.CatalogError as error:
                return resource.undecidable(str(error))  # type: ignore[no-any-return]
    return ("one",)


def _scaling(resource: Resource) -> Scaling:
    scaling = resource.root.node("template.scale")
    return Scaling(
        name=resource.name,
        urn=resource.urn,
        min_copies=scaling.integer("minReplicas"),
        max_copies=scaling.integer("maxReplicas", MOST_COPIES),
        targets=derived(
            lambda rules: tuple(_target(resource, rule) for rule in rules),
            scaling.nodes("rules"),
        ),
    )


def _target(resource: Resource, rule: Node) -> Target:
    measure = rule.text("custom.type")
    metadata = rule.node("custom.metadata")
    return Target(
        name=resource.name,
        urn=resource.urn,
        metric=derived(lambda named: named if named in _UTILIZATION else "other", measure),
        percent=derived(
            lambda named: metadata.number("value") if named in _UTILIZATION else 0.0, measure
        ),
        # Container Apps chooses both pauses itself.
        scale_out_cooldown_seconds=0,
        scale_in_cooldown_seconds=0,
    )


def jobs(graph: Graph) -> tuple[Task, ...]:
    """What the jobs consist of."""
    return tuple(task(resource) for resource in graph.of(types.JOB))


def bootstraps(graph: Graph) -> tuple[Bootstrap, ...]:
    """The jobs that a script starts, and waits for, when they are made."""
    return tuple(
        Bootstrap(name=script.name, urn=script.urn, tasks=tuple(task(job) for job in started))
        for script in graph.of(types.SCRIPT)
        if (started := graph.referred(script, "environmentVariables", types.JOB))
    )
