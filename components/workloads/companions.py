"""Companions: what stands beside the pods of a workload."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import core, meta, policy

from components.order import at_once
from components.workloads.cluster import NAMESPACE, Cluster
from components.workloads.labels import Component, metadata, selector


def within(
    cluster: Cluster, opts: pulumi.ResourceOptions, *, former: str | None = None
) -> pulumi.ResourceOptions:
    """Options of a component whose objects are in the cluster; what waits is told so itself.

    `former`: type of the component that has the same name where a stack chooses otherwise. When it
    changes its mind the objects that both have are changed in place: their names are taken.
    """
    aliases: list[pulumi.Alias | str] = [pulumi.Alias(type_=former)] if former else []
    return pulumi.ResourceOptions.merge(
        at_once(opts), pulumi.ResourceOptions(providers=[cluster.provider], aliases=aliases)
    )


def service_account(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    opts: pulumi.ResourceOptions,
    *,
    annotations: Mapping[str, pulumi.Input[str]] | None = None,
    namespace: str = NAMESPACE,
) -> core.v1.ServiceAccount:
    """An account without rights in the cluster, and in the cloud, for the workload `name`.

    `annotations`: by which the cloud gives it rights after all.
    """
    return core.v1.ServiceAccount(
        name,
        metadata=metadata(name, component, annotations=annotations, namespace=namespace),
        automount_service_account_token=False,
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def service(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    opts: pulumi.ResourceOptions,
    *,
    instance: str,
    ports: Mapping[str, int],
    address: str | None = None,
    headless: bool = False,
    matching: Mapping[str, str] | None = None,
    node_port: int | None = None,
    balanced: Mapping[str, str] | None = None,
    namespace: str = NAMESPACE,
) -> core.v1.Service:
    """Where the pods of the workload `instance` are found inside the cluster, once they are ready.

    `address`: the service's name, where it differs from `name`. `headless`: the name stands for
    the addresses of all pods. `matching`: further labels that a pod must have. `node_port`: the
    port of every node that has such a pod by which a load balancer outside finds it; a node without
    one answers nothing there, and so fails the health check. `balanced`: annotations by which the
    cloud gives the service an address in the stack's own network, for the same end.
    """
    found = metadata(
        address or name,
        component,
        instance=instance,
        # It has no pods to wait for before there is a workload.
        annotations={"pulumi.com/skipAwait": "true", **(balanced or {})},
        namespace=namespace,
    )
    return core.v1.Service(
        name,
        metadata=found,
        spec=core.v1.ServiceSpecArgs(
            type="LoadBalancer" if balanced else "NodePort" if node_port else "ClusterIP",
            # Callers keep their addresses, by which network policies know them.
            external_traffic_policy="Local" if node_port or balanced else None,
            cluster_ip="None" if headless else None,
            selector={**selector(instance), **(matching or {})},
            ports=[
                core.v1.ServicePortArgs(
                    name=port,
                    protocol="TCP",
                    port=number,
                    target_port=number,
                    node_port=node_port,
                )
                for port, number in ports.items()
            ],
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def disruption_budget(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    opts: pulumi.ResourceOptions,
    *,
    namespace: str = NAMESPACE,
) -> policy.v1.PodDisruptionBudget:
    """Machines are emptied one pod of the workload `name` at a time."""
    return policy.v1.PodDisruptionBudget(
        name,
        metadata=metadata(name, component, namespace=namespace),
        spec=policy.v1.PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
            # A copy that does not work must not hold a machine up.
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
