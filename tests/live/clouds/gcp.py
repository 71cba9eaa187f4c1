"""Objects of Google Cloud as the sandbox holds them, made by hand for the tests."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import CloudObject
from tests.live.clouds import Told

TOLD = Told(
    networks={"small": "127.78.41", "medium": "127.78.42", "large": "127.78.44"},
)

API, WORKER = "api", "worker"
PATHS = ("/v1/agents/*/messages/async", "/v1/folders/{id}/upload")


def google(kind: str, name: str, /, **outputs: Any) -> CloudObject:  # noqa: ANN401 - of any kind
    """An object of the project."""
    return CloudObject(
        type=f"gcp:{kind}",
        id=f"projects/p/{name}",
        region="us-central1",
        inputs={},
        outputs={"name": name, **outputs},
        name=name,
    )


def service(name: str, *containers: dict[str, Any], **template: Any) -> CloudObject:  # noqa: ANN401
    """A service of Cloud Run."""
    given = list(containers) or [{"name": "server", "image": "i", "ports": {"containerPort": 8283}}]
    return google("cloudrunv2/service:Service", name, template={"containers": given, **template})


def job(name: str, *containers: dict[str, Any], **task: Any) -> CloudObject:  # noqa: ANN401
    """A job of Cloud Run that `pulumi up` runs."""
    template = {"template": {"containers": list(containers), **task}}
    return google("cloudrunv2/job:Job", name, template=template, runExecutionToken="1a2b")


def secret(name: str, version: str, value: str, **changes: Any) -> CloudObject:  # noqa: ANN401
    """A value of a secret."""
    return google(
        "secretmanager/secretVersion:SecretVersion",
        f"{name}-{version}",
        **{"secret": f"projects/p/secrets/{name}", "version": version, "secretData": value}
        | changes,
    )


def routes(*paths: str, **changes: Any) -> CloudObject:  # noqa: ANN401 - as above
    """A map of URLs that sends some paths to the worker and the rest to the API."""
    default = f"projects/p/{API}-backend"
    rule = {
        "priority": 10,
        "matchRules": [{"pathTemplateMatch": path} for path in paths],
        "service": f"projects/p/{WORKER}-backend",
    }
    values = {
        "defaultService": default,
        "hostRules": [{"hosts": ["letta.example.com"], "pathMatcher": "tiers"}],
        "pathMatchers": [{"name": "tiers", "defaultService": default, "routeRules": [rule]}],
    }
    return google("compute/uRLMap:URLMap", "routes", **values | changes)


def redirect(**changes: Any) -> CloudObject:  # noqa: ANN401 - as above
    """A map of URLs that sends plain HTTP away."""
    told = {"httpsRedirect": True, "redirectResponseCode": "FOUND", "stripQuery": False}
    return google("compute/uRLMap:URLMap", "redirect", defaultUrlRedirect=told | changes)


def way_in(*, timeout: str = "900s") -> list[CloudObject]:
    """A global load balancer with two services of Cloud Run behind it."""
    found = [
        service(API, timeout=timeout),
        service(WORKER, timeout="60s"),
        google("compute/sSLPolicy:SSLPolicy", "tls", minTlsVersion="TLS_1_2"),
        routes(*PATHS),
        redirect(),
        google(
            "compute/targetHttpsProxy:TargetHttpsProxy",
            "https",
            urlMap="projects/p/routes",
            sslPolicy="projects/p/tls",
            certificateMap="//certificatemanager.googleapis.com/projects/p/names",
            httpKeepAliveTimeoutSec=1200,
        ),
        google("compute/targetHttpProxy:TargetHttpProxy", "http", urlMap="projects/p/redirect"),
        google(
            "certificatemanager/certificateMapEntry:CertificateMapEntry",
            "entry",
            map="names",
            hostname="letta.example.com",
        ),
    ]
    for role in (API, WORKER):
        group = f"{role}-group"
        found += [
            google(
                "compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup",
                group,
                cloudRun={"service": role},
            ),
            google(
                "compute/backendService:BackendService",
                f"{role}-backend",
                backends=[{"group": f"projects/p/{group}"}],
                sessionAffinity="NONE",
            ),
        ]
    for port, proxy in ((443, "https"), (80, "http")):
        found.append(
            google(
                "compute/globalForwardingRule:GlobalForwardingRule",
                f"{proxy}-rule",
                ipAddress="203.0.113.9",
                portRange=str(port),
                target=f"projects/p/{proxy}",
            )
        )
    return found


def changed(objects: list[CloudObject], name: str, /, **outputs: Any) -> list[CloudObject]:  # noqa: ANN401
    """The objects, with properties of one of them changed."""
    return [
        google(item.type.removeprefix("gcp:"), name, **{**item.outputs, **outputs})
        if item.name == name
        else item
        for item in objects
    ]
