"""Load balancer: TLS, redirects, routing by path, access logs."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import authorization, network

from components.args import IngressArgs
from components.azure import alarm_tables
from components.azure.alarms import watch
from components.azure.catalog import ZONES
from components.azure.dns import Zone
from components.azure.firewall import firewall
from components.azure.fixed import GATEWAY_CAPACITY, HTTPS_PORT, SECRETS_USER
from components.azure.gateway import API, BACK, HTTP_PORT, TLS_POLICY, Parts, back, rewriting
from components.azure.identity import Identity
from components.azure.secrets import address_of, existing
from components.azure.site import Site
from components.letta.environment import PORT

LOGS = ("ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog")


class LoadBalancer(pulumi.ComponentResource):
    """An application gateway in front of the servers (requirement N1).

    All that it does is one resource, which comes when the last role behind it is known.
    """

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """IP address that a DNS record of the domain must point to."""
    ready: tuple[pulumi.Resource, ...]
    """Empty: servers need nothing of it."""
    idle_seconds: int
    """Silence that it bears."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:azure:LoadBalancer",
            name,
            {"domain": args.domain, "idleTimeoutSeconds": args.idle_timeout_seconds},
            # The record of the domain passes from one kind of way in to the other.
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="letta:azure:AppIngress")])
            ),
        )
        if args.certificate is None:
            raise ValueError("certificate: the settings demand it")
        self._name = name
        self._args = args
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        self._servers: dict[str, pulumi.Output[str]] = {}
        self._certificate = args.certificate
        self.ready = ()
        self.idle_seconds = args.idle_timeout_seconds
        place = site.place
        entry = network.PublicIPAddress(
            name,
            public_ip_address_name=name,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": "Standard"},
            public_ip_allocation_method="Static",
            zones=list(ZONES),
            tags=place.tags,
            opts=self._child,
        )
        self._entry = place.of(entry, f"Microsoft.Network/publicIPAddresses/{name}")
        self.address = entry.ip_address.apply(str)
        if args.hosted_zone:
            zone = Zone(args.hosted_zone, site.options, self._child)
            zone.address(name, args.domain, self.address)
        self._firewall = firewall(f"{name}-waf", args.waf, place, self._child) if args.waf else None
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"url": self.url, "address": self.address})

    def configuration(self, role: str) -> Any:  # noqa: ANN401  (the SDK's dictionary)
        """How the app of a role is reached: from the network alone, where the gateway is."""
        return {
            "external": True,
            "target_port": PORT,
            "transport": "auto",
            "allow_insecure": False,
        }

    def attach(self, role: str, host: pulumi.Output[str]) -> None:
        """Put the servers of a role behind the gateway, by host name or private address; once all
        are, requests come."""
        self._servers[role] = host
        if self._servers.keys() == {API, *self._site.routes}:
            self._open()

    def _open(self) -> None:
        name, site, place = self._name, self._site, self._site.place
        parts = Parts(name, place)
        reader = Identity(f"{name}-id", place, self._child)
        reader.grant("certificate", SECRETS_USER, existing(self._certificate).readable)
        apps = site.kubernetes is None
        gateway = network.ApplicationGateway(
            name,
            application_gateway_name=name,
            resource_group_name=place.group,
            location=place.region,
            zones=list(ZONES),
            sku=self._sku(),
            autoscale_configuration={
                "min_capacity": GATEWAY_CAPACITY[0],
                "max_capacity": GATEWAY_CAPACITY[1],
            },
            identity={
                "type": network.ResourceIdentityType.USER_ASSIGNED,
                "user_assigned_identities": [reader.id],
            },
            enable_http2=True,
            # Answers are streams; the firewall wants requests whole.
            global_configuration={
                "enable_request_buffering": True,
                "enable_response_buffering": False,
            },
            firewall_policy={"id": self._firewall} if self._firewall else None,
            ssl_policy={"policy_type": "Predefined", "policy_name": TLS_POLICY},
            # Without a version: a renewed certificate is taken up by itself.
            ssl_certificates=[
                {"name": "domain", "key_vault_secret_id": address_of(self._certificate)}
            ],
            gateway_ip_configurations=[
                {"name": "subnet", "subnet": {"id": site.network.subnet("gateway")}}
            ],
            frontend_ip_configurations=[
                {"name": "public", "public_ip_address": {"id": self._entry}}
            ],
            frontend_ports=[
                {"name": "https", "port": HTTPS_PORT},
                {"name": "http", "port": HTTP_PORT},
            ],
            http_listeners=parts.listeners(self._args.domain),
            backend_address_pools=[
                {"name": role, "backend_addresses": [_address(host, named=apps)]}
                for role, host in sorted(self._servers.items())
            ],
            backend_http_settings_collection=parts.settings(
                self._args, sorted(self._servers), encrypted=apps
            ),
            probes=[parts.probe(host=None if apps else self._args.domain)],
            redirect_configurations=[parts.redirect()],
            request_routing_rules=parts.rules(routed=bool(site.routes), redirected=apps),
            **self._routed(parts, redirected=apps),
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*reader.ready, *site.named]),
        )
        path = place.of(gateway, f"Microsoft.Network/applicationGateways/{name}")
        log = site.logs.collect(self, name, path, LOGS if self._firewall else LOGS[:1])
        watch(self, name, alarm_tables.load_balancer(), path, place, site.alerts.group)
        if self._args.deletion_protection:
            authorization.ManagementLockByScope(
                f"{name}-lock",
                lock_name=name,
                scope=path,
                level="CanNotDelete",
                notes="letta:ingress.deletion_protection",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[log]),
            )

    def _sku(self) -> Any:  # noqa: ANN401  (the SDK's dictionary)
        kind = "WAF_v2" if self._firewall else "Standard_v2"
        return {"name": kind, "tier": kind}

    def _routed(self, parts: Parts, *, redirected: bool) -> dict[str, Any]:
        """`redirected`: servers answer with redirects to their own host names."""
        routes = self._site.routes
        leads = [back(self._args.domain)] if redirected else []
        sets = [{"name": BACK, "rewrite_rules": leads}] if redirected else []
        if not routes:
            return {"rewrite_rule_sets": sets} if sets else {}
        moved = rewriting(routes)
        moved["rewrite_rules"] += leads
        return {
            "url_path_maps": [parts.path_map(routes, redirected=redirected)],
            "rewrite_rule_sets": [moved, *sets],
        }


def _address(host: pulumi.Output[str], *, named: bool) -> Any:  # noqa: ANN401
    return {"fqdn": host} if named else {"ip_address": host}
