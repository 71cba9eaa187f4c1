"""Services of Cloud Run, and the job that runs before them."""

from __future__ import annotations

from components.gcp import catalog
from policies.facts import roles
from policies.facts.gcp import types
from policies.facts.gcp.containers import seconds, task
from policies.facts.graph import Graph
from policies.facts.model import Bootstrap, HealthCheck, Scaling, Service, Target, Task
from policies.facts.resource import Resource
from policies.facts.unknown import derived

IDLE_SECONDS = 900
"""How long Cloud Run keeps a copy that nobody calls, at the most (Cloud Run documentation, "About
instance autoscaling for Cloud Run services")."""
DEFAULT_CPU_SHARE = 0.6
"""Share of the CPU that its autoscaler holds where none is stated (the same page)."""
MOST_COPIES = 100
"""Most copies where none are stated (Cloud Run documentation, "Set maximum instances")."""
ROLLING = 2
"""While a revision takes over from another, each may have as many copies as its bound says."""


def services(graph: Graph) -> tuple[Service, ...]:
    """The tiers of copies."""
    return tuple(_service(graph, resource) for resource in graph.of(types.SERVICE))


def _service(graph: Graph, resource: Resource) -> Service:
    template = resource.root.node("template")
    scaling = _scaling(resource)
    rolling = derived(lambda most: int(most) * ROLLING, scaling.max_copies)
    return Service(
        name=resource.name,
        urn=resource.urn,
        role=roles.of(graph, resource) or "api",
        copies=scaling.min_copies,
        settled=False,
        rolling_copies=rolling,
        connected_copies=rolling,
        task=task(resource, template),
        pods=(),
        serverless=True,
        spot=False,
        machines=(),
        scaling=derived(
            lambda least, most: (scaling,) if least < most else (),
            scaling.min_copies,
            scaling.max_copies,
        ),
        health_checks=derived(
            lambda nodes: tuple(
                HealthCheck(
                    name=resource.name,
                    urn=resource.urn,
                    path=node.text("livenessProbe.httpGet.path"),
                    drain_seconds=seconds(template),
                )
                for node in nodes
                if node.given("livenessProbe")
            ),
            template.nodes("containers"),
        ),
        zones=derived(lambda region: _zones(resource, region), resource.root.text("location")),
        waits_for=tuple(run.name for run in graph.waits_for(resource, types.JOB)),
    )


def _zones(resource: Resource, region: str) -> tuple[str, ...]:
    """Copies stand in any zone of the region."""
    try:
        return catalog.zones(region)
    except catalog.CatalogError as error:
        return resource.undecidable(str(error))  # type: ignore[no-any-return]


def _scaling(resource: Resource) -> Scaling:
    scaling = resource.root.node("template.scaling")
    return Scaling(
        name=resource.name,
        urn=resource.urn,
        min_copies=scaling.integer("minInstanceCount"),
        max_copies=scaling.integer("maxInstanceCount", MOST_COPIES),
        targets=(
            Target(
                name=resource.name,
                urn=resource.urn,
                metric="cpu",
                percent=derived(
                    lambda share: share * 100, scaling.number("cpuUtilization", DEFAULT_CPU_SHARE)
                ),
                scale_out_cooldown_seconds=0,
                scale_in_cooldown_seconds=IDLE_SECONDS,
            ),
        ),
    )


def jobs(graph: Graph) -> tuple[Task, ...]:
    """What the jobs consist of."""
    return tuple(_job(resource) for resource in graph.of(types.JOB))


def _job(resource: Resource) -> Task:
    return task(resource, resource.root.node("template.template"))


def bootstraps(graph: Graph) -> tuple[Bootstrap, ...]:
    """The jobs that are run, and waited for, when they are made."""
    return tuple(
        Bootstrap(name=resource.name, urn=resource.urn, tasks=(_job(resource),))
        for resource in graph.of(types.JOB)
        if resource.root.given("runExecutionToken")
    )
