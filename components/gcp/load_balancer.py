"""Load balancer: TLS, redirects, routing by path, access logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import certificatemanager, cloudrunv2, compute

from components.args import IngressArgs
from components.gcp import alarm_tables
from components.gcp.alarms import raise_alarms
from components.gcp.dns import Zone
from components.gcp.firewall import firewall
from components.gcp.site import Site
from components.letta.environment import DRAIN_SECONDS

if TYPE_CHECKING:
    from components.gcp.gke.backends import Nodes

HTTPS_PORT = 443
HTTP_PORT = 80
SCHEME = "EXTERNAL_MANAGED"
"""The global load balancer of the current generation."""
TLS_VERSION = "TLS_1_2"
"""Least version; 1.3 is always offered (Cloud Load Balancing documentation, "SSL policies")."""
KEEPALIVE_SECONDS = 1200
"""The longest that the load balancer keeps an idle connection of a client."""
CALLERS = ("130.211.0.0/22", "35.191.0.0/16")
"""Where requests and health checks come from (Cloud Load Balancing documentation, "Firewall
rules")."""
FIRST_PATH_PRIORITY = 10
"""Rules with lower numbers come first; the space before leaves room for one's own."""
API = "api"


class LoadBalancer(pulumi.ComponentResource):
    """A global application load balancer in front of the services (requirement N1).

    Its routes are one resource, which comes when the last service behind it is there.
    """

    admits = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    """Whom the services answer, in Cloud Run's words."""
    timeout_seconds: int
    """How long a request may take."""
    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """IP address that a DNS record of the domain must point to."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:gcp:LoadBalancer",
            name,
            {"domain": args.domain, "idleTimeoutSeconds": args.idle_timeout_seconds},
            # The record of the domain passes from one kind of way in to the other.
            pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="letta:gcp:MappedDomain")]),
            ),
        )
        self._name = name
        self._args = args
        self.timeout_seconds = args.idle_timeout_seconds
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        self._backends: dict[str, compute.BackendService] = {}
        self._entry = compute.GlobalAddress(name, address_type="EXTERNAL", opts=self._child)
        self.address = self._entry.address
        zone = Zone(args.hosted_zone, site.place, self._child) if args.hosted_zone else None
        if zone:
            zone.record(name, f"{args.domain}.", "A", self.address)
        self._certificates = (
            pulumi.Output.from_input(args.certificate)
            if args.certificate
            else self._certificate_map(zone)
        )
        self._firewall = firewall(f"{name}-waf", args, self._child)
        self._tls = compute.SSLPolicy(
            name, profile="MODERN", min_tls_version=TLS_VERSION, opts=self._child
        )
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"url": self.url, "address": self.address})

    def attach(self, role: str, service: cloudrunv2.Service) -> None:
        """Put a service behind the load balancer; once all are, requests come."""
        label = f"{self._name}-{role}"
        group = compute.RegionNetworkEndpointGroup(
            label,
            region=self._site.place.region,
            network_endpoint_type="SERVERLESS",
            cloud_run=compute.RegionNetworkEndpointGroupCloudRunArgs(service=service.name),
            opts=self._child,
        )
        self._backends[role] = compute.BackendService(
            label,
            load_balancing_scheme=SCHEME,
            protocol="HTTPS",
            backends=[compute.BackendServiceBackendArgs(group=group.id)],
            security_policy=self._firewall.id if self._firewall else None,
            log_config=compute.BackendServiceLogConfigArgs(enable=True, sample_rate=1),
            opts=self._child,
        )
        self._open_when_whole()

    def attach_nodes(self, role: str, nodes: Nodes) -> pulumi.Resource:
        """The same with machines of a cluster, which the load balancer calls by itself."""
        label = f"{self._name}-{role}-nodes"
        backend = compute.BackendService(
            label,
            load_balancing_scheme=SCHEME,
            protocol="HTTP",
            port_name=nodes.port_name,
            backends=[
                compute.BackendServiceBackendArgs(
                    group=group, balancing_mode="UTILIZATION", capacity_scaler=1
                )
                for group in nodes.groups
            ],
            health_checks=nodes.health_check.id,
            timeout_sec=self.timeout_seconds,
            # As long as a pod that leaves may take for its requests.
            connection_draining_timeout_sec=DRAIN_SECONDS,
            security_policy=self._firewall.id if self._firewall else None,
            log_config=compute.BackendServiceLogConfigArgs(enable=True, sample_rate=1),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(nodes.ready)),
        )
        self._backends[role] = backend
        self._open_when_whole()
        return backend

    def _open_when_whole(self) -> None:
        if self._backends.keys() == {API, *self._site.routes}:
            self._open()

    def _open(self) -> None:
        name, child = self._name, self._child
        url_map = self._routes()
        https = compute.TargetHttpsProxy(
            name,
            url_map=url_map.id,
            certificate_map=self._certificates.apply(
                lambda path: f"//certificatemanager.googleapis.com/{path}"
            ),
            ssl_policy=self._tls.id,
            http_keep_alive_timeout_sec=KEEPALIVE_SECONDS,
            opts=child,
        )
        self._listen(f"{name}-https", https.id, HTTPS_PORT)
        redirect = compute.URLMap(
            f"{name}-http",
            default_url_redirect=compute.URLMapDefaultUrlRedirectArgs(
                https_redirect=True,
                strip_query=False,
                redirect_response_code="MOVED_PERMANENTLY_DEFAULT",
            ),
            opts=child,
        )
        http = compute.TargetHttpProxy(f"{name}-http", url_map=redirect.id, opts=child)
        self._listen(f"{name}-http", http.id, HTTP_PORT)
        raise_alarms(
            self, name, alarm_tables.load_balancer(url_map.name), self._site.alerts.channels
        )

    def _listen(self, name: str, target: pulumi.Output[str], port: int) -> None:
        compute.GlobalForwardingRule(
            name,
            load_balancing_scheme=SCHEME,
            ip_address=self._entry.id,
            ip_protocol="TCP",
            port_range=str(port),
            target=target,
            opts=self._child,
        )

    def _routes(self) -> compute.URLMap:
        routes: Mapping[str, tuple[str, ...]] = self._site.routes
        rules = [
            compute.URLMapPathMatcherRouteRuleArgs(
                priority=FIRST_PATH_PRIORITY + number,
                match_rules=[
                    compute.URLMapPathMatcherRouteRuleMatchRuleArgs(path_template_match=path)
                    for path in paths
                ],
                service=self._backends[role].id,
            )
            for number, (role, paths) in enumerate(sorted(routes.items()))
        ]
        default = self._backends[API].id
        return compute.URLMap(
            self._name,
            default_service=default,
            host_rules=[compute.URLMapHostRuleArgs(hosts=[self._args.domain], path_matcher="tiers")]
            if rules
            else None,
            path_matchers=[
                compute.URLMapPathMatcherArgs(
                    name="tiers", default_service=default, route_rules=rules
                )
            ]
            if rules
            else None,
            opts=self._child,
        )

    def _certificate_map(self, zone: Zone | None) -> pulumi.Output[str]:
        """Resource name of a map with a certificate that DNS has validated."""
        if zone is None:
            raise ValueError("hosted_zone or certificate: the settings demand one")
        name, domain, child = self._name, self._args.domain, self._child
        proof = certificatemanager.DnsAuthorization(name, domain=domain, opts=child)
        asked = proof.dns_resource_records[0]
        record = zone.record(f"{name}-proof", asked.name, asked.type, asked.data)
        certificate = certificatemanager.Certificate(
            name,
            managed=certificatemanager.CertificateManagedArgs(
                domains=[domain], dns_authorizations=[proof.id]
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[record]),
        )
        certificates = certificatemanager.CertificateMap(name, opts=child)
        entry = certificatemanager.CertificateMapEntry(
            name,
            map=certificates.name,
            certificates=[certificate.id],
            hostname=domain,
            opts=child,
        )
        place = self._site.place
        return pulumi.Output.all(certificates.name, entry.name).apply(
            lambda names: place.path(f"locations/global/certificateMaps/{names[0]}")
        )
