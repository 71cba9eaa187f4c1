"""Reads a Gateway and its HTTPRoutes as a load balancer.

What they leave to the controller is as Envoy Gateway has it. Each name of a listener is answered
alike: a client of the live sandbox calls an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.kubernetes.live.durations import seconds
from sandbox.live.load_balancer_spec import (
    Action,
    Balancer,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    TargetGroup,
    UnsupportedLoadBalancerError,
    unsupported,
)
from sandbox.live.spec import Objects

GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"
ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"

TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")
"""Envoy Gateway, ClientTrafficPolicy, `tls.minVersion` and `maxVersion` (recollection)."""
CLIENT_KEEPALIVE_SECONDS = 3600.0
"""Envoy, HttpProtocolOptions, `idle_timeout` (recollection)."""
IDLE_SECONDS = 300.0
"""Envoy, HttpConnectionManager, `stream_idle_timeout` (recollection); for routes without a time of
their own."""
_HTTPS_PORT = 443
_PORTS = {"http": 80, "https": _HTTPS_PORT}
_OTHER_MATCHES = ("headers", "method", "queryParams")
_ORDER = ("Exact", "RegularExpression", "PathPrefix")
"""Which of several rules that match is taken (Gateway API, HTTPRouteRule, `matches`: exact paths,
then the longest prefix); where expressions stand, a controller decides: most put them between."""

_Spec = Mapping[str, Any]


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The Gateways of the stack. Raises UnsupportedLoadBalancerError."""
    return tuple(_balancer(objects, item) for item in objects.all(GATEWAY))


def backends(objects: Objects) -> Iterator[tuple[CloudObject, _Spec]]:
    """Each route with each service that it leads to."""
    for item in objects.all(ROUTE):
        for rule in item.get("spec").get("rules") or ():
            for backend in rule.get("backendRefs") or ():
                yield item, backend


def group(route: CloudObject, backend: _Spec) -> str:
    """What the load balancer calls the pods behind a service."""
    return f"{route.get('metadata')['namespace']}/{backend['name']}:{backend['port']}"


def _balancer(objects: Objects, item: CloudObject) -> Balancer:
    listeners: Sequence[_Spec] = item.get("spec")["listeners"]
    routes = [
        (route, parent)
        for route in objects.all(ROUTE)
        for parent in route.get("spec").get("parentRefs") or ()
        if parent["name"] == item.get("metadata")["name"]
    ]
    limits = [
        seconds(limit)
        for route, _ in routes
        for rule in route.get("spec")["rules"]
        if (limit := (rule.get("timeouts") or {}).get("request"))
    ]
    names = [str(each["hostname"]) for each in listeners if each.get("hostname")]
    return Balancer(
        name=str(item.get("metadata")["name"]),
        domains=tuple(dict.fromkeys(names)),
        idle_timeout_seconds=max(limits, default=IDLE_SECONDS),
        client_keepalive_seconds=CLIENT_KEEPALIVE_SECONDS,
        # Envoy, `headers_with_underscores_action`: allowed (recollection).
        drop_invalid_header_fields=False,
        http2=True,
        forwarded_for="append",
        listeners=tuple(_listener(item, each, routes) for each in listeners),
        target_groups=tuple(_groups(objects, [route for route, _ in routes])),
        notes=(
            "a request's time is counted from its last byte here, in the cluster from its start",
        ),
    )


def _listener(
    item: CloudObject, listener: _Spec, routes: Sequence[tuple[CloudObject, _Spec]]
) -> Listener:
    protocol = listener["protocol"]
    if protocol not in ("HTTP", "HTTPS"):
        raise unsupported(item, "protocol", protocol, "HTTP or HTTPS")
    tls: _Spec = listener.get("tls") or {}
    if protocol == "HTTPS" and tls.get("mode", "Terminate") != "Terminate":
        raise unsupported(item, "tls.mode", tls["mode"], "Terminate")
    found = [
        (match, _action(route, rule))
        for route, parent in routes
        # Gateway API, ParentReference, `sectionName`: all listeners where none is named.
        if parent.get("sectionName", listener["name"]) == listener["name"]
        for rule in route.get("spec")["rules"]
        for match in _matches(route, rule)
    ]
    found.sort(key=lambda pair: (_ORDER.index(pair[0][0]), -len(pair[0][1])))
    if not found or found[-1][0] != ("PathPrefix", "/"):
        raise UnsupportedLoadBalancerError(
            f"{item.label}: nothing takes the paths of {listener['name']} that no rule names; the "
            "live sandbox needs a rule for the prefix /"
        )
    return Listener(
        port=int(listener["port"]),
        tls_versions=TLS_VERSIONS if protocol == "HTTPS" else (),
        rules=tuple(
            Rule(priority=number, paths=(_expression(*match),), action=action)
            for number, (match, action) in enumerate(found[:-1], start=1)
        ),
        default=found[-1][1],
    )


