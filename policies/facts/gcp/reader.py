"""From the engine's resources to the facts of a deployment on Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping

from policies.facts import texts
from policies.facts.apart import NO_CLUSTER
from policies.facts.gcp import (
    access,
    billing,
    cluster,
    dumps,
    machines,
    network,
    services,
    stores,
    types,
)
from policies.facts.graph import Graph
from policies.facts.kubernetes import workloads
from policies.facts.kubernetes.contents import Cluster
from policies.facts.model import Deployment
from policies.facts.resource import Resource
from policies.facts.stack import Asked, whole

ALWAYS: Mapping[str, str] = {
    "database-encrypted": "Google encrypts every disk of Cloud SQL; nothing can switch it off",
    "volumes-encrypted": "Google encrypts every disk; nothing can switch it off",
    "cache-private": "Memorystore answers on the peered network alone, and has no list of callers",
}
"""Rule -> why it has nothing to look at on Google Cloud."""
ON_CLOUD_RUN: Mapping[str, str] = {
    **NO_CLUSTER,
    "memory-target": "Cloud Run scales by CPU and by requests at once; it has no measure of memory",
    "scaling-cooldowns": "Cloud Run chooses the pauses of its autoscaler itself",
    "spans-zones": "Cloud Run spreads copies over the zones of its region by itself",
    "imds-v2": "Cloud Run has no machines of the stack, and gives a container the rights of its "
    "own account alone",
    "rolling-deploy-fits-capacity": "Cloud Run has no machines of the stack that could be full",
    "current-machine-types": "Cloud Run has no machines of the stack, and the tiers of Cloud SQL "
    "and Memorystore are sizes, of no generation",
}
"""The same where servers run on Cloud Run."""
ON_GKE: Mapping[str, str] = {
    "node-autoscaler": "GKE itself adds machines to a pool that has bounds",
}
"""The same where servers run in a cluster."""

_NO_SECRETS = ("effectiveLabels", "pulumiLabels")
"""Properties that the SDK keeps encrypted on every resource with labels."""
_READ_BY_MEANING = ("envs", "commands", "args")
"""Keys of containers, whose strings are read by what they mean."""
_READ_IN_PODS = ("env", "command", "args")
"""The same of pods."""


def read(graph: Graph, asked: Asked) -> Deployment:
    """The facts of a stack."""
    pools = machines.node_pools(graph)
    pods = Cluster(graph, cluster.cloud(graph, pools))
    tiers = (*services.services(graph), *pods.services)
    jobs = services.jobs(graph)
    tasks = (*(service.task for service in tiers if service.serverless), *jobs, *pods.tasks)
    found_dumps = dumps.dumps(graph, jobs, pods.workloads)
    billed = billing.read(graph, pods.workloads, tiers, found_dumps)
    return Deployment(
        **whole(graph, asked, billed, encrypted=_NO_SECRETS),
        services=tiers,
        tasks=tasks,
        machines=pools,
        machine_disks=(),
        bootstraps=(*services.bootstraps(graph), *pods.bootstraps),
        databases=stores.databases(graph),
        caches=stores.caches(graph, tiers),
        load_balancers=network.load_balancers(graph),
        proxies=network.proxies(graph, tiers),
        inbound=network.inbound(graph),
        buckets=stores.buckets(graph),
        dumps=found_dumps,
        log_groups=stores.log_groups(graph),
        secrets=stores.secrets(graph),
        grants=access.grants(graph),
        texts=texts.of_stack(graph, tasks, _apart),
        **pods.contents(),
        control_planes=cluster.control_planes(graph),
        machine_types=machines.machine_types(graph),
        inapplicable={
            **ALWAYS,
            **(ON_CLOUD_RUN if all(one.serverless for one in tiers) else ON_GKE),
        },
    )


def _apart(resource: Resource) -> tuple[str, ...]:
    if resource.type in (types.SERVICE, types.JOB):
        return _READ_BY_MEANING
    return _READ_IN_PODS if resource.type in workloads.TYPES else ()
