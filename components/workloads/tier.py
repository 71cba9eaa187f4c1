"""Tier: copies of the server on machines of their own, behind the stack's own load balancer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

import pulumi

from components.args import TierArgs
from components.order import at_once
from components.roles import NodePool, ServerArgs
from components.workloads.cluster import Cluster, Toleration, placement, tier_pool
from components.workloads.servers import Register, Servers

MachinesT = TypeVar("MachinesT", bound=pulumi.Resource)
Role = Literal["api", "worker"]
NODE_PORTS: Mapping[Role, int] = {"api": 30083, "worker": 30084}
"""Tier -> port of every machine of its pool by which the load balancer finds its pods, of those
that Kubernetes gives to services (30000 to 32767)."""


class PodTier(pulumi.ComponentResource):
    """Pods that the load balancer reaches by a port of their machines, or by an address of their
    service's in the network.

    Machines pass requests to pods of their own alone, so one without any fails the health check and
    gets none.
    """

    service: pulumi.Output[str]
    """Name of the Service, known at preview."""

    def __init__(
        self,
        type_: str,
        name: str,
        role: Role,
        args: TierArgs,
        server: ServerArgs,
        cluster: Cluster,
        opts: pulumi.ResourceOptions,
        *,
        node_port: int | None = None,
        balanced: Mapping[str, str] | None = None,
        bears: Sequence[Toleration] = (),
        machines: Callable[[NodePool, pulumi.ResourceOptions], MachinesT],
        way_in: Callable[[pulumi.Resource, MachinesT], Register],
    ) -> None:
        """`type_`: type token of the cloud's own. `role`: whose machines the pods run on.
        `machines`: makes them, or finds those that are there. `way_in`: the tier, its machines ->
        what makes the load balancer know of them. `node_port`, `balanced`: as with
        `companions.service`. `bears`: taints that the cloud itself gives to the machines. The pods
        start after `opts.depends_on`."""
        super().__init__(type_, name, {"role": role, "replicas": args.replicas}, at_once(opts))
        pool = tier_pool(role, args)
        where = placement(pool)
        found = machines(pool, pulumi.ResourceOptions(parent=self))
        tier = Servers(
            name,
            args,
            server,
            cluster,
            replace(where, tolerations=(*where.tolerations, *bears)),
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=[found]),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
            register=way_in(self, found),
            node_port=node_port,
            balanced=balanced,
        )
        self.service = pulumi.Output.from_input(tier.service)
        self.register_outputs({"service": self.service})
