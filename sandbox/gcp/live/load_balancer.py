"""Reads the ways in of a stack: the global load balancer, and Cloud Run's own for a mapped domain.

What the nginx of the live sandbox cannot do is an error. Each host name is answered alike: a client
of the live sandbox calls an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.gcp.checks.links import tail
from sandbox.gcp.live.backends import (
    BACKEND,
    HEALTH_CHECK,
    service_of,
    timeout_seconds,
)
from sandbox.gcp.live.links import linked
from sandbox.gcp.live.paths import expression
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

FORWARDING_RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
HTTPS_PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
HTTP_PROXY = "gcp:compute/targetHttpProxy:TargetHttpProxy"
URL_MAP = "gcp:compute/uRLMap:URLMap"
TLS_POLICY = "gcp:compute/sSLPolicy:SSLPolicy"
CERTIFICATE = "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry"
MAPPING = "gcp:cloudrun/domainMapping:DomainMapping"

KEEPALIVE_SECONDS = 610.0
"""Target proxies, `httpKeepAliveTimeoutSec`."""
HTTPS_PORT, HTTP_PORT = 443, 80
_TLS_VERSIONS = {"TLS_1_2": ("TLSv1.2", "TLSv1.3")}
"""Least version of a policy -> those that are offered (SSL policies)."""
_REDIRECTS = {
    "MOVED_PERMANENTLY_DEFAULT": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}
"""URL maps, `redirectResponseCode`."""
_NOTE = "a request's time is counted from its last byte here, in the cloud from its start"
_Spec = Mapping[str, Any]


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The ways in of the stack. Raises UnsupportedLoadBalancerError, LiveError."""
    rules = objects.all(FORWARDING_RULE)
    global_ones = (_global(objects, rules),) if rules else ()
    return (*global_ones, *(_mapped(objects, item) for item in objects.all(MAPPING)))


def groups_of(objects: Objects, service: str) -> Iterator[str]:
    """What the ways in call the copies of a service of Cloud Run."""
    for backend in objects.all(BACKEND):
        if service_of(objects, backend) == service:
            yield backend.id
    for mapping in objects.all(MAPPING):
        if mapping.get("spec.routeName") == service:
            yield mapping.id


def _global(objects: Objects, rules: tuple[CloudObject, ...]) -> Balancer:
    addresses = {str(rule.get("ipAddress")) for rule in rules}
    if len(addresses) != 1:
        raise UnsupportedLoadBalancerError(
            f"the load balancer has the addresses {', '.join(sorted(addresses))}, and the live "
            "sandbox runs one"
        )
    listeners: list[Listener] = []
    kept: list[float] = []
    domains: list[str] = []
    for rule in rules:
        proxy = _proxy(objects, rule)
        listener = _listener(objects, rule, proxy)
        listeners.append(listener)
        kept.append(float(proxy.get("httpKeepAliveTimeoutSec") or KEEPALIVE_SECONDS))
        if listener.tls_versions:
            domains += _domains(objects, proxy)
    backends = objects.all(BACKEND)
    return Balancer(
        name=tail(addresses.pop()),
        domains=tuple(dict.fromkeys(domains)),
        idle_timeout_seconds=max(
            (timeout_seconds(objects, each) for each in backends), default=KEEPALIVE_SECONDS
        ),
        client_keepalive_seconds=max(kept),
        # Names with underscores are passed on.
        drop_invalid_header_fields=False,
        http2=True,
        forwarded_for="append",
        listeners=tuple(listeners),
        target_groups=tuple(_target_group(objects, each) for each in backends),
        notes=(_NOTE,),
    )


def _proxy(objects: Objects, rule: CloudObject) -> CloudObject:
    """What a forwarding rule leads to."""
    for item in (*objects.all(HTTPS_PROXY), *objects.all(HTTP_PROXY)):
        if rule.get("target") in (item.id, item.get("selfLink")):
            return item
    raise unsupported(rule, "target", rule.get("target"), "a proxy for HTTP or HTTPS")


def _domains(objects: Objects, proxy: CloudObject) -> Iterator[str]:
    """Names on the certificates, and those that the map of URLs tells apart."""
    certificates = tail(str(proxy.get("certificateMap") or ""))
    for entry in objects.all(CERTIFICATE):
        if tail(str(entry.get("map"))) == certificates and entry.get("hostname"):
            yield str(entry.get("hostname"))
    for rule in linked(objects, URL_MAP, proxy.get("urlMap")).get("hostRules") or ():
        yield from (str(host) for host in rule["hosts"] if "*" not in host)


def _listener(objects: Objects, rule: CloudObject, proxy: CloudObject) -> Listener:
    first, _, last = str(rule.get("portRange")).partition("-")
    if last not in ("", first):
        raise unsupported(rule, "portRange", rule.get("portRange"), "one port")
    routes = linked(objects, URL_MAP, proxy.get("urlMap"))
    return Listener(
        port=int(first),
        tls_versions=_tls_versions(objects, proxy) if proxy.type == HTTPS_PROXY else (),
        rules=tuple(_rules(objects, routes)),
        default=_default(objects, routes),
    )


def _tls_versions(objects: Objects, proxy: CloudObject) -> tuple[str, ...]:
    policy = proxy.get("sslPolicy")
    least = linked(objects, TLS_POLICY, policy).get("minTlsVersion") if policy else "TLS_1_0"
    if least not in _TLS_VERSIONS:
        raise unsupported(proxy, "minTlsVersion", least, " or ".join(_TLS_VERSIONS))
    return _TLS_VERSIONS[least]


