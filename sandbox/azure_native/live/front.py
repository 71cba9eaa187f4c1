"""Reads the way in that Container Apps has itself: an app with a domain, open to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.live import apps
from sandbox.cloud import CloudObject
from sandbox.live import probes
from sandbox.live.load_balancer_spec import (
    Balancer,
    Forward,
    Listener,
    Redirect,
    TargetGroup,
    unsupported,
)
from sandbox.live.spec import Objects

HTTPS_PORT, HTTP_PORT = 443, 80
TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")
"""Container Apps documentation, "Ingress", "HTTP"."""
MOVED = 301
"""With which plain HTTP is sent to HTTPS (recollection)."""
KEEPALIVE_SECONDS = 3600.0
"""Envoy, HttpProtocolOptions, `idle_timeout` (recollection)."""
DRAIN_SECONDS = 30.0
"""Template, `terminationGracePeriodSeconds`."""


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The ingress of each app that answers the internet. Raises UnsupportedLoadBalancerError."""
    return tuple(_balancer(objects, app) for app in _open(objects))


def groups_of(app: CloudObject, objects: Objects) -> Iterator[str]:
    """What the app's own way in calls its copies, if it has one."""
    if app in _open(objects):
        yield app.id


def _open(objects: Objects) -> tuple[CloudObject, ...]:
    return tuple(
        app
        for app in objects.all(apps.APP)
        if app.get("configuration.ingress.external")
        and not apps.environment(objects, app).get("vnetConfiguration.internal")
    )


def _balancer(objects: Objects, app: CloudObject) -> Balancer:
    name = str(app.get("containerAppName"))
    for field, known in (
        ("transport", (None, "auto", "http", "Auto", "Http")),
        ("traffic", (None, [])),
        ("stickySessions.affinity", (None, "none")),
        ("clientCertificateMode", (None, "ignore")),
    ):
        if (given := app.get(f"configuration.ingress.{field}")) not in known:
            raise unsupported(app, f"ingress.{field}", given, str(known[-1]))
    forward = Forward(target_group=app.id)
    insecure = app.get("configuration.ingress.allowInsecure")
    domains = [str(each["name"]) for each in app.get("configuration.ingress.customDomains") or ()]
    return Balancer(
        name=f"{name}-front",
        domains=tuple(domains or [apps.host(objects, app)]),
        idle_timeout_seconds=apps.idle_seconds(apps.environment(objects, app)),
        client_keepalive_seconds=KEEPALIVE_SECONDS,
        # Envoy, `headers_with_underscores_action`: allowed (recollection).
        drop_invalid_header_fields=False,
        http2=True,
        forwarded_for="append",
        listeners=(
            Listener(port=HTTPS_PORT, tls_versions=TLS_VERSIONS, rules=(), default=forward),
            Listener(
                port=HTTP_PORT,
                tls_versions=(),
                rules=(),
                default=forward
                if insecure
                else Redirect(protocol="https", port=HTTPS_PORT, status=MOVED),
            ),
        ),
        target_groups=(
            TargetGroup(
                arn=app.id,
                name=f"{name}-ingress",
                algorithm="round_robin",
                anomaly_mitigation=False,
                # A copy that ends has so long for the requests it has.
                deregistration_delay_seconds=float(
                    app.get("template.terminationGracePeriodSeconds") or DRAIN_SECONDS
                ),
                health_check=probes.of_balancer(apps.readiness(app)),
                fails_open=False,
            ),
        ),
    )
