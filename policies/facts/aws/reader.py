"""From the engine's resources to the facts of a deployment on AWS."""

from __future__ import annotations

from infra.tiers import Workload
from policies.facts import texts
from policies.facts.aws import access, compute, network, stores, tasks, types
from policies.facts.aws.texts import of_stack
from policies.facts.graph import Graph
from policies.facts.model import Deployment

_DEPLOYMENT = "letta:index:Deployment"
_STACK = "pulumi:pulumi:Stack"


def read(
    graph: Graph, *, tier: str, workload: Workload, secrets: tuple[str, ...] = ()
) -> Deployment:
    """The facts of a stack. `secrets`: values of its configuration that must appear nowhere."""
    task_definitions = tasks.tasks(graph)
    machines = compute.machines(graph)
    services = compute.services(graph, task_definitions, machines)
    rules = network.inbound(graph, services)
    root = next(iter(graph.of(_DEPLOYMENT, _STACK)), None)
    return Deployment(
        name=root.name if root else "stack",
        urn=root.urn if root else "",
        tier=tier,
        workload=workload,
        services=services,
        tasks=tuple(task_definitions.values()),
        machines=tuple(machines.values()),
        bootstraps=compute.bootstraps(graph, task_definitions),
        databases=stores.databases(graph, rules),
        caches=stores.caches(graph, services, rules),
        load_balancers=network.load_balancers(graph),
        proxies=network.proxies(services),
        inbound=network.of_groups(rules, graph.of(types.SECURITY_GROUP)),
        buckets=stores.buckets(graph),
        log_groups=stores.log_groups(graph),
        secrets=stores.secrets(graph),
        grants=access.grants(graph),
        texts=of_stack(graph, task_definitions),
        confidential=(*secrets, *texts.confidential(graph)),
    )
