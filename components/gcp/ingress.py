"""The way in, by kind."""

from __future__ import annotations

from typing import TypeAlias

import pulumi

from components.args import IngressArgs
from components.gcp.load_balancer import LoadBalancer
from components.gcp.mapped_domain import MappedDomain
from components.gcp.site import Site

GcpIngress: TypeAlias = LoadBalancer | MappedDomain


def ingress(name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions) -> GcpIngress:
    """A load balancer, or Cloud Run's own way in."""
    if args.kind == "proxy":
        return MappedDomain(name, args, site, opts)
    return LoadBalancer(name, args, site, opts)
