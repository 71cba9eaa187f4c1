"""Tier: copies of the server on a cluster, behind the stack's own load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pulumi

from components.alicloud.load_balancer import LoadBalancer
from components.alicloud.ports import NODE_PORTS
from components.alicloud.site import Site
from components.args import TierArgs
from components.order import at_once
from components.roles import ServerArgs
from components.workloads.cluster import BASE_POOL, placement, tier_pool
from components.workloads.servers import Servers


class Tier(pulumi.ComponentResource):
    """Pods that the load balancer finds at a port of their machines."""

    service: pulumi.Output[str]
    """Name of the Service, known at preview."""

    def __init__(
        self,
        role: Literal["api", "worker"],
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
        super().__init__(
            "letta:alicloud:Tier",
            name,
            {"role": role, "replicas": args.replicas, "paths": list(paths)},
            at_once(opts),
        )
        cluster = site.cluster
        pool = tier_pool(role, args)
        machines, nodes = cluster.base_group, list[pulumi.Resource]()
        if role != BASE_POOL:
            own = cluster.node_group(name, pool, pulumi.ResourceOptions(parent=self))
            machines, nodes = own.scaling_group_id, [own]
        port = NODE_PORTS[role]
        group = ingress.route(role, paths)
        tier = Servers(
            name,
            args,
            server,
            cluster.workloads,
            placement(pool),
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=nodes),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
            register=lambda service: ingress.register(self, name, group, machines, port, [service]),
            node_port=port,
        )
        self.service = pulumi.Output.from_input(tier.service)
        self.register_outputs({"service": self.service})