def _matches(route: CloudObject, rule: _Spec) -> Iterator[tuple[str, str]]:
    """Kind and value of the paths of a rule (HTTPRouteRule, `matches`: the prefix / by default)."""
    matches: Sequence[_Spec] = rule.get("matches") or ({},)
    for match in matches:
        for other in _OTHER_MATCHES:
            if match.get(other):
                raise unsupported(route, f"matches.{other}", match[other], "paths")
        path: _Spec = match.get("path") or {}
        kind = path.get("type", "PathPrefix")
        if kind not in _ORDER:
            raise unsupported(route, "matches.path.type", kind, " or ".join(_ORDER))
        yield kind, path.get("value", "/")


def _expression(kind: str, value: str) -> str:
    if kind == "RegularExpression":
        return value
    # A prefix matches whole segments (HTTPPathMatch, `PathPrefix`).
    whole = re.escape(value if kind == "Exact" else value.rstrip("/"))
    return whole if kind == "Exact" else f"{whole}(?:/.*)?"


def _action(route: CloudObject, rule: _Spec) -> Action:
    filters: Sequence[_Spec] = rule.get("filters") or ()
    references: Sequence[_Spec] = rule.get("backendRefs") or ()
    if [each["type"] for each in filters] == ["RequestRedirect"] and not references:
        return _redirect(route, filters[0]["requestRedirect"])
    if filters:
        raise unsupported(route, "filters", filters, "one RequestRedirect")
    if len(references) != 1 or references[0].get("kind", "Service") != "Service":
        raise unsupported(route, "backendRefs", references, "one Service")
    return Forward(target_group=group(route, references[0]))


def _redirect(route: CloudObject, redirect: _Spec) -> Redirect:
    for field in ("hostname", "path"):
        if redirect.get(field):
            raise unsupported(route, f"requestRedirect.{field}", redirect[field], "what was asked")
    scheme = redirect.get("scheme")
    if scheme is None:
        raise unsupported(route, "requestRedirect.scheme", scheme, "http or https")
    return Redirect(
        protocol=scheme,
        # HTTPRequestRedirectFilter, `port`: that of the scheme; `statusCode`: 302.
        port=int(redirect.get("port") or _PORTS[scheme]),
        status=int(redirect.get("statusCode", 302)),
    )


def _groups(objects: Objects, routes: Sequence[CloudObject]) -> Iterator[TargetGroup]:
    wanted = {
        group(route, backend): (route.get("metadata")["namespace"], backend["name"])
        for route, backend in backends(objects)
        if route in routes
    }
    for name, (namespace, service) in wanted.items():
        container = _behind(objects, namespace, service)
        hook: _Spec = (container.get("lifecycle") or {}).get("preStop") or {}
        yield TargetGroup(
            arn=name,
            name=f"{namespace}-{service}",
            algorithm="least_outstanding_requests",
            anomaly_mitigation=False,
            # Once a pod is about to end it gets no requests; it ends after its hook.
            deregistration_delay_seconds=float(hook.get("sleep", {}).get("seconds", 0)),
            health_check=_health(container),
            fails_open=False,
        )


def _behind(objects: Objects, namespace: str, name: str) -> _Spec:
    """The first container of the pods behind a service; empty where none is of the stack's."""
    selectors = [
        item.get("spec").get("selector") or {}
        for item in objects.all(SERVICE)
        if (item.get("metadata")["namespace"], item.get("metadata")["name"]) == (namespace, name)
    ]
    for item in objects.all(DEPLOYMENT):
        template: _Spec = item.get("spec")["template"]
        labels = template["metadata"]["labels"].items()
        if any(selector and selector.items() <= labels for selector in selectors):
            container: _Spec = template["spec"]["containers"][0]
            return container
    return {}


def _health(container: _Spec) -> HealthCheck | None:
    """A pod is among its service's while its readiness probe answers well (Kubernetes API
    reference, Probe); one without a probe is from its start."""
    probe: _Spec = container.get("readinessProbe") or {}
    if "httpGet" not in probe:
        return None
    return HealthCheck(
        path=probe["httpGet"].get("path", "/"),
        statuses=frozenset(range(200, 400)),
        interval_seconds=probe.get("periodSeconds", 10),
        timeout_seconds=probe.get("timeoutSeconds", 1),
        healthy_threshold=probe.get("successThreshold", 1),
        unhealthy_threshold=probe.get("failureThreshold", 3),
    )
