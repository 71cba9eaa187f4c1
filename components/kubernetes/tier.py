"""Tier: copies of the server behind the gateway."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.args import TierArgs
from components.kubernetes import access
from components.kubernetes.gateway import Gateway
from components.kubernetes.site import ANYWHERE_IN_CLUSTER, Site
from components.letta.environment import PORT
from components.order import at_once
from components.roles import ServerArgs
from components.workloads.servers import Servers


class Tier(pulumi.ComponentResource):
    """Pods that a route of the gateway leads to."""

    service: pulumi.Output[str]
    """Name of the Service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        gateway: Gateway,
        opts: pulumi.ResourceOptions,
        *,
        role: str,
        paths: Sequence[str] = (),
    ) -> None:
        """`paths`: what alone is routed here; without any, whatever no other tier takes. The pods
        start after `opts.depends_on`."""
        super().__init__(
            "letta:kubernetes:Tier",
            name,
            {"role": role, "replicas": args.replicas, "paths": list(paths)},
            at_once(opts),
        )
        access.from_gateway(self, name, site, PORT)
        tier = Servers(
            name,
            args,
            server,
            site.cluster,
            ANYWHERE_IN_CLUSTER,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
            register=lambda service: gateway.route(self, name, service, paths),
        )
        self.service = pulumi.Output.from_input(tier.service)
        self.register_outputs({"service": self.service})
