"""App ingress: Container Apps' own way in, with automatic TLS."""

from __future__ import annotations

import hashlib
from typing import Any

import pulumi
from pulumi_azure_native import app

from components.args import IngressArgs
from components.azure.access import EVERYONE
from components.azure.dns import Zone
from components.azure.site import Site
from components.letta.environment import PORT

API = "api"
DIGITS = 6
"""Length of what certificates of two domains are told apart by."""


class AppIngress(pulumi.ComponentResource):
    """A domain that leads to the one app (requirement N1); TLS is issued and renewed by Azure, once
    the domain's records are there and the app has taken the domain."""

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """Host name that a DNS record of the domain must point to."""
    ready: tuple[pulumi.Resource, ...]
    """Records that have to be there before the app takes the domain."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:azure:AppIngress", name, {"domain": args.domain}, opts)
        self._name = name
        self._args = args
        self._site = site
        domain = args.domain
        self.url = pulumi.Output.from_input(f"https://{domain}")
        self.address = site.host(site.app(API))
        self.ready = ()
        if args.hosted_zone:
            zone = Zone(args.hosted_zone, site.options, pulumi.ResourceOptions(parent=self))
            self.ready = (
                zone.alias(name, domain, self.address),
                # Without it, Azure does not believe that the domain is yours.
                zone.text(f"{name}-proof", f"asuid.{domain}", site.apps.verification),
            )
        self.register_outputs({"url": self.url, "address": self.address})

    def configuration(self, role: str) -> Any:  # noqa: ANN401  (the SDK's dictionary)
        """How the app of a role is reached.

        Raises `ValueError` for another role than the API: this way in knows no paths.
        """
        if role != API:
            raise ValueError(
                f"the ingress of an app has no path for {role}; the settings refuse it"
            )
        return {
            "external": True,
            "target_port": PORT,
            "transport": "auto",
            "allow_insecure": False,
            "custom_domains": [{"name": self._args.domain, "binding_type": "Auto"}],
            "ip_security_restrictions": [
                {"name": f"callers-{number}", "action": "Allow", "ip_address_range": cidr}
                for number, cidr in enumerate(self._args.allowed_cidrs)
                if EVERYONE not in self._args.allowed_cidrs
            ],
        }

    def attach(self, role: str, host: pulumi.Output[str]) -> None:
        """Ask for the certificate: the app, which has the domain by now, takes it up by itself."""
        name, domain, environment = self._name, self._args.domain, self._site.apps
        digits = hashlib.sha256(domain.encode()).hexdigest()[:DIGITS]
        # Whatever has the host name waits for the app.
        app.ManagedCertificate(
            name,
            managed_certificate_name=f"{name}-{digits}",
            environment_name=pulumi.Output.all(environment.id, host).apply(
                lambda found: str(found[0]).rpartition("/")[2]
            ),
            resource_group_name=self._site.place.group,
            location=self._site.place.region,
            properties={"subject_name": domain, "domain_control_validation": "CNAME"},
            tags=self._site.place.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self.ready,
                # The app holds it as long as it has the domain.
                deleted_with=environment.whole,
            ),
        )