def _default(objects: Objects, routes: CloudObject) -> Action:
    if routes.get("defaultRouteAction"):
        raise unsupported(routes, "defaultRouteAction", True, "defaultService or a redirect")
    redirect: _Spec | None = routes.get("defaultUrlRedirect")
    if redirect is None:
        return Forward(target_group=linked(objects, BACKEND, routes.get("defaultService")).id)
    for field in ("hostRedirect", "pathRedirect", "prefixRedirect", "stripQuery"):
        if redirect.get(field):
            raise unsupported(routes, field, redirect[field], "what was asked")
    if not redirect.get("httpsRedirect"):
        raise unsupported(routes, "httpsRedirect", False, "true")
    code = redirect.get("redirectResponseCode") or "MOVED_PERMANENTLY_DEFAULT"
    return Redirect(protocol="https", port=HTTPS_PORT, status=_REDIRECTS[code])


def _rules(objects: Objects, routes: CloudObject) -> Iterator[Rule]:
    """URL maps, `routeRules`: the lowest priority first."""
    matchers = routes.get("pathMatchers") or ()
    if len(matchers) > 1:
        raise unsupported(routes, "pathMatchers", len(matchers), "one for all hosts")
    for matcher in matchers:
        for field in ("pathRules", "defaultRouteAction", "defaultUrlRedirect", "headerAction"):
            if matcher.get(field):
                raise unsupported(routes, field, matcher[field], "routeRules")
        if matcher.get("defaultService") != routes.get("defaultService"):
            raise unsupported(
                routes, "pathMatchers.defaultService", matcher.get("defaultService"), "the map's"
            )
        for rule in sorted(matcher.get("routeRules") or (), key=lambda each: int(each["priority"])):
            for field in ("routeAction", "urlRedirect", "headerAction"):
                if rule.get(field):
                    raise unsupported(routes, f"routeRules.{field}", rule[field], "service")
            yield Rule(
                priority=int(rule["priority"]),
                paths=tuple(_path(routes, match) for match in rule["matchRules"]),
                action=Forward(target_group=linked(objects, BACKEND, rule["service"]).id),
            )


def _path(routes: CloudObject, match: _Spec) -> str:
    if [field for field, value in match.items() if value] != ["pathTemplateMatch"]:
        raise unsupported(routes, "matchRules", match, "pathTemplateMatch")
    return expression(match["pathTemplateMatch"])


def _target_group(objects: Objects, backend: CloudObject) -> TargetGroup:
    for field, known in (("sessionAffinity", "NONE"), ("enableCdn", False)):
        if backend.get(field) not in (None, known):
            raise unsupported(backend, field, backend.get(field), str(known))
    serverless = service_of(objects, backend) is not None
    return TargetGroup(
        arn=backend.id,
        name=str(backend.get("name")),
        algorithm="round_robin",
        anomaly_mitigation=False,
        # An instance of a revision that is replaced ends when its last request has.
        deregistration_delay_seconds=timeout_seconds(objects, backend)
        if serverless
        else float(backend.get("connectionDrainingTimeoutSec") or 0),
        health_check=None if serverless else _health(objects, backend),
        fails_open=False,
    )


def _health(objects: Objects, backend: CloudObject) -> HealthCheck:
    """Defaults: health checks, `checkIntervalSec` and so on."""
    check = linked(objects, HEALTH_CHECK, backend.get("healthChecks"))
    http: _Spec | None = check.get("httpHealthCheck")
    if http is None:
        raise unsupported(check, "type", check.get("type"), "httpHealthCheck")
    return HealthCheck(
        path=http.get("requestPath") or "/",
        statuses=frozenset({200}),
        interval_seconds=float(check.get("checkIntervalSec") or 5),
        timeout_seconds=float(check.get("timeoutSec") or 5),
        healthy_threshold=int(check.get("healthyThreshold") or 2),
        unhealthy_threshold=int(check.get("unhealthyThreshold") or 2),
    )


def _mapped(objects: Objects, item: CloudObject) -> Balancer:
    """Cloud Run's own front end, which sends plain HTTP to HTTPS."""
    seconds = timeout_seconds(objects, item)
    domain = str(item.get("name"))
    return Balancer(
        name=f"{item.get('spec.routeName')}-front",
        domains=(domain,),
        idle_timeout_seconds=seconds,
        client_keepalive_seconds=KEEPALIVE_SECONDS,
        drop_invalid_header_fields=False,
        http2=True,
        forwarded_for="append",
        listeners=(
            Listener(
                port=HTTPS_PORT,
                tls_versions=_TLS_VERSIONS["TLS_1_2"],
                rules=(),
                default=Forward(target_group=item.id),
            ),
            Listener(
                port=HTTP_PORT,
                tls_versions=(),
                rules=(),
                default=Redirect(protocol="https", port=HTTPS_PORT, status=302),
            ),
        ),
        target_groups=(
            TargetGroup(
                arn=item.id,
                name=f"{item.get('spec.routeName')}-mapped",
                algorithm="round_robin",
                anomaly_mitigation=False,
                deregistration_delay_seconds=seconds,
                health_check=None,
                fails_open=False,
            ),
        ),
        notes=(_NOTE,),
    )
