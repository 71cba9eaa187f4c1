"""Mapped domain: Cloud Run's own way in, with automatic TLS."""

from __future__ import annotations

import pulumi
from pulumi_gcp import cloudrun, cloudrunv2

from components.args import IngressArgs
from components.gcp.dns import Zone
from components.gcp.site import Site

TARGET = "ghs.googlehosted.com."
"""What the record of a mapped domain below another one points to (Cloud Run documentation,
"Mapping custom domains")."""
REGIONS = (
    "asia-east1",
    "asia-northeast1",
    "asia-southeast1",
    "europe-north1",
    "europe-west1",
    "europe-west4",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west1",
)
"""Regions that map domains (the same page)."""


class MappedDomain(pulumi.ComponentResource):
    """A domain that leads to the one service (requirement N1); TLS is issued and renewed by Google.

    Whoever deploys must have proved once that the domain is theirs.
    """

    admits = "INGRESS_TRAFFIC_ALL"
    """Whom the service answers, in Cloud Run's words."""
    timeout_seconds: int
    """How long a request may take."""
    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """Host name that a DNS record of the domain must point to."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        if site.place.region not in REGIONS:
            raise pulumi.RunError(
                f"letta:ingress.kind: Cloud Run maps no domains in {site.place.region}; set it to "
                f"load_balancer, or choose one of the regions {', '.join(REGIONS)}"
            )
        super().__init__("letta:gcp:MappedDomain", name, {"domain": args.domain}, opts)
        self._name = name
        self._args = args
        self.timeout_seconds = args.idle_timeout_seconds
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.address = pulumi.Output.from_input(TARGET.rstrip("."))
        self.register_outputs({"url": self.url, "address": self.address})

    def attach(self, role: str, service: cloudrunv2.Service) -> None:
        """Lead the domain to the service of the API.

        Raises `ValueError` for another role: a mapped domain knows no paths.
        """
        if role != "api":
            raise ValueError(f"a mapped domain has no path for {role}; the settings refuse this")
        place, domain = self._site.place, self._args.domain
        cloudrun.DomainMapping(
            self._name,
            location=place.region,
            name=domain,
            metadata=cloudrun.DomainMappingMetadataArgs(namespace=place.project),
            spec=cloudrun.DomainMappingSpecArgs(route_name=service.name),
            # Two mappings of one domain cannot exist.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        if self._args.hosted_zone:
            zone = Zone(self._args.hosted_zone, place, self._child)
            zone.record(self._name, f"{domain}.", "CNAME", TARGET)
