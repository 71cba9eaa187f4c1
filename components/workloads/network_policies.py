"""Network policies: who may talk to whom inside a cluster.

The namespace refuses everything but questions to DNS; each workload opens what it needs. The
kubelet's health checks are not named anywhere: traffic from a pod's own node is always let
through (Kubernetes documentation, "Network Policies").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pulumi
from pulumi_kubernetes import meta, networking

from components.workloads import identity
from components.workloads.cluster import NAMESPACE, Cluster
from components.workloads.labels import COMPONENT, Component, labels, metadata, selector

LINK_LOCAL = "169.254.0.0/16"
"""Where a cloud hands out its metadata and the rights of machines and pods."""
ANYWHERE = "0.0.0.0/0"

_NAMESPACE_NAME = "kubernetes.io/metadata.name"
_DNS_PORT = 53
_DNS_PODS = {"k8s-app": "kube-dns"}

Peer = networking.v1.NetworkPolicyPeerArgs
Ingress = networking.v1.NetworkPolicyIngressRuleArgs
Egress = networking.v1.NetworkPolicyEgressRuleArgs


def ranges(cidrs: Iterable[str]) -> list[Peer]:
    """Address ranges."""
    return [Peer(ip_block=networking.v1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def internet(cluster: Cluster) -> list[Peer]:
    """Every address but the cloud's metadata, the stack's own network and its services."""
    return [
        Peer(
            ip_block=networking.v1.IPBlockArgs(
                cidr=ANYWHERE, except_=[LINK_LOCAL, *cluster.private]
            )
        )
    ]


def from_callers(cluster: Cluster, *ports: int) -> list[Ingress]:
    """Let the load balancer in, where it has addresses; a rule without any would let all in."""
    return [allow_from(ranges(cluster.callers), *ports)] if cluster.callers else []


def to_stores(cluster: Cluster, *ports: int) -> list[Egress]:
    """Let pods reach the stores, where those have addresses; as with `from_callers`."""
    return [allow_to(ranges(cluster.stores), *ports)] if cluster.stores else []


def identity_agent(kind: str) -> Egress:
    """Let pods fetch the rights that the cloud gives to their service account, by kind of
    cluster."""
    cidr, port = identity.AGENTS[kind]
    return allow_to(ranges([cidr]), port)


def pods(*components: Component) -> list[Peer]:
    """Pods of the workloads' namespace, by what they are part of."""
    return [
        Peer(
            pod_selector=meta.v1.LabelSelectorArgs(
                match_expressions=[
                    meta.v1.LabelSelectorRequirementArgs(
                        key=COMPONENT, operator="In", values=list(components)
                    )
                ]
            )
        )
    ]


def pods_elsewhere(namespace: str, matching: Mapping[str, str]) -> list[Peer]:
    """Pods of another namespace, by label; all of them without labels."""
    return [
        Peer(
            namespace_selector=meta.v1.LabelSelectorArgs(match_labels={_NAMESPACE_NAME: namespace}),
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=dict(matching)),
        )
    ]


def allow_from(peers: Sequence[Peer], *ports: int) -> Ingress:
    """Let peers open TCP connections to some ports."""
    return Ingress(from_=list(peers), ports=_tcp(ports))


def allow_to(peers: Sequence[Peer], *ports: int) -> Egress:
    """Let pods open TCP connections to some ports of peers; to all without any."""
    return Egress(to=list(peers), ports=_tcp(ports))


def network_policy(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    *,
    instance: str | None = None,
    ingress: Sequence[Ingress] = (),
    egress: Sequence[Egress] = (),
    namespace: str = NAMESPACE,
    opts: pulumi.ResourceOptions | None = None,
) -> networking.v1.NetworkPolicy:
    """What the pods of the workload `name` may do beyond asking DNS. `instance`: the workload,
    where it has another name."""
    return networking.v1.NetworkPolicy(
        name,
        metadata=metadata(name, component, instance=instance, namespace=namespace),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=selector(instance or name)),
            policy_types=["Ingress", "Egress"],
            ingress=list(ingress),
            egress=list(egress),
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def deny_by_default(
    parent: pulumi.Resource,
    name: str,
    namespace: str,
    opts: pulumi.ResourceOptions | None = None,
) -> list[networking.v1.NetworkPolicy]:
    """Refuse the whole namespace of the workloads everything but questions to DNS."""

    def everybody(
        purpose: str, policy_types: list[str], egress: list[Egress]
    ) -> networking.v1.NetworkPolicy:
        return networking.v1.NetworkPolicy(
            f"{name}-{purpose}",
            metadata=meta.v1.ObjectMetaArgs(
                name=purpose, namespace=namespace, labels=labels(name, "base")
            ),
            spec=networking.v1.NetworkPolicySpecArgs(
                pod_selector=meta.v1.LabelSelectorArgs(), policy_types=policy_types, egress=egress
            ),
            opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
        )

    resolver = Egress(
        to=pods_elsewhere("kube-system", _DNS_PODS),
        ports=[
            networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=_DNS_PORT)
            for protocol in ("UDP", "TCP")
        ],
    )
    return [
        everybody("default-deny", ["Ingress", "Egress"], []),
        everybody("dns", ["Egress"], [resolver]),
    ]


def _tcp(ports: Sequence[int]) -> list[networking.v1.NetworkPolicyPortArgs]:
    if not ports:
        return [networking.v1.NetworkPolicyPortArgs(protocol="TCP")]
    return [networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port) for port in ports]
