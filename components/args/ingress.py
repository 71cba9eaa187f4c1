"""The way in: network, TLS, idle limits, web firewall, and who may steer a cluster."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from components.args.base import DOMAIN, Args, Cidr, PrivateCidr, PublicCidr, unique


class ControlPlaneArgs(Args):
    """The Kubernetes control plane of the stack."""

    version: Literal["1.32", "1.33", "1.34", "1.35", "1.36"] = "1.35"
    """Kubernetes version. An upgrade goes one version at a time and never back. AWS supports 1.35
    until 2027-03-27 at the plain price; 1.33 and older cost six times as much."""
    allowed_cidrs: Annotated[tuple[PublicCidr, ...], AfterValidator(unique)]
    """Public networks from which the control plane can be reached besides the stack's own: where
    you run `pulumi`, say. Empty: from inside the stack's network only."""
    admins: Annotated[tuple[str, ...], AfterValidator(unique)] = ()
    """Who administers the cluster besides whoever creates it, by the cloud's own name (AWS: ARN of
    an IAM role or user)."""
    deletion_protection: bool = True
    """The cloud refuses to delete the cluster while this is on."""


class WafArgs(Args):
    """A web application firewall before the load balancer (requirement N5)."""

    requests_per_five_minutes: int = Field(default=2000, ge=10, le=2_000_000_000)
    """Most requests of one client address in five minutes; more are refused."""


class IngressArgs(Args):
    """The way in: network, TLS and idle limits (requirement N1)."""

    kind: Literal["load_balancer", "proxy"]
    """`load_balancer`: the cloud's. `proxy`: automatic TLS on the one instance itself."""
    domain: str = Field(pattern=DOMAIN, max_length=253)
    """Host name that users call; TLS is issued for it."""
    hosted_zone: str | None = Field(default=None, pattern=DOMAIN)
    """Public DNS zone of this account that holds `domain`; the record (and on a load
    balancer the certificate) is made in it. Default: you make the record yourself."""
    certificate: str | None = None
    """An existing certificate for the load balancer, by the cloud's own name of it (AWS: its ARN).
    Default: issued through `hosted_zone`."""
    idle_timeout_seconds: int = Field(default=900, ge=1, le=4000)
    """Silence that the load balancer bears; a message call sends no byte until it is done."""
    allowed_cidrs: Annotated[tuple[Cidr, ...], AfterValidator(unique)] = Field(
        default=("0.0.0.0/0",), min_length=1
    )
    """Networks that may call the API."""
    deletion_protection: bool = True
    """The cloud refuses to delete the load balancer while this is on."""
    vpc_cidr: PrivateCidr = "10.0.0.0/16"
    """Address range of the private network, /16 to /22; each zone has an eighth of it."""
    zones: int = Field(default=2, ge=1, le=6)
    """Availability zones used."""
    nat: Literal["none", "single", "per_zone"] = "per_zone"
    """Way out of the private subnets: none, one gateway, or one in each zone."""
    logs_endpoint: bool = False
    """A private endpoint for the cloud's log service in each zone of the servers: logs then
    bypass NAT, which bills by the gigabyte."""
    waf: WafArgs | None = None
    """Web application firewall. Default: none."""
    control_plane: ControlPlaneArgs | None = None
    """Who reaches the Kubernetes control plane; needed with `compute: kubernetes`."""

    @model_validator(mode="after")
    def _related(self) -> IngressArgs:
        if self.hosted_zone and not ("." + self.domain).endswith("." + self.hosted_zone):
            raise ValueError(f"domain {self.domain} does not lie in hosted_zone {self.hosted_zone}")
        if self.waf and self.kind != "load_balancer":
            raise ValueError("waf stands before a load balancer; set kind to load_balancer")
        if self.logs_endpoint and self.nat == "none":
            raise ValueError(
                "logs_endpoint spares bytes through NAT, and nat is none; remove logs_endpoint"
            )
        prefix = ipaddress.IPv4Network(self.vpc_cidr).prefixlen
        if not 16 <= prefix <= 22:
            raise ValueError(
                f"vpc_cidr {self.vpc_cidr} must be between /16 and /22: each zone has an eighth "
                "of it, which holds a private, a public and a database subnet"
            )
        return self
