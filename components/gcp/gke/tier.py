"""Tier on GKE: copies of the server behind the stack's own load balancer."""

from __future__ import annotations

from typing import Literal

import pulumi

from components.args import TierArgs
from components.gcp.alarms import raise_alarms
from components.gcp.gke.alarm_tables import servers
from components.gcp.gke.backends import Nodes
from components.gcp.load_balancer import LoadBalancer
from components.gcp.site import Site
from components.order import at_once
from components.roles import ServerArgs
from components.workloads.cluster import BASE_POOL, placement, required, tier_pool
from components.workloads.servers import Servers

NODE_PORTS: dict[str, int] = {"api": 30083, "worker": 30084}
"""Tier -> port of every node by which the load balancer finds its pods, of those that Kubernetes
gives to services (30000 to 32767)."""


class KubernetesTier(pulumi.ComponentResource):
    """Pods that the load balancer reaches by a port of their nodes.

    Nodes pass requests to pods of their own alone, so a node without any fails the health check and
    gets none.
    """

    service: pulumi.Output[str]
    """Name of the Service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
        *,
        role: Literal["api", "worker"],
    ) -> None:
        """`role`: whose nodes the pods run on. The pods start after `opts.depends_on`."""
        cluster = required(name, site.kubernetes)
        super().__init__(
            "letta:gcp:KubernetesTier",
            name,
            {"role": role, "replicas": args.replicas},
            at_once(opts),
        )
        pool = tier_pool(role, args)
        nodes = cluster.base if role == BASE_POOL else cluster.node_group(name, pool)
        way_in = Nodes(
            name,
            pool=nodes,
            zones=cluster.zones,
            port=NODE_PORTS[role],
            network=site.network,
            opts=pulumi.ResourceOptions(parent=self),
        )
        tier = Servers(
            name,
            args,
            server,
            cluster.workloads,
            placement(pool),
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=[nodes]),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
            register=lambda _service: ingress.attach_nodes(role, way_in),
            node_port=NODE_PORTS[role],
        )
        self.service = pulumi.Output.from_input(tier.service)
        raise_alarms(
            self,
            name,
            servers(cluster.name, tier.service, min_replicas=args.min_replicas),
            site.alerts.channels,
        )
        self.register_outputs({"service": self.service})
