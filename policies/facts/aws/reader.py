"""From the engine's resources to the facts of a deployment on AWS."""

from __future__ import annotations

from policies.facts.aws import (
    access,
    billing,
    cluster,
    compute,
    dumps,
    generations,
    machines,
    network,
    stores,
    tasks,
    types,
)
from policies.facts.aws.texts import of_stack
from policies.facts.graph import Graph
from policies.facts.kubernetes.contents import Cloud, Cluster
from policies.facts.model import Deployment
from policies.facts.stack import OLDEST_KUBERNETES, Asked, whole
from policies.facts.unknown import derived


def read(graph: Graph, asked: Asked) -> Deployment:
    """The facts of a stack."""
    task_definitions = tasks.tasks(graph)
    hosts = machines.of_container_service(graph)
    nodes = tuple(machines.of_clusters(graph).values())
    planes = cluster.control_planes(graph)
    cloud = Cloud(
        machines=nodes,
        exposed=cluster.exposed(graph),
        disk=cluster.disk,
        version=next((plane.version for plane in planes), OLDEST_KUBERNETES),
    )
    pods = Cluster(graph, cloud)
    tiers = compute.services(graph, task_definitions, hosts)
    services = (*tiers, *pods.services)
    found_dumps = dumps.dumps(graph, task_definitions, pods.workloads)
    billed = billing.read(graph, pods.workloads, services, found_dumps)
    rules = network.inbound(graph, tiers)
    all_tasks = (*task_definitions.values(), *pods.tasks)
    return Deployment(
        **whole(graph, asked, billed),
        services=services,
        tasks=all_tasks,
        machines=(*hosts.values(), *nodes),
        machine_disks=machines.disks(graph),
        bootstraps=(*compute.bootstraps(graph, task_definitions), *pods.bootstraps),
        databases=stores.databases(graph, rules),
        caches=stores.caches(graph, tiers, rules),
        load_balancers=network.load_balancers(graph),
        proxies=network.proxies(tiers),
        inbound=derived(
            lambda own: (*own, *network.of_other_groups(graph)),
            network.of_groups(rules, graph.of(types.SECURITY_GROUP)),
        ),
        buckets=stores.buckets(graph),
        dumps=found_dumps,
        log_groups=stores.log_groups(graph),
        secrets=stores.secrets(graph),
        grants=access.grants(graph),
        texts=of_stack(graph, all_tasks),
        **pods.contents(),
        control_planes=planes,
        machine_types=generations.machine_types(graph),
    )
