"""What a tenant is billed for: the room that pods and volumes take in somebody's cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from policies.facts import roles
from policies.facts.billing import Billing, Reader, Table, between, billing
from policies.facts.dumps import made_by
from policies.facts.graph import Graph
from policies.facts.kubernetes import databases, scaling, types, workloads
from policies.facts.kubernetes.billing import PLAIN_KINDS, service
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Service
from policies.facts.resource import Resource
from policies.facts.unknown import derived
from pricing.inventory import (
    Bucket,
    Component,
    DumpRuns,
    Dumps,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span

CLOUD: Final = "kubernetes"
_RANDOM: Final = frozenset(
    ("random:index/randomId:RandomId", "random:index/randomPassword:RandomPassword")
)
"""What stands in the stack's state alone."""
_FREE: Final = "takes no room"


def read(
    graph: Graph,
    found: Iterable[Workload],
    services: Iterable[Service],
    dumps: tuple[Dump, ...],
) -> Billing:
    """What is billed of a stack in somebody's cluster."""
    root = next(iter(graph.of("letta:index:Deployment")), None)
    return billing(
        graph,
        (_table(graph, found, dumps),),
        cloud=CLOUD,
        region=root.root.text("region") if root else "",
        elsewhere=lambda _resource: "",
        services=services,
    )


def _table(graph: Graph, found: Iterable[Workload], dumps: tuple[Dump, ...]) -> Table:
    known: dict[str, list[Workload]] = {}
    for workload in found:
        known.setdefault(workload.template.resource.urn, []).append(workload)

    def pods(resource: Resource) -> Iterator[Thing]:
        for workload in known.get(resource.urn, ()):
            # What else runs once takes its room for seconds.
            if workload.template.kind == "copies":
                yield _pods(graph, resource, workload)
            elif dump := made_by(resource, dumps):
                yield from _dump(resource, workload, dump)

    readers: dict[str, Reader] = {
        **dict.fromkeys(workloads.TYPES, pods),
        types.CLOUD_NATIVE_PG: _database,
        types.OBJECT_STORE: _bucket,
        types.SERVICE: service,
    }
    free = (types.KNOWN | frozenset(PLAIN_KINDS) | _RANDOM) - frozenset(readers)
    return Table(readers=readers, free=dict.fromkeys(sorted(free), _FREE))


def _pods(graph: Graph, resource: Resource, workload: Workload) -> Thing:
    task = workload.pod.task
    return ServerlessCopies(
        component=_component(graph, resource),
        name=resource.name,
        urn=resource.urn,
        vcpus=task.vcpus,
        memory_gib=task.memory_mib / 1024,
        count=between(
            scaling.fewest_copies(graph, resource),
            workloads.wanted(resource),
            scaling.most_copies(graph, resource),
        ),
    )


def _dump(resource: Resource, workload: Workload, dump: Dump) -> Iterator[Thing]:
    task = workload.pod.task
    yield DumpRuns(
        component="database",
        name=resource.name,
        urn=resource.urn,
        times_a_day=dump.times_a_day,
        vcpus=task.vcpus,
        memory_gib=task.memory_mib / 1024,
    )
    yield Dumps(
        component="database",
        name=resource.name,
        urn=resource.urn,
        times_a_day=dump.times_a_day,
        billed_days=dump.kept_days,
    )


def _component(graph: Graph, resource: Resource) -> Component:
    role = roles.of(graph, resource)
    if role:
        return role
    labels = resource.root.mapping("metadata.labels")
    parts: dict[str, Component] = {"store": "cache", "embedding": "embedding", "llm": "llm"}
    return parts.get(labels.get("app.kubernetes.io/component", ""), "cluster")


def _database(resource: Resource) -> Iterator[Thing]:
    count = derived(Span.fixed, databases.servers(resource))
    yield ServerlessCopies(
        component="database",
        name=resource.name,
        urn=resource.urn,
        vcpus=databases.vcpus(resource),
        memory_gib=databases.memory_gib(resource),
        count=count,
    )
    yield Volumes(
        component="database",
        name=resource.name,
        urn=resource.urn,
        type="volume",
        gib=count * Decimal(float(databases.storage_gib(resource))),
    )


def _bucket(resource: Resource) -> Iterator[Thing]:
    yield Bucket(component="storage", name=resource.name, urn=resource.urn, holds="data")
