"""Who reaches servers beyond what workloads open themselves: the gateway."""

from __future__ import annotations

import pulumi

from components.workloads import network_policies


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
