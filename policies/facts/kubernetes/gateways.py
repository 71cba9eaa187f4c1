"""Ways in by the Gateway API."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, types
from policies.facts.model import Listener, LoadBalancer
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_PART = re.compile(r"([0-9]+)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_ENCRYPTED = ("HTTPS", "TLS")


def load_balancers(graph: Graph) -> tuple[LoadBalancer, ...]:
    """The Gateways, each with what its routes say of time."""
    return tuple(
        LoadBalancer(
            name=resource.name,
            urn=resource.urn,
            idle_timeout_seconds=derived(lambda one=resource: min(_limits(graph, one), default=0)),
            deletion_protection=resource.protected,
            protectable=True,
            listeners=derived(
                lambda listeners, one=resource: tuple(
                    _listener(graph, one, listener) for listener in listeners
                ),
                resource.root.nodes("spec.listeners"),
            ),
            firewalls=(),
        )
        for resource in graph.of(types.GATEWAY)
    )


def _listener(graph: Graph, gateway: Resource, listener: Node) -> Listener:
    encrypted = listener.text("protocol") in _ENCRYPTED
    return Listener(
        name=gateway.name,
        urn=gateway.urn,
        port=listener.integer("port"),
        tls=encrypted,
        tls_policy="",
        # The Gateway API has no word for protocols; controllers offer 1.2 and 1.3.
        modern_tls=encrypted,
        redirects_to_tls=any(
            _redirects(rule)
            for route in _routes(graph, gateway, listener.text("name"))
            for rule in route.root.nodes("spec.rules")
        ),
    )


def _routes(graph: Graph, gateway: Resource, listener: str = "") -> Iterator[Resource]:
    for route in graph.of(types.HTTP_ROUTE):
        for parent in route.root.nodes("spec.parentRefs"):
            named = parent.text("name") == objects.name(gateway)
            section = parent.text("sectionName")
            if named and (not listener or section in ("", listener)):
                yield route


def _redirects(rule: Node) -> bool:
    return any(
        one.text("type") == "RequestRedirect" and one.text("requestRedirect.scheme") == "https"
        for one in rule.nodes("filters")
    )


def _limits(graph: Graph, gateway: Resource) -> Iterator[int]:
    """Longest requests of the routes to servers, seconds; 0 where a route does not say."""
    for route in _routes(graph, gateway):
        for rule in route.root.nodes("spec.rules"):
            if len(rule.nodes("backendRefs")):
                for limit in ("request", "backendRequest"):
                    yield int(derived(_seconds, rule.text(f"timeouts.{limit}")))


def _seconds(duration: str) -> float:
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(duration))
