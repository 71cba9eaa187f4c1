"""Tier on ACK: copies of the server behind the stack's own load balancer."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.alicloud.ack.nodes import NodeGroup
from components.alicloud.load_balancer import LoadBalancer
from components.alicloud.site import Site
from components.args import TierArgs
from components.roles import NodePool, ServerArgs
from components.workloads.cluster import BASE_POOL
from components.workloads.servers import Register
from components.workloads.tier import NODE_PORTS, PodTier, Role


class Tier(PodTier):
    """Pods on machines of ACK."""

    def __init__(
        self,
        role: Role,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
        *,
        paths: Sequence[str] = (),
    ) -> None:
        """`role`: whose machines the pods run on. `paths`: what alone is routed here; without any,
        whatever no other tier takes. The pods start after `opts.depends_on`."""
        cluster = site.cluster

        def machines(pool: NodePool, child: pulumi.ResourceOptions) -> NodeGroup:
            return cluster.base if role == BASE_POOL else cluster.node_group(name, pool, child)

        def way_in(tier: pulumi.Resource, pool: NodeGroup) -> Register:
            group = ingress.route(role, paths)
            return lambda service: ingress.register(
                tier, name, group, pool.scaling_group_id, NODE_PORTS[role], [service]
            )

        super().__init__(
            "letta:alicloud:Tier",
            name,
            role,
            args,
            server,
            cluster.workloads,
            opts,
            node_port=NODE_PORTS[role],
            machines=machines,
            way_in=way_in,
        )
