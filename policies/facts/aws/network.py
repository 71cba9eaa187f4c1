"""Ways in: security groups, load balancers and the proxy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from policies.facts.aws import firewall, types
from policies.facts.aws.compute import machine_groups
from policies.facts.aws.machines import templates
from policies.facts.graph import Graph
from policies.facts.model import Container, InboundRule, Listener, LoadBalancer, Service
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

HTTPS_PORT = 443
_ALL_PORTS = (0, 65535)
_IDLE_TIMEOUT_SECONDS = 60
"""Of an Application Load Balancer that states none (ELB user guide)."""
_MODERN_TLS = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-.*")
"""TLS 1.3, and 1.2 at the least (ELB user guide, "Security policies")."""

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId")
"""Properties that name networks. Without any, the source is a security group."""

Rules = Mapping[str, tuple[InboundRule, ...]]
"""URN of a security group -> who may connect to its members."""


def inbound(graph: Graph, services: Iterable[Service]) -> Rules:
    """The rules of all security groups."""
    ways_in = _ways_in(graph, services)
    return {
        group.urn: _rules(graph, group, way_in=ways_in.get(group.urn, False))
        for group in graph.of(types.SECURITY_GROUP)
    }


def of_other_groups(graph: Graph) -> tuple[InboundRule, ...]:
    """The rules of security groups that are not the stack's own, such as those EKS makes."""
    return tuple(
        _rule(rule.root, rule.root.text("securityGroupId"), way_in=False)
        for rule in graph.of(types.INBOUND_RULE)
        if not graph.referred(rule, "securityGroupId", types.SECURITY_GROUP)
    )


def _rules(graph: Graph, group: Resource, *, way_in: bool) -> tuple[InboundRule, ...]:
    separate = tuple(
        _rule(rule.root, group.name, way_in=way_in)
        for rule in graph.referring(group, "securityGroupId", types.INBOUND_RULE)
    )
    return derived(lambda inline: (*inline, *separate), _inline(group, way_in=way_in))


def _ways_in(graph: Graph, services: Iterable[Service]) -> Mapping[str, bool]:
    """URN of a security group -> whether load balancers, or machines with a proxy, are in it."""
    found: dict[str, bool] = {}
    for service in services:
        front = derived(bool, proxies((service,)))
        for scaling_group in machine_groups(graph, graph[service.urn]):
            for group in machine_security_groups(graph, scaling_group):
                found[group.urn] = front
    for balancer in graph.of(types.LOAD_BALANCER):
        for group in graph.referred(balancer, "securityGroups", types.SECURITY_GROUP):
            found[group.urn] = True
    return found


def proxies(services: Iterable[Service]) -> tuple[Container, ...]:
    """The containers that answer HTTPS on their machine's own address."""
    return derived(
        lambda: tuple(
            container
            for service in services
            for container in service.task.containers
            if HTTPS_PORT in container.host_ports
        )
    )


def machine_security_groups(graph: Graph, scaling_group: Resource) -> list[Resource]:
    """The security groups of an auto scaling group's machines."""
    return [
        group
        for template in templates(graph, scaling_group)
        for name in ("vpcSecurityGroupIds", "networkInterfaces")
        for group in graph.referred(template, name, types.SECURITY_GROUP)
    ]


def admitted(graph: Graph, resource: Resource, name: str, rules: Rules) -> tuple[InboundRule, ...]:
    """Who may connect to a resource, by the security groups of one of its properties."""
    return of_groups(rules, graph.referred(resource, name, types.SECURITY_GROUP))


def of_groups(rules: Rules, groups: Iterable[Resource]) -> tuple[InboundRule, ...]:
    """The rules of some security groups."""
    return derived(
        lambda each: tuple(rule for found in each for rule in found),
        together(rules[group.urn] for group in groups),
    )


def _rule(node: Node, group: str, *, way_in: bool) -> InboundRule:
    network = next((name for name in _SOURCES if node.given(name)), _SOURCES[0])
    return InboundRule(
        name=node.resource.name,
        urn=node.resource.urn,
        group=group,
        network=node.text(network),
        protocol=_protocol(node.text("ipProtocol")),
        ports=_ports(node),
        way_in=way_in,
    )


def _inline(group: Resource, *, way_in: bool) -> tuple[InboundRule, ...]:
    """Rules that stand in the group itself. A group without any learns of its separate ones."""
    if group.root.left_out("ingress"):
        return ()
    return derived(
        lambda entries: tuple(
            InboundRule(
                name=group.name,
                urn=group.urn,
                group=group.name,
                network=network,
                protocol=_protocol(entry.text("protocol")),
                ports=_ports(entry),
                way_in=way_in,
            )
            for entry in entries
            for name in ("cidrBlocks", "ipv6CidrBlocks")
            for network in entry.texts(name)
        ),
        group.root.nodes("ingress"),
    )


def _protocol(text: str) -> str:
    return derived(lambda known: "any" if known == "-1" else known, text)


def _ports(node: Node) -> tuple[int, int]:
    if not node.given("fromPort"):
        return _ALL_PORTS
    return node.integer("fromPort"), node.integer("toPort")


def load_balancers(graph: Graph) -> tuple[LoadBalancer, ...]:
    """The load balancers with the ports they answer on."""
    return tuple(
        LoadBalancer(
            name=balancer.name,
            urn=balancer.urn,
            idle_timeout_seconds=balancer.root.integer("idleTimeout", _IDLE_TIMEOUT_SECONDS),
            deletion_protection=balancer.root.flag("enableDeletionProtection"),
            protectable=True,
            listeners=tuple(
                _listener(listener)
                for listener in graph.referring(balancer, "loadBalancerArn", types.LISTENER)
            ),
            firewalls=firewall.before(graph, balancer),
        )
        for balancer in graph.of(types.LOAD_BALANCER)
    )


def _listener(resource: Resource) -> Listener:
    root = resource.root
    tls = derived(lambda protocol: protocol in ("HTTPS", "TLS"), root.text("protocol"))
    policy = derived(lambda secure: root.text("sslPolicy") if secure else "", tls)
    return Listener(
        name=resource.name,
        urn=resource.urn,
        port=root.integer("port"),
        tls=tls,
        tls_policy=policy,
        modern_tls=derived(lambda name: bool(_MODERN_TLS.fullmatch(name)), policy),
        redirects_to_tls=derived(
            lambda actions: derived(
                lambda protocols: set(protocols) == {"HTTPS"},
                together(action.text("redirect.protocol") for action in actions),
            ),
            root.nodes("defaultActions"),
        ),
    )
