"""Ways in: load balancers, security groups, white lists of stores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from policies.facts.alicloud import types
from policies.facts.graph import Graph
from policies.facts.model import HealthCheck, InboundRule, Listener, LoadBalancer
from policies.facts.resource import Resource
from policies.facts.unknown import derived, together

ANYWHERE = "0.0.0.0/0"
_ALL_PORTS = (0, 65535)
_EVERY_PORT = "-1/-1"
_PORTS = re.compile(r"(\d+)/(\d+)")
_IDLE_SECONDS = 15
_REQUEST_SECONDS = 60
"""Of a listener that states none (provider documentation, `alicloud_alb_listener`)."""
_DRAIN_SECONDS = 300
"""Of a group that drains for no stated time (provider documentation, `alicloud_alb_server_group`).
"""
_DEFAULT_TLS = "tls_cipher_policy_1_0"
_MODERN_TLS = "tls_cipher_policy_1_2_strict_with_1_3"
"""The one policy with TLS 1.3 and nothing below 1.2 (ALB user guide, "TLS security policies")."""
_LOCALS = 8
"""Least bits that addresses of a network of one's own share."""


def load_balancers(graph: Graph) -> tuple[LoadBalancer, ...]:
    """The load balancers with the ports they answer on."""
    return tuple(_balancer(graph, balancer) for balancer in graph.of(types.LOAD_BALANCER))


def _balancer(graph: Graph, balancer: Resource) -> LoadBalancer:
    found = graph.referring(balancer, "loadBalancerId", types.LISTENER)
    return LoadBalancer(
        name=balancer.name,
        urn=balancer.urn,
        # Listeners that only redirect have nobody to wait for.
        idle_timeout_seconds=derived(
            lambda each: min(each, default=0),
            together(
                seconds
                for listener in found
                if not _redirects(graph, listener)
                for seconds in (
                    listener.root.integer("idleTimeout", _IDLE_SECONDS),
                    listener.root.integer("requestTimeout", _REQUEST_SECONDS),
                )
            ),
        ),
        deletion_protection=derived(
            lambda flat, nested: flat or nested,
            balancer.root.flag("deletionProtectionEnabled"),
            balancer.root.flag("deletionProtectionConfig.enabled"),
        ),
        protectable=True,
        listeners=tuple(_listener(graph, listener) for listener in found),
        firewalls=(),
    )


def _listener(graph: Graph, listener: Resource) -> Listener:
    root = listener.root
    tls = derived(lambda protocol: bool(protocol != "HTTP"), root.text("listenerProtocol"))
    policy = derived(
        lambda secure: root.text("securityPolicyId", _DEFAULT_TLS) if secure else "", tls
    )
    return Listener(
        name=listener.name,
        urn=listener.urn,
        port=root.integer("listenerPort"),
        tls=tls,
        tls_policy=policy,
        modern_tls=derived(lambda name: bool(name == _MODERN_TLS), policy),
        redirects_to_tls=derived(lambda: _redirects(graph, listener)),
    )


def _redirects(graph: Graph, listener: Resource) -> bool:
    """Whether a rule sends every path elsewhere, by HTTPS: a listener itself can only forward."""
    return any(
        action.text("redirectConfig.protocol") == "HTTPS"
        for rule in graph.referring(listener, "listenerId", types.RULE)
        if _for_every_path(rule)
        for action in rule.root.nodes("ruleActions")
        if action.text("type") == "Redirect"
    )


def _for_every_path(rule: Resource) -> bool:
    conditions = rule.root.nodes("ruleConditions")
    return len(conditions) == 1 and "/*" in conditions[0].texts("pathConfig.values")


