"""Tier on AKS: copies of the server behind the stack's own load balancer."""

from __future__ import annotations

from math import ceil

import pulumi

from components.args import TierArgs
from components.azure import subnets
from components.azure.aks.nodes import SPOT
from components.azure.fixed import LB_IDLE_MINUTES
from components.azure.load_balancer import LoadBalancer
from components.azure.site import Site
from components.roles import NodePool, ServerArgs
from components.workloads.cluster import BASE_POOL, required
from components.workloads.servers import Register
from components.workloads.tier import PodTier, Role

_ANNOTATION = "service.beta.kubernetes.io/azure-load-balancer"


class KubernetesTier(PodTier):
    """Pods on machines of AKS, which the application gateway finds by an address of their service's
    in the network."""

    def __init__(
        self,
        role: Role,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`role`: whose machines the pods run on. The pods start after `opts.depends_on`."""
        cluster = required(name, site.kubernetes)
        address = subnets.service_address(site.network.ranges, role)

        def machines(pool: NodePool, child: pulumi.ResourceOptions) -> pulumi.Resource:
            found = cluster.base if role == BASE_POOL else cluster.node_group(name, pool, child)
            cluster.serves(role)
            return found

        def way_in(_tier: pulumi.Resource, _machines: pulumi.Resource) -> Register:
            ingress.attach(role, pulumi.Output.from_input(address))
            # The gateway asks the address until somebody answers.
            return lambda service: service

        super().__init__(
            "letta:azure:KubernetesTier",
            name,
            role,
            args,
            server,
            cluster.workloads,
            opts,
            balanced=balanced(address, ingress.idle_seconds),
            bears=(SPOT,) if args.spot else (),
            machines=machines,
            way_in=way_in,
        )


def balanced(address: str, idle_seconds: int) -> dict[str, str]:
    """Annotations of a service that has the address in the network, and bears that silence."""
    least, _ = LB_IDLE_MINUTES
    return {
        f"{_ANNOTATION}-internal": "true",
        f"{_ANNOTATION}-ipv4": address,
        f"{_ANNOTATION}-tcp-idle-timeout": str(max(least, ceil(idle_seconds / 60))),
    }
