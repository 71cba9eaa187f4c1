"""Who reaches whom beyond what workloads open themselves: gateway to servers, servers to stores."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import meta, networking

from components.workloads import network_policies
from components.workloads.labels import COMPONENT, Component, metadata

SERVERS: tuple[Component, ...] = ("server", "bootstrap")
"""Who calls every store."""


def to_store(
    parent: pulumi.Resource,
    name: str,
    store: str,
    port: int,
    callers: Sequence[Component] = SERVERS,
) -> pulumi.Resource:
    """Let pods call those of a store. `store`: its workload's name."""
    return networking.v1.NetworkPolicy(
        f"{name}-callers",
        metadata=metadata(f"{name}-callers", "store", instance=store),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(
                match_expressions=[
                    meta.v1.LabelSelectorRequirementArgs(
                        key=COMPONENT, operator="In", values=list(callers)
                    )
                ]
            ),
            policy_types=["Egress"],
            egress=[network_policies.allow_to(network_policies.pods("store"), port)],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def of_store(
    parent: pulumi.Resource,
    name: str,
    port: int,
    *,
    callers: Sequence[Component] = SERVERS,
    ingress: Sequence[networking.v1.NetworkPolicyIngressRuleArgs] = (),
    egress: Sequence[networking.v1.NetworkPolicyEgressRuleArgs] = (),
) -> pulumi.Resource:
    """What the pods of a store may do: answer their callers, and what is named."""
    return network_policies.network_policy(
        parent,
        name,
        "store",
        ingress=[
            network_policies.allow_from(network_policies.pods(*callers), port),
            *ingress,
        ],
        egress=egress,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def from_gateway(parent: pulumi.Resource, name: str, namespace: str, port: int) -> pulumi.Resource:
    """Let the pods of the gateway's namespace call the servers `name`."""
    return network_policies.network_policy(
        parent,
        f"{name}-gateway",
        "server",
        instance=name,
        ingress=[network_policies.allow_from(network_policies.pods_elsewhere(namespace, {}), port)],
        opts=pulumi.ResourceOptions(parent=parent),
    )
