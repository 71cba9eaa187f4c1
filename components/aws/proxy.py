"""The way in of a single instance: a fixed address, and a proxy with automatic TLS on it."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import ec2

from components.args import IngressArgs
from components.aws import dns
from components.aws.cache import DOCKER_GATEWAY
from components.aws.dns import Zone
from components.aws.flows import HTTP_PORT, HTTPS_PORT
from components.aws.ground import SITE_TAG
from components.aws.site import Site
from components.letta.environment import PORT, STOP_TIMEOUT_SECONDS

IMAGE = "caddy:2.10.2"
"""Reverse proxy that obtains and renews certificates itself."""
MEMORY_MIB = 256
STATE_PATH = "/var/lib/caddy"
"""Folder on the instance that keeps the certificate across deployments."""
_STATE_VOLUME = "proxy-state"

_START = 'printf %s "$CADDYFILE" > /config/Caddyfile && exec caddy run --config /config/Caddyfile'


class InstanceProxy(pulumi.ComponentResource):
    """A fixed public address for the one instance, and the proxy's container (requirement N1).

    Certificates come from Let's Encrypt, which must reach port 80 or 443 of the domain: with
    `allowed_cidrs` narrowed it cannot, and none is issued.
    """

    url: pulumi.Output[str]
    """Where users reach the API, `https://…`."""
    address: pulumi.Output[str]
    """IP address that a DNS record of the domain must point to."""
    site_tag: pulumi.Output[str]
    """Value of `SITE_TAG` on the address, unlike any other stack's; known at preview."""
    container: dict[str, Any]
    """Container definition of the proxy, without logging."""
    volume: tuple[str, str]
    """Name of the proxy's volume, and the folder on the instance behind it."""

    def __init__(
        self, name: str, args: IngressArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:aws:InstanceProxy",
            name,
            {"domain": args.domain},
            dns.same_record(opts, "letta:aws:LoadBalancer"),
        )
        child = pulumi.ResourceOptions(parent=self)
        self.site_tag = site.cluster.cluster_name
        address = ec2.Eip(
            name, domain="vpc", tags={"Name": name, SITE_TAG: self.site_tag}, opts=child
        )
        self.address = address.public_ip
        if args.hosted_zone:
            Zone(args.hosted_zone, child).record(name, args.domain, "A", address.public_ip)
        self.container = _container(args)
        self.volume = (_STATE_VOLUME, STATE_PATH)
        self.url = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"url": self.url, "address": self.address})


def caddyfile(args: IngressArgs) -> str:
    """Configuration of the proxy: streams are passed on at once, silence is borne.

    HTTP/3 is not offered: it comes over UDP, which nothing here lets in, and clients that are
    told of it would try it in vain.
    """
    return "\n".join(
        [
            "{",
            "\tservers {",
            "\t\tprotocols h1 h2",
            "\t}",
            "}",
            f"{args.domain} {{",
            f"\treverse_proxy {DOCKER_GATEWAY}:{PORT} {{",
            "\t\tflush_interval -1",
            "\t\ttransport http {",
            f"\t\t\tresponse_header_timeout {args.idle_timeout_seconds}s",
            "\t\t}",
            "\t}",
            "}",
            "",
        ]
    )


def _container(args: IngressArgs) -> dict[str, Any]:
    return {
        "name": "proxy",
        "image": IMAGE,
        "essential": True,
        "memory": MEMORY_MIB,
        # On SIGTERM it takes no more connections and waits for those it has.
        "stopTimeout": STOP_TIMEOUT_SECONDS,
        "entryPoint": ["sh", "-c"],
        "command": [_START],
        "environment": [{"name": "CADDYFILE", "value": caddyfile(args)}],
        "portMappings": [
            {"containerPort": port, "hostPort": port, "protocol": "tcp"}
            for port in (HTTP_PORT, HTTPS_PORT)
        ],
        "mountPoints": [
            {"sourceVolume": _STATE_VOLUME, "containerPath": "/data", "readOnly": False}
        ],
    }