def server_group(group: Resource) -> HealthCheck:
    """How the load balancer sees whether machines are well."""
    root = group.root
    return HealthCheck(
        name=group.name,
        urn=group.urn,
        path=derived(
            lambda checked: root.text("healthCheckConfig.healthCheckPath", "/") if checked else "",
            root.flag("healthCheckConfig.healthCheckEnabled"),
        ),
        drain_seconds=derived(
            lambda drains: (
                root.integer("connectionDrainConfig.connectionDrainTimeout", _DRAIN_SECONDS)
                if drains
                else 0
            ),
            root.flag("connectionDrainConfig.connectionDrainEnabled"),
        ),
    )


def inbound(graph: Graph) -> tuple[InboundRule, ...]:
    """Who may open connections: to listeners, to machines, and to stores."""
    return derived(lambda: tuple(_inbound(graph)))


def _inbound(graph: Graph) -> Iterator[InboundRule]:
    for listener in graph.of(types.LISTENER):
        yield from _of_listener(graph, listener)
    for rule in graph.of(types.SECURITY_RULE):
        if rule.root.text("type") == "ingress" and rule.root.text("policy", "accept") == "accept":
            yield _of_group(graph, rule)
    for kind in (types.DATABASE, types.REPLICA, types.CACHE):
        for store in graph.of(kind):
            yield from listed(graph, store)


def _of_listener(graph: Graph, listener: Resource) -> Iterator[InboundRule]:
    port = listener.root.integer("listenerPort")
    admitted = [
        entry.text("entry")
        for attached in graph.referring(listener, "listenerId", types.ACL)
        if attached.root.text("aclType") == "White"
        for acl in graph.referred(attached, "aclId", types.ACL_LIST)
        for entries in graph.referring(acl, "aclId", types.ACL_ENTRIES)
        for entry in (*entries.root.nodes("entries"), entries.root)
        if entry.given("entry")
    ]
    for network in admitted or [ANYWHERE]:
        yield InboundRule(
            name=listener.name,
            urn=listener.urn,
            group=listener.name,
            network=network,
            protocol="tcp",
            ports=(port, port),
            way_in=True,
        )


def _of_group(graph: Graph, rule: Resource) -> InboundRule:
    root = rule.root
    groups = graph.referred(rule, "securityGroupId", types.SECURITY_GROUP)
    return InboundRule(
        name=rule.name,
        urn=rule.urn,
        group=groups[0].name if groups else root.text("securityGroupId"),
        network=root.text("cidrIp") or root.text("ipv6CidrIp"),
        protocol=root.text("ipProtocol").replace("all", "any"),
        ports=_ports(rule),
        way_in=False,
    )


def _ports(rule: Resource) -> tuple[int, int]:
    text = rule.root.text("portRange", _EVERY_PORT)
    if text == _EVERY_PORT:
        return _ALL_PORTS
    match = _PORTS.fullmatch(text)
    if match is None:
        return rule.root.unreadable("portRange", "range of ports")  # type: ignore[no-any-return]
    return int(match[1]), int(match[2])


def listed(graph: Graph, store: Resource) -> Iterator[InboundRule]:
    """Who may connect to a store, by its white list. Ranges of the vSwitches in which machines and
    pods of the stack stand are these themselves, and name no network."""
    own = {
        switch.root.text("cidrBlock")
        for kind, name in (
            (types.NODE_POOL, "vswitchIds"),
            (types.CLUSTER, "vswitchIds"),
            (types.CLUSTER, "podVswitchIds"),
        )
        for resource in graph.of(kind)
        for switch in graph.referred(resource, name, types.SWITCH)
    }
    for text in store.root.texts("securityIps"):
        network = ANYWHERE if _everybody(store, text) else text
        yield InboundRule(
            name=store.name,
            urn=store.urn,
            group=store.name,
            network="" if network in own else network,
            protocol="tcp",
            ports=_ALL_PORTS,
            way_in=False,
        )


def _everybody(store: Resource, text: str) -> bool:
    """Whether a range is as good as the whole internet."""
    try:
        return ip_network(text, strict=False).prefixlen < _LOCALS
    except ValueError:
        return store.root.unreadable("securityIps", "list of networks")  # type: ignore[no-any-return]
