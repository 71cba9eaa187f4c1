"""From the engine's resources to the facts of a deployment on Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from policies.facts import texts
from policies.facts.alicloud import (
    access,
    billing,
    cluster,
    dumps,
    machines,
    network,
    stores,
)
from policies.facts.graph import Graph
from policies.facts.kubernetes import workloads
from policies.facts.kubernetes.contents import Cloud, Cluster
from policies.facts.model import Deployment
from policies.facts.resource import Resource
from policies.facts.stack import OLDEST_KUBERNETES, Asked, whole
from policies.facts.unknown import derived

_FIREWALL = (
    "the firewall is WAF 3.0, which is bought once for the whole account and whose rules are the "
    "account's"
)
INAPPLICABLE: Mapping[str, str] = {
    **dict.fromkeys(
        ("waf-present", "waf-passes-prompts", "waf-rate-limit", "waf-logged"), _FIREWALL
    ),
    "secrets-from-store": (
        "a store of secrets is a KMS instance, which is bought apart: Secret objects, encrypted "
        "with the stack's key, hold what the engine keeps encrypted, and no-plain-secret looks at "
        "all that it does not"
    ),
    "secrets-encrypted": (
        "secrets are kept by the control plane, and control-plane-guarded looks at its key"
    ),
    "current-machine-types": (
        "no published list says which families are former ones, and the catalog holds none"
    ),
}
"""Rule -> why it has nothing to look at on Alibaba Cloud."""

_READ_BY_MEANING = ("env", "command", "args")
"""Keys of pods whose strings are read by what they mean."""


def read(graph: Graph, asked: Asked) -> Deployment:
    """The facts of a stack."""
    pools = machines.node_pools(graph)
    planes = cluster.control_planes(graph)
    pods = Cluster(
        graph,
        Cloud(
            machines=pools,
            exposed=cluster.exposed(graph),
            by_node_ports=True,
            disk=cluster.disk,
            version=next((plane.version for plane in planes), OLDEST_KUBERNETES),
        ),
    )
    found_dumps = dumps.dumps(graph, pods.workloads)
    billed = billing.read(graph, pods.workloads, pods.services, found_dumps)
    contents = pods.contents()
    heeded = cluster.network_policies_hold(graph)
    return Deployment(
        **whole(graph, asked, billed),
        services=pods.services,
        tasks=pods.tasks,
        machines=pools,
        machine_disks=machines.disks(graph),
        bootstraps=pods.bootstraps,
        databases=stores.databases(graph),
        caches=stores.caches(graph, pods.workloads),
        load_balancers=network.load_balancers(graph),
        proxies=(),
        inbound=network.inbound(graph),
        buckets=stores.buckets(graph),
        dumps=found_dumps,
        log_groups=stores.log_groups(graph),
        secrets=(),
        grants=access.grants(graph),
        texts=texts.of_stack(graph, pods.tasks, _apart),
        **{
            **contents,
            "pods": tuple(
                replace(
                    pod, policies=derived(lambda held, of=pod.policies: of if held else (), heeded)
                )
                for pod in contents["pods"]
            ),
            # ACK itself runs both.
            "device_plugins": (*contents["device_plugins"], *cluster.device_plugins(graph)),
            "node_autoscalers": (*contents["node_autoscalers"], *machines.autoscalers(graph)),
        },
        control_planes=planes,
        machine_types=(),
        inapplicable=INAPPLICABLE,
    )


def _apart(resource: Resource) -> tuple[str, ...]:
    return _READ_BY_MEANING if resource.type in workloads.TYPES else ()
