"""Who reaches servers beyond what workloads open themselves: the gateway."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import meta, networking

from components.kubernetes.site import Site
from components.workloads import network_policies
from components.workloads.labels import metadata

_SOLVER = {"acme.cert-manager.io/http01-solver": "true"}
"""Label of the pods by which cert-manager proves a domain over HTTP (cert-manager documentation,
"HTTP01")."""
_SOLVER_PORT = 8089


def from_gateway(parent: pulumi.Resource, name: str, site: Site, port: int) -> pulumi.Resource:
    """Let the pods of the gateway's namespace call the servers `name`."""
    callers = network_policies.pods_elsewhere(site.options.gateway.namespace, {})
    return network_policies.network_policy(
        parent,
        f"{name}-gateway",
        "server",
        instance=name,
        ingress=[network_policies.allow_from(callers, port)],
        namespace=site.cluster.namespace,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def to_solvers(
    parent: pulumi.Resource, name: str, site: Site, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Let the pods of the gateway's namespace call those that prove the domain of the gateway
    `name`: the namespace is closed to all that no policy names."""
    callers = network_policies.pods_elsewhere(site.options.gateway.namespace, {})
    return networking.v1.NetworkPolicy(
        f"{name}-proof",
        metadata=metadata(f"{name}-proof", "base", instance=name, namespace=site.cluster.namespace),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=_SOLVER),
            policy_types=["Ingress"],
            ingress=[network_policies.allow_from(callers, _SOLVER_PORT)],
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
