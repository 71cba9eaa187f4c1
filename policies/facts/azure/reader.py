"""From the engine's resources to the facts of a deployment on Azure."""

from __future__ import annotations

from collections.abc import Mapping

from policies.facts import texts
from policies.facts.apart import NO_CLUSTER
from policies.facts.azure import (
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
    "cache-private": "private endpoints alone lead to a cache, and have no list of callers; one "
    "that has an address on the internet breaks open-to-the-world",
    "database-encrypted": "Azure encrypts every disk of a flexible server; nothing can switch it "
    "off",
    "final-snapshot": "Azure keeps the backups of a server that was dropped for five days, "
    "unasked, and takes no other",
    "logs-encrypted": "a key of one's own for logs needs a dedicated cluster of 100 GB a day; "
    "Azure encrypts every workspace with its own",
    "secrets-encrypted": "a vault encrypts its secrets with keys of its own, which nobody "
    "can choose",
    "volumes-encrypted": "Azure encrypts every disk; nothing can switch it off",
}
"""Rule -> why it has nothing to look at on Azure."""
ON_CONTAINER_APPS: Mapping[str, str] = {
    **NO_CLUSTER,
    "scaling-cooldowns": "Container Apps chooses the pauses of its autoscaler itself",
    "imds-v2": "Container Apps has no machines of the stack, and gives a container the identities "
    "alone that the app names for it",
    "rolling-deploy-fits-capacity": "Container Apps has no machines of the stack that could be "
    "full",
    "current-machine-types": "Container Apps has no machines of the stack, and nothing says of a "
    "class of databases or caches that another has come after it",
}
"""The same where servers run on Container Apps."""

ON_AKS: Mapping[str, str] = {
    "current-machine-types": "Azure calls no series of the catalog former, and no other can be "
    "named",
    "imds-v2": "Azure's metadata service knows no tokens; whether pods reach it is said by network "
    "policies",
    "node-autoscaler": "AKS itself adds machines to a pool that has bounds",
}
"""The same where servers run in a cluster."""

_READ_BY_MEANING = ("env", "command", "args")
"""Keys of containers, whose strings are read by what they mean."""


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
        **whole(graph, asked, billed),
        services=tiers,
        tasks=tasks,
        machines=pools,
        machine_disks=(),
        bootstraps=(*services.bootstraps(graph), *pods.bootstraps),
        databases=stores.databases(graph),
        caches=stores.caches(graph, tiers),
        load_balancers=network.load_balancers(graph),
        proxies=(),
        inbound=network.inbound(graph),
        buckets=stores.buckets(graph),
        dumps=found_dumps,
        log_groups=stores.log_groups(graph),
        secrets=stores.secrets(graph),
        grants=access.grants(graph),
        texts=texts.of_stack(graph, tasks, _apart),
        **pods.contents(),
        control_planes=cluster.control_planes(graph),
        machine_types=(),
        inapplicable={
            **ALWAYS,
            **(ON_CONTAINER_APPS if all(one.serverless for one in tiers) else ON_AKS),
        },
    )


def _apart(resource: Resource) -> tuple[str, ...]:
    read = (types.APP, types.JOB, *workloads.TYPES)
    return _READ_BY_MEANING if resource.type in read else ()
