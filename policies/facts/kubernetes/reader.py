"""From the engine's resources to the facts of a deployment that is a tenant of a cluster."""

from __future__ import annotations

from infra.tiers import Workload
from policies.facts import record, texts
from policies.facts.graph import Graph
from policies.facts.kubernetes import caches, databases, dumps, gateways, room, types, workloads
from policies.facts.kubernetes.contents import Cloud, Cluster
from policies.facts.kubernetes.storage import Disk
from policies.facts.kubernetes.tenancy import INAPPLICABLE
from policies.facts.model import Deployment, Spending, StoredSecret
from policies.facts.resource import Resource

_DEPLOYMENT = "letta:index:Deployment"
_STACK = "pulumi:pulumi:Stack"
_OLDEST_VERSION = "1.32"
"""Of Kubernetes: the stack does not know its cluster's."""
_READ_BY_MEANING = ("env", "command", "args")
"""Keys of pods whose strings are read by what they mean."""


def read(
    graph: Graph,
    *,
    tier: str,
    workload: Workload,
    spending: Spending,
    secrets: tuple[str, ...] = (),
) -> Deployment:
    """The facts of a stack. `secrets`: values of its configuration that must appear nowhere."""
    pods = Cluster(
        graph, Cloud(machines=(), exposed=lambda _service: (), disk=_disk, version=_OLDEST_VERSION)
    )
    found_dumps = dumps.dumps(pods.workloads)
    billed = room.read(graph, pods.workloads, pods.services, found_dumps)
    root = next(iter(graph.of(_DEPLOYMENT, _STACK)), None)
    return Deployment(
        name=root.name if root else "stack",
        urn=root.urn if root else "",
        tier=tier,
        workload=workload,
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
        inventory=billed.inventory,
        unpriced=billed.unpriced,
        billable=billed.billable,
        spending=spending,
        cost_records=record.records(graph),
        cost_compared=record.compared(graph),
        confidential=(*secrets, *texts.confidential(graph)),
        inapplicable=INAPPLICABLE,
    )


def _apart(resource: Resource) -> tuple[str, ...]:
    return _READ_BY_MEANING if resource.type in workloads.TYPES else ()


def _disk(_storage_class: Resource) -> Disk:
    """Of a class of the stack's, which makes none of its own: nothing is known of it."""
    return Disk(performance="standard", encrypted=False)
