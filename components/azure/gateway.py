"""The parts of an application gateway, as data.

All of them are properties of the one resource, and name each other by ids below its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.args import IngressArgs
from components.azure.fixed import HTTPS_PORT
from components.azure.place import Place
from components.letta.environment import DRAIN_SECONDS, HEALTH_PATH, PORT

HTTP_PORT = 80
TLS_POLICY = "AppGwSslPolicy20220101S"
"""TLS 1.2 and 1.3 with forward secrecy alone (Application Gateway documentation, "TLS policy
overview")."""
API = "api"
AWAY = "/letta-{role}"
"""Folder that paths of a role other than the API are moved to inside the gateway: rules of paths
take a `*` at the end alone (Application Gateway documentation, "URL path based routing overview"),
rewriting takes any regular expression, and rules are asked again afterwards."""
PROBE_SECONDS = 30
LEAST_PRIORITY = 100
BACK = "redirects"
"""Name of the rewrite that leads redirects back."""
OWN_HOST = r"https?://[^/]+\.azurecontainerapps\.io(.*)"
"""Address by which an app of Container Apps knows itself, and what follows it."""


class Parts:
    """Parts of the gateway `name`, and how they name each other."""

    def __init__(self, name: str, place: Place) -> None:
        self._path = place.path(f"Microsoft.Network/applicationGateways/{name}")

    def ref(self, kind: str, name: str) -> dict[str, str]:
        """What stands where one part names another."""
        return {"id": f"{self._path}/{kind}/{name}"}

    def listeners(self, domain: str) -> list[Any]:
        """HTTPS, and HTTP that leads there."""
        front = self.ref("frontendIPConfigurations", "public")
        return [
            {
                "name": "https",
                "frontend_ip_configuration": front,
                "frontend_port": self.ref("frontendPorts", "https"),
                "protocol": "Https",
                "host_name": domain,
                "require_server_name_indication": True,
                "ssl_certificate": self.ref("sslCertificates", "domain"),
            },
            {
                "name": "http",
                "frontend_ip_configuration": front,
                "frontend_port": self.ref("frontendPorts", "http"),
                "protocol": "Http",
            },
        ]

    def settings(self, args: IngressArgs, roles: Sequence[str], *, encrypted: bool) -> list[Any]:
        """How the servers of each role are asked. `encrypted`: by TLS and their own host names."""
        return [
            {
                "name": role,
                "protocol": "Https" if encrypted else "Http",
                "port": HTTPS_PORT if encrypted else PORT,
                "pick_host_name_from_backend_address": encrypted,
                "cookie_based_affinity": "Disabled",
                "request_timeout": args.idle_timeout_seconds,
                "connection_draining": {"enabled": True, "drain_timeout_in_sec": DRAIN_SECONDS},
                "probe": self.ref("probes", "health"),
                # Puts the path back that was moved away.
                **({} if role == API else {"path": "/"}),
            }
            for role in roles
        ]

    def probe(self, *, host: str | None) -> Any:  # noqa: ANN401  (the SDK's dictionary)
        """The health check. `host`: what is asked for, where servers have no names."""
        return {
            "name": "health",
            "protocol": "Http" if host else "Https",
            "path": HEALTH_PATH,
            "interval": PROBE_SECONDS,
            "timeout": PROBE_SECONDS,
            "unhealthy_threshold": 3,
            "match": {"status_codes": ["200"]},
            **({"host": host} if host else {"pick_host_name_from_backend_http_settings": True}),
        }

    def rules(self, *, routed: bool, redirected: bool = False) -> list[Any]:
        """What is done with what comes in. `routed`: some paths go to another role; `redirected`:
        redirects of servers are led back to the domain."""
        to_servers = (
            {
                "rule_type": "PathBasedRouting",
                "url_path_map": self.ref("urlPathMaps", "roles"),
            }
            if routed
            else {
                "rule_type": "Basic",
                "backend_address_pool": self.ref("backendAddressPools", API),
                "backend_http_settings": self.ref("backendHttpSettingsCollection", API),
                **self._back(redirected=redirected),
            }
        )
        return [
            {
                "name": "https",
                "priority": LEAST_PRIORITY,
                "http_listener": self.ref("httpListeners", "https"),
                **to_servers,
            },
            {
                "name": "http",
                "priority": LEAST_PRIORITY + 1,
                "rule_type": "Basic",
                "http_listener": self.ref("httpListeners", "http"),
                "redirect_configuration": self.ref("redirectConfigurations", "https"),
            },
        ]

    def redirect(self) -> Any:  # noqa: ANN401  (the SDK's dictionary)
        """From HTTP to HTTPS."""
        return {
            "name": "https",
            "redirect_type": "Permanent",
            "target_listener": self.ref("httpListeners", "https"),
            "include_path": True,
            "include_query_string": True,
        }

    def _back(self, *, redirected: bool) -> dict[str, Any]:
        return {"rewrite_rule_set": self.ref("rewriteRuleSets", BACK)} if redirected else {}

    def path_map(
        self, routes: Mapping[str, Sequence[str]], *, redirected: bool = False
    ) -> dict[str, Any]:
        """Which folder leads to which role, and all else to the API."""
        return {
            "name": "roles",
            "default_backend_address_pool": self.ref("backendAddressPools", API),
            "default_backend_http_settings": self.ref("backendHttpSettingsCollection", API),
            "default_rewrite_rule_set": self.ref("rewriteRuleSets", "roles"),
            "path_rules": [
                {
                    "name": role,
                    "paths": [f"{AWAY.format(role=role)}/*"],
                    "backend_address_pool": self.ref("backendAddressPools", role),
                    "backend_http_settings": self.ref("backendHttpSettingsCollection", role),
                    **self._back(redirected=redirected),
                }
                for role in sorted(routes)
            ],
        }


def rewriting(routes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Moves the paths of each role to its folder; the rules of paths are asked again."""
    return {
        "name": "roles",
        "rewrite_rules": [
            {
                "name": role,
                "rule_sequence": LEAST_PRIORITY + number,
                "conditions": [
                    {"variable": "var_uri_path", "pattern": pattern(paths), "ignore_case": False}
                ],
                "action_set": {
                    "url_configuration": {
                        "modified_path": f"{AWAY.format(role=role)}{{var_uri_path}}",
                        "reroute": True,
                    }
                },
            }
            for number, (role, paths) in enumerate(sorted(routes.items()))
        ],
    }


def back(domain: str) -> dict[str, Any]:
    """Leads redirects of servers, which know their own host name alone, to the domain."""
    return {
        "name": BACK,
        "rule_sequence": LEAST_PRIORITY,
        "conditions": [
            {"variable": "http_resp_Location", "pattern": OWN_HOST, "ignore_case": True}
        ],
        "action_set": {
            "response_header_configurations": [
                {
                    "header_name": "Location",
                    "header_value": f"https://{domain}{{http_resp_Location_1}}",
                }
            ]
        },
    }


def pattern(paths: Sequence[str]) -> str:
    """The regular expression for paths in which `*` stands for one part."""
    each = ("[^/]+".join(map(re.escape, path.split("*"))) for path in paths)
    return f"^({'|'.join(each)})$"
