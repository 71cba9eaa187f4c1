"""The tiers of servers on a cluster, and the run that prepares their database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from policies.facts import roles
from policies.facts.graph import Graph
from policies.facts.kubernetes import guards, scaling, types, workloads
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Bootstrap, HealthCheck, Service
from policies.facts.resource import Resource
from policies.facts.unknown import Undecidable, derived, together

Exposed = Callable[[Resource], tuple[HealthCheck, ...]]
"""A service of the cluster -> how the cloud's load balancer sees whether its pods are well."""


def services(
    graph: Graph,
    found: Iterable[Workload],
    addresses: Iterable[guards.Address],
    exposed: Exposed,
) -> tuple[Service, ...]:
    """The tiers of copies that serve."""
    known = tuple(addresses)
    return tuple(
        _service(graph, workload, known, exposed)
        for workload in found
        if workload.template.kind == "copies" and _serves(graph, workload)
    )


def _serves(graph: Graph, workload: Workload) -> bool:
    """Whether it is part of a role of servers, or runs one as far as can be told."""
    return bool(roles.of(graph, workload.template.resource)) or _runs_letta(workload)


def _runs_letta(workload: Workload) -> bool:
    try:
        return bool(workload.pod.task.servers)
    except Undecidable:
        return False


def _service(
    graph: Graph, workload: Workload, addresses: tuple[guards.Address, ...], exposed: Exposed
) -> Service:
    resource, pod = workload.template.resource, workload.pod
    autoscalers = scaling.scalings(graph, resource)
    return Service(
        name=resource.name,
        urn=resource.urn,
        role=roles.of(graph, resource) or "api",
        copies=workloads.wanted(resource),
        settled=derived(
            lambda each: (
                bool(each)
                and resource.root.given("metadata.uid")
                and not resource.root.undetermined("metadata.uid")
            ),
            autoscalers,
        ),
        rolling_copies=pod.copies_at_most,
        connected_copies=scaling.connected_copies(graph, resource),
        task=pod.task,
        pods=(pod,),
        serverless=False,
        spot=derived(lambda pools: any(one.spot for one in pools), pod.machines),
        machines=pod.machines,
        scaling=autoscalers,
        health_checks=derived(
            lambda: tuple(
                check
                for address in addresses
                if any(one.resource.urn == resource.urn for one in address.templates)
                for check in exposed(address.resource)
            )
        ),
        zones=derived(
            lambda pools: tuple(
                zone for zones in together(one.zones for one in pools) for zone in zones
            ),
            pod.machines,
        ),
        waits_for=tuple(job.name for job in graph.waits_for(resource, types.JOB)),
    )


def bootstraps(found: Iterable[Workload]) -> tuple[Bootstrap, ...]:
    """The runs of a server's image that end by themselves."""
    return tuple(_bootstraps(found))


def _bootstraps(found: Iterable[Workload]) -> Iterator[Bootstrap]:
    for workload in found:
        resource, pod = workload.template.resource, workload.pod
        if resource.type == types.JOB and _runs_letta(workload):
            yield Bootstrap(name=resource.name, urn=resource.urn, tasks=(pod.task,))
