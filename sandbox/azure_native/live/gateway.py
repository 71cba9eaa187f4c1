"""Reads an application gateway. What the nginx of the live sandbox cannot do is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.azure_native.live import apps, routing
from sandbox.azure_native.live.backends import (
    GATEWAY,
    app_of,
    group,
    member,
    part,
    settings_of,
    tail,
)
from sandbox.cloud import CloudObject
from sandbox.live import probes
from sandbox.live.load_balancer_spec import (
    Balancer,
    HealthCheck,
    Listener,
    TargetGroup,
    unsupported,
)
from sandbox.live.spec import Objects

REQUEST_SECONDS = 20.0
"""Backend settings, `requestTimeout` (recollection)."""
KEEPALIVE_SECONDS = 3600.0
"""How long a client may use one connection (recollection)."""
_TLS_VERSIONS = {
    "AppGwSslPolicy20220101": ("TLSv1.2", "TLSv1.3"),
    "AppGwSslPolicy20220101S": ("TLSv1.2", "TLSv1.3"),
}
"""Predefined policy -> versions (Application Gateway documentation, "TLS policy overview")."""
_NOTE = "a request's time is counted from its last byte here, in the cloud from its start"
_Spec = Mapping[str, Any]


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The gateways of the stack. Raises UnsupportedLoadBalancerError."""
    return tuple(_balancer(objects, item) for item in objects.all(GATEWAY))


def _balancer(objects: Objects, item: CloudObject) -> Balancer:
    # Answers are streams. Azure holds them back unless it is told not to (Application Gateway
    # documentation, "Configure request and response proxy buffers").
    if (given := item.get("globalConfiguration.enableResponseBuffering")) is not False:
        raise unsupported(item, "globalConfiguration.enableResponseBuffering", given, "False")
    listed: list[_Spec] = item.get("httpListeners")
    domains = frozenset(name for each in listed for name in _names(each))
    pools: list[_Spec] = item.get("backendAddressPools")
    limits = [
        *(
            float(each.get("requestTimeout") or REQUEST_SECONDS)
            for each in item.get("backendHttpSettingsCollection")
        ),
        *(
            apps.idle_seconds(apps.environment(objects, app))
            for pool in pools
            if (app := app_of(objects, item, pool))
        ),
    ]
    return Balancer(
        name=str(item.get("applicationGatewayName")),
        domains=tuple(sorted(domains)),
        # Whoever on the way bears less silence ends the connection.
        idle_timeout_seconds=min(limits),
        client_keepalive_seconds=KEEPALIVE_SECONDS,
        drop_invalid_header_fields=False,
        http2=bool(item.get("enableHttp2")),
        forwarded_for="append",
        listeners=tuple(_listener(item, each, domains) for each in listed),
        target_groups=tuple(_target_group(objects, item, pool) for pool in pools),
        notes=(_NOTE,),
    )


def _names(listener: _Spec) -> Iterator[str]:
    if name := listener.get("hostName"):
        yield str(name)
    yield from (str(name) for name in listener.get("hostNames") or () if "*" not in name)


def _listener(item: CloudObject, listener: _Spec, domains: frozenset[str]) -> Listener:
    name = listener["name"]
    found = [each for each in item.get("requestRoutingRules") if tail(each["httpListener"]) == name]
    if len(found) != 1:
        raise unsupported(item, f"requestRoutingRules of {name}", len(found), "one")
    return Listener(
        port=int(part(item, "frontendPorts", listener["frontendPort"])["port"]),
        tls_versions=_tls_versions(item) if listener["protocol"] == "Https" else (),
        rules=tuple(routing.rules(item, found[0], domains)),
        default=routing.action(item, found[0], domains),
    )


def _tls_versions(item: CloudObject) -> tuple[str, ...]:
    name = item.get("sslPolicy.policyName") or item.get("defaultPredefinedSslPolicy")
    if name not in _TLS_VERSIONS:
        raise unsupported(item, "sslPolicy.policyName", name, " or ".join(_TLS_VERSIONS))
    return _TLS_VERSIONS[name]


def _target_group(objects: Objects, item: CloudObject, pool: _Spec) -> TargetGroup:
    settings = settings_of(item, pool["name"])
    if settings.get("cookieBasedAffinity") not in (None, "Disabled"):
        raise unsupported(item, "cookieBasedAffinity", settings["cookieBasedAffinity"], "Disabled")
    draining: _Spec = settings.get("connectionDraining") or {}
    app = app_of(objects, item, pool)
    named = member(item, pool).get("fqdn")
    own = named if settings.get("pickHostNameFromBackendAddress") else settings.get("hostName")
    return TargetGroup(
        arn=group(item, pool["name"]),
        name=f"{item.get('applicationGatewayName')}-{pool['name']}",
        algorithm="round_robin",
        anomaly_mitigation=False,
        deregistration_delay_seconds=float(draining["drainTimeoutInSec"])
        if draining.get("enabled")
        else 0.0,
        # The gateway sees an app as one address, behind which Container Apps knows who is ready.
        health_check=probes.of_balancer(apps.readiness(app)) if app else _health(item, settings),
        host=str(own or ""),
        fails_open=False,
    )


def _health(item: CloudObject, settings: _Spec) -> HealthCheck | None:
    """Defaults: probes of a gateway; a server is well with its first good answer."""
    if not settings.get("probe"):
        raise unsupported(item, "probe", None, "a probe of its own")
    probe = part(item, "probes", settings["probe"])
    return HealthCheck(
        path=str(probe.get("path") or "/"),
        statuses=frozenset(_statuses(probe)),
        interval_seconds=float(probe.get("interval") or 30),
        timeout_seconds=float(probe.get("timeout") or 30),
        healthy_threshold=1,
        unhealthy_threshold=int(probe.get("unhealthyThreshold") or 3),
    )


def _statuses(probe: _Spec) -> Iterator[int]:
    for text in (probe.get("match") or {}).get("statusCodes") or ("200-399",):
        first, _, last = str(text).partition("-")
        yield from range(int(first), int(last or first) + 1)
