"""The way in, by kind."""

from __future__ import annotations

from typing import TypeAlias

import pulumi

from components.args import IngressArgs
from components.azure.app_ingress import AppIngress
from components.azure.load_balancer import LoadBalancer
from components.azure.site import Site

AzureIngress: TypeAlias = LoadBalancer | AppIngress


def ingress(name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions) -> AzureIngress:
    """A load balancer, or Container Apps' own way in."""
    if args.kind == "proxy":
        return AppIngress(name, args, site, opts)
    return LoadBalancer(name, args, site, opts)
