"""Ways in: load balancer, mapped domain, firewall rules of the network, and Cloud Armor."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.gcp import types
from policies.facts.gcp.containers import seconds
from policies.facts.graph import Graph
from policies.facts.model import (
    Container,
    Firewall,
    InboundRule,
    Listener,
    LoadBalancer,
    Service,
)
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

HTTPS_PORT = 443
_ANYWHERE = "0.0.0.0/0"
_ALL_PORTS = (0, 65535)
_DEFAULT_TLS = "TLS_1_0"
_MODERN_TLS = "TLS_1_2"
"""Least version; TLS 1.3 is always offered."""
_BODY_RULES = ("sqli-", "xss-", "nodejs-", "php-", "java-")
"""Preconfigured rules that look for code in bodies (Cloud Armor documentation, "Google Cloud Armor
preconfigured WAF rules overview")."""
_FIVE_MINUTES = 300
DEFAULT_TIMEOUT_SECONDS = 30
"""Of a backend that states none (Compute Engine API, `timeoutSec`)."""


def load_balancers(graph: Graph) -> tuple[LoadBalancer, ...]:
    """One for each URL map that leads to backends."""
    return tuple(
        _balancer(graph, url_map)
        for url_map in graph.of(types.URL_MAP)
        if not url_map.root.given("defaultUrlRedirect")
    )


def _balancer(graph: Graph, url_map: Resource) -> LoadBalancer:
    backends = graph.of(types.BACKEND)
    listeners = [
        *_listeners(graph, url_map),
        *(
            listener
            for other in graph.of(types.URL_MAP)
            if other.root.given("defaultUrlRedirect")
            for listener in _listeners(graph, other)
        ),
    ]
    return LoadBalancer(
        name=url_map.name,
        urn=url_map.urn,
        idle_timeout_seconds=derived(
            lambda each: min(each, default=0),
            together(limit for backend in backends for limit in _limits(graph, backend)),
        ),
        deletion_protection=False,
        protectable=False,
        listeners=tuple(listeners),
        firewalls=_firewalls(graph, backends),
    )


def _limits(graph: Graph, backend: Resource) -> Iterator[int]:
    """How long a request to a backend may take. One without machines has the time limit of its
    service alone."""
    groups = graph.referred(backend, "backends", types.ENDPOINT_GROUP)
    if not groups:
        yield backend.root.integer("timeoutSec", DEFAULT_TIMEOUT_SECONDS)
    for group in groups:
        for service in graph.referred(group, "cloudRun", types.SERVICE):
            yield seconds(service.root.node("template"))


def _listeners(graph: Graph, url_map: Resource) -> Iterator[Listener]:
    redirects = url_map.root.flag("defaultUrlRedirect.httpsRedirect")
    for kind, tls in ((types.HTTPS_PROXY, True), (types.HTTP_PROXY, False)):
        for proxy in graph.referring(url_map, "urlMap", kind):
            policies = graph.referred(proxy, "sslPolicy", types.TLS_POLICY)
            version = (
                policies[0].root.text("minTlsVersion", _DEFAULT_TLS) if policies else _DEFAULT_TLS
            )
            for rule in graph.referring(proxy, "target", types.FORWARDING_RULE):
                yield Listener(
                    name=rule.name,
                    urn=rule.urn,
                    port=_port(rule),
                    tls=tls,
                    tls_policy=version if tls else "",
                    modern_tls=derived(lambda text: bool(text == _MODERN_TLS), version),
                    redirects_to_tls=redirects,
                )


def _port(rule: Resource) -> int:
    return derived(
        lambda text: int(text.partition("-")[0]), rule.root.text("portRange", str(HTTPS_PORT))
    )


def _firewalls(graph: Graph, backends: list[Resource]) -> tuple[Firewall, ...]:
    before = [
        {one.urn: one for one in graph.referred(backend, "securityPolicy", types.SECURITY_POLICY)}
        for backend in backends
    ]
    # A backend without it is a way around it.
    policies = {
        urn: policy
        for found in before
        for urn, policy in found.items()
        if all(urn in other for other in before)
    }
    logged = derived(
        lambda flags: all(flags), together(one.root.flag("logConfig.enable") for one in backends)
    )
    return derived(
        lambda: tuple(
            _firewall(policy, logged=logged)
            for policy in policies.values()
            # One that only says who may call inspects nothing.
            if _managed(policy) or _rates(policy)
        )
    )


def _firewall(policy: Resource, *, logged: bool) -> Firewall:
    return Firewall(
        name=policy.name,
        urn=policy.urn,
        managed=_managed(policy),
        body_rules=tuple(name for name in _managed(policy) if name.startswith(_BODY_RULES)),
        rate_limit=max(_rates(policy), default=0),
        logged=logged,
    )


def _managed(policy: Resource) -> tuple[str, ...]:
    return tuple(
        expression.partition("'")[2].partition("'")[0]
        for rule in policy.root.nodes("rules")
        if (expression := rule.text("match.expr.expression")).startswith("evaluatePreconfiguredWaf")
        and not rule.flag("preview")
    )


def _rates(policy: Resource) -> tuple[int, ...]:
    """Requests of one address in five minutes, of each rule that bounds them."""
    return tuple(
        rate.integer("count") * _FIVE_MINUTES // max(rate.integer("intervalSec", 60), 1)
        for rule in policy.root.nodes("rules")
        if rule.given("rateLimitOptions.rateLimitThreshold")
        for rate in (rule.node("rateLimitOptions.rateLimitThreshold"),)
    )


def proxies(graph: Graph, services: tuple[Service, ...]) -> tuple[Container, ...]:
    """The servers to which a domain leads without a load balancer; Cloud Run ends TLS before them,
    by 1.2 and 1.3 alone."""
    mapped = {
        service.urn
        for mapping in graph.of(types.DOMAIN_MAPPING)
        for service in graph.referred(mapping, "spec", types.SERVICE)
    }
    return derived(
        lambda: tuple(
            server
            for service in services
            if service.urn in mapped
            for server in service.task.servers
        )
    )


def inbound(graph: Graph) -> tuple[InboundRule, ...]:
    """Who may open connections: by addresses of the way in, mapped domains, services that answer
    everybody, and firewall rules of the network."""
    return derived(lambda: tuple(_inbound(graph)))


def _inbound(graph: Graph) -> Iterator[InboundRule]:
    for rule in graph.of(types.FORWARDING_RULE):
        port = _port(rule)
        yield _open(rule, (port, port), way_in=True)
    mapped = {
        service.urn
        for mapping in graph.of(types.DOMAIN_MAPPING)
        for service in graph.referred(mapping, "spec", types.SERVICE)
    }
    for service in graph.of(types.SERVICE):
        if service.root.text("ingress", "INGRESS_TRAFFIC_ALL") == "INGRESS_TRAFFIC_ALL":
            yield _open(service, (HTTPS_PORT, HTTPS_PORT), way_in=service.urn in mapped)
    for firewall in graph.of(types.FIREWALL):
        if firewall.root.text("direction", "INGRESS") == "INGRESS":
            yield from _rules(firewall)


def _open(resource: Resource, ports: tuple[int, int], *, way_in: bool) -> InboundRule:
    return InboundRule(
        name=resource.name,
        urn=resource.urn,
        group=resource.name,
        network=_ANYWHERE,
        protocol="tcp",
        ports=ports,
        way_in=way_in,
    )


def _rules(firewall: Resource) -> Iterator[InboundRule]:
    sources = firewall.root.texts("sourceRanges") or ("",)
    for allow in firewall.root.nodes("allows"):
        for ports in _ports(allow):
            for network in sources:
                yield InboundRule(
                    name=firewall.name,
                    urn=firewall.urn,
                    group=firewall.name,
                    network=network,
                    protocol=allow.text("protocol").replace("all", "any"),
                    ports=ports,
                    way_in=False,
                )


def _ports(allow: Node) -> Iterator[tuple[int, int]]:
    given = allow.texts("ports")
    if not given:
        yield _ALL_PORTS
    for text in given:
        first, _, last = text.partition("-")
        yield int(first), int(last or first)
