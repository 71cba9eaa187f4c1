"""The way in: a Gateway of the cluster's controller, and a route for each tier (requirement N1).

The Gateway API is what the well-kept controllers have in common; ingress-nginx ended in March
2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions

from components.args import IngressArgs
from components.kubernetes import access
from components.kubernetes.options import GatewayOptions
from components.kubernetes.site import Site
from components.letta.environment import PORT
from components.workloads.labels import metadata

API_VERSION = "gateway.networking.k8s.io/v1"
HTTPS, HTTP = "https", "http"
"""Names of the listeners."""
ISSUER_ANNOTATION = "cert-manager.io/cluster-issuer"
NO_WAIT = {"pulumi.com/skipAwait": "true"}
"""Controllers report in ways of their own; whether requests arrive is the servers' to show."""


class Gateway(pulumi.ComponentResource):
    """A Gateway that ends TLS, and sends plain HTTP to it."""

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """How to ask for the address: its controller writes it into the Gateway's status."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:kubernetes:Gateway", name, {"domain": args.domain}, opts)
        self._name, self._domain = name, args.domain
        self._seconds = args.idle_timeout_seconds
        self._ready = list(site.cluster.ready)
        self._namespace = site.cluster.namespace
        options = site.options.gateway
        if options.cluster_issuer:
            waiting = pulumi.ResourceOptions(depends_on=self._ready)
            access.to_solvers(self, name, site, waiting)
        self._gateway = apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="Gateway",
            metadata=metadata(
                name,
                "base",
                annotations={**NO_WAIT, **_issuer(options)},
                namespace=self._namespace,
            ),
            spec={
                "gatewayClassName": options.gateway_class,
                "listeners": [
                    {
                        "name": HTTPS,
                        "port": 443,
                        "protocol": "HTTPS",
                        "hostname": args.domain,
                        "tls": {
                            "mode": "Terminate",
                            "certificateRefs": [
                                {"kind": "Secret", "name": options.certificate_secret or name}
                            ],
                        },
                        "allowedRoutes": {"namespaces": {"from": "Same"}},
                    },
                    {
                        "name": HTTP,
                        "port": 80,
                        "protocol": "HTTP",
                        "hostname": args.domain,
                        "allowedRoutes": {"namespaces": {"from": "Same"}},
                    },
                ],
            },
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=self._ready, protect=args.deletion_protection
            ),
        )
        self._route(
            f"{name}-https",
            HTTP,
            {
                "filters": [
                    {
                        "type": "RequestRedirect",
                        "requestRedirect": {"scheme": "https", "statusCode": 301},
                    }
                ]
            },
            self,
            [],
        )
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.address = pulumi.Output.from_input(
            f"kubectl -n {self._namespace} get gateway {name} "
            "-o jsonpath={.status.addresses[0].value}"
        )
        self.register_outputs({"url": self.url, "address": self.address})

    def route(
        self,
        parent: pulumi.Resource,
        name: str,
        service: pulumi.Resource,
        paths: Sequence[str],
    ) -> pulumi.Resource:
        """Send requests to the Service `name`: those for `paths`, in which `*` is one segment, or
        without any whatever no other tier takes."""
        matches: list[dict[str, Any]] = [
            {"path": {"type": "RegularExpression", "value": path.replace("*", "[^/]+") + "/?"}}
            for path in paths
        ] or [{"path": {"type": "PathPrefix", "value": "/"}}]
        limit = f"{self._seconds}s"
        rule = {
            "matches": matches,
            "backendRefs": [{"kind": "Service", "name": name, "port": PORT}],
            "timeouts": {"request": limit, "backendRequest": limit},
        }
        return self._route(name, HTTPS, rule, parent, [service])

    def _route(
        self,
        name: str,
        listener: str,
        rule: dict[str, Any],
        parent: pulumi.Resource,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        return apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="HTTPRoute",
            metadata=metadata(name, "server", annotations=dict(NO_WAIT), namespace=self._namespace),
            spec={
                "parentRefs": [{"name": self._name, "sectionName": listener}],
                "hostnames": [self._domain],
                "rules": [rule],
            },
            opts=pulumi.ResourceOptions(
                parent=parent, depends_on=[self._gateway, *after, *self._ready]
            ),
        )


def _issuer(options: GatewayOptions) -> dict[str, str]:
    return {ISSUER_ANNOTATION: options.cluster_issuer} if options.cluster_issuer else {}
