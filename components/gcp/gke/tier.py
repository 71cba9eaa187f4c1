"""Tier on GKE: copies of the server behind the stack's own load balancer."""

from __future__ import annotations

import pulumi
from pulumi_gcp import container

from components.args import TierArgs
from components.gcp.alarms import raise_alarms
from components.gcp.gke.alarm_tables import servers
from components.gcp.gke.backends import Nodes
from components.gcp.load_balancer import LoadBalancer
from components.gcp.site import Site
from components.roles import NodePool, ServerArgs
from components.workloads.cluster import BASE_POOL, required
from components.workloads.servers import Register
from components.workloads.tier import NODE_PORTS, PodTier, Role


class KubernetesTier(PodTier):
    """Pods on machines of GKE."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
        *,
        role: Role,
    ) -> None:
        """`role`: whose machines the pods run on. The pods start after `opts.depends_on`."""
        cluster = required(name, site.kubernetes)

        def machines(pool: NodePool, child: pulumi.ResourceOptions) -> container.NodePool:
            return cluster.base if role == BASE_POOL else cluster.node_group(name, pool, child)

        def way_in(tier: pulumi.Resource, pool: container.NodePool) -> Register:
            nodes = Nodes(
                name,
                pool=pool,
                zones=cluster.zones,
                port=NODE_PORTS[role],
                network=site.network,
                opts=pulumi.ResourceOptions(parent=tier),
            )
            return lambda _service: ingress.attach_nodes(role, nodes)

        super().__init__(
            "letta:gcp:KubernetesTier",
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
        raise_alarms(
            self,
            name,
            servers(cluster.name, name, min_replicas=args.min_replicas),
            site.alerts.channels,
        )
