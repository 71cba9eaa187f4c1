"""The way in, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pulumi

from components.args import IngressArgs
from components.aws.proxy import InstanceProxy
from components.aws.site import Site

if TYPE_CHECKING:
    from components.aws.load_balancer import LoadBalancer

AwsIngress: TypeAlias = "LoadBalancer | InstanceProxy"


def ingress(name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions) -> AwsIngress:
    """A load balancer, or a proxy on the one instance."""
    if args.kind == "proxy":
        return InstanceProxy(name, args, site, opts)
    # Its SDK modules cost a second of preview that a single instance need not pay.
    from components.aws.load_balancer import LoadBalancer

    return LoadBalancer(name, args, site, opts)
