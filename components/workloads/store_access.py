"""Who reaches stores that are pods, beyond what workloads open themselves."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import meta, networking

from components.workloads import network_policies
from components.workloads.cluster import NAMESPACE
from components.workloads.labels import COMPONENT, Component, metadata

SERVERS: tuple[Component, ...] = ("server", "bootstrap")
"""Who calls every store."""


def to_store(
    parent: pulumi.Resource,
    name: str,
    store: str,
    port: int,
    callers: Sequence[Component] = SERVERS,
    *,
    namespace: str = NAMESPACE,
    opts: pulumi.ResourceOptions | None = None,
) -> pulumi.Resource:
    """Let pods call those of a store. `store`: its workload's name. `opts`: the cluster's
    provider, where the parent has none, and what to wait for."""
    return networking.v1.NetworkPolicy(
        f"{name}-callers",
        metadata=metadata(f"{name}-callers", "store", instance=store, namespace=namespace),
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
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def of_store(
    parent: pulumi.Resource,
    name: str,
    port: int,
    *,
    callers: Sequence[Component] = SERVERS,
    ingress: Sequence[networking.v1.NetworkPolicyIngressRuleArgs] = (),
    egress: Sequence[networking.v1.NetworkPolicyEgressRuleArgs] = (),
    namespace: str = NAMESPACE,
    opts: pulumi.ResourceOptions | None = None,
) -> pulumi.Resource:
    """What the pods of a store may do: answer their callers, and what is named. `opts`: as with
    `to_store`."""
    return network_policies.network_policy(
        parent,
        name,
        "store",
        ingress=[
            network_policies.allow_from(network_policies.pods(*callers), port),
            *ingress,
        ],
        egress=egress,
        namespace=namespace,
        opts=opts,
    )
