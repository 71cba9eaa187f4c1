"""The way in, by kind."""

from __future__ import annotations

from typing import TypeAlias

import pulumi

from components.args import IngressArgs
from components.aws.load_balancer import LoadBalancer
from components.aws.proxy import InstanceProxy
from components.aws.site import Site

AwsIngress: TypeAlias = LoadBalancer | InstanceProxy


def ingress(name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions) -> AwsIngress:
    """A load balancer, or a proxy on the one instance."""
    if args.kind == "proxy":
        return InstanceProxy(name, args, site, opts)
    return LoadBalancer(name, args, site, opts)
