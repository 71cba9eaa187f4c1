"""From the engine's resources to the facts of a deployment that is a tenant of a cluster."""

from __future__ import annotations

from policies.facts import texts
from policies.facts.graph import Graph
from policies.facts.kubernetes import caches, databases, dumps, gateways, room, types, workloads
from policies.facts.kubernetes.contents import Cloud, Cluster
from policies.facts.kubernetes.storage import Disk
from policies.facts.kubernetes.tenancy import INAPPLICABLE
from policies.facts.model import Deployment, StoredSecret
from policies.facts.resource import Resource
from policies.facts.stack import OLDEST_KUBERNETES, Asked, whole

_READ_BY_MEANING = ("env", "command", "args")
"""Keys of pods whose strings are read by what they mean."""


def read(graph: Graph, asked: Asked) -> Deployment:
    """The facts of a stack."""
    pods = Cluster(
        graph,
        Cloud(machines=(), exposed=lambda _service: (), disk=_disk, version=OLDEST_KUBERNETES),
    )
    found_dumps = dumps.dumps(pods.workloads)
    billed = room.read(graph, pods.workloads, pods.services, found_dumps)
    return Deployment(
        **whole(graph, asked, billed),
        services=pods.services,
        tasks=pods.tasks,
        machines=(),
        machine_disks=(),
        bootstraps=pods.bootstraps,
        databases=databases.databases(graph),
        caches=caches.caches(pods.workloads),
        load_balancers=gateways.load_balancers(graph),
        proxies=(),
        inbound=(),
        buckets=(),
        dumps=found_dumps,
        log_groups=(),
        secrets=tuple(
            StoredSecret(name=one.name, urn=one.urn, own_key=False)
            for one in graph.of(types.SECRET)
        ),
        grants=(),
        texts=texts.of_stack(graph, pods.tasks, _apart),
        **pods.contents(),
        control_planes=(),
        machine_types=(),
        inapplicable=INAPPLICABLE,
    )


def _apart(resource: Resource) -> tuple[str, ...]:
    return _READ_BY_MEANING if resource.type in workloads.TYPES else ()


def _disk(_storage_class: Resource) -> Disk:
    """Of a class of the stack's, which makes none of its own: nothing is known of it."""
    return Disk(performance="standard", encrypted=False)
