"""Ways in and out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.facts.billing import NotPriced, require_own
from policies.facts.graph import Graph
from policies.facts.resource import Node, Resource
from pricing.inventory import (
    Firewall,
    LoadBalancer,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Thing,
)

CERTIFICATE = "aws:acm/certificate:Certificate"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
TOPIC = "aws:sns/topic:Topic"

_SUBNETS = ("subnets", "subnetMappings")
"""Properties that say where a load balancer stands."""
_GATEWAY = "Gateway"
_INTERFACE = "Interface"
_LOGS = ".logs"
"""End of the name of the service that takes log lines."""
_AWS = "AWS"
_BILLED_GROUPS = (
    "AWSManagedRulesACFPRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesAntiDDoSRuleSet",
    "AWSManagedRulesBotControlRuleSet",
)
"""Managed groups of AWS's own with a fee of their own (WAF pricing page)."""


def load_balancer(graph: Graph, balancer: Resource) -> Iterator[Thing]:
    """An application load balancer."""
    root = balancer.root
    require_own(graph, balancer, "what passes through it")
    kind = root.text("loadBalancerType", "application")
    if kind != "application":
        raise NotPriced(f"prices are those of application load balancers, and it is a {kind} one")
    internal = root.stated("internal") and root.flag("internal")
    listed = next((one for one in _SUBNETS if root.stated(one)), None)
    if listed is None:
        raise NotPriced("it names no subnets")
    yield LoadBalancer(
        component="ingress",
        name=balancer.name,
        urn=balancer.urn,
        zones=0 if internal else len(root.nodes(listed)),
    )


def address(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """A fixed public address."""
    out = graph.referring(resource, "allocationId", NAT_GATEWAY)
    yield PublicAddresses(
        component="network" if out else "ingress", name=resource.name, urn=resource.urn, count=1
    )


def nat_gateway(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """A way out of private subnets."""
    require_own(graph, resource, "what passes through it")
    yield NatGateways(component="network", name=resource.name, urn=resource.urn, count=1)


def endpoint(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """A way to a service of the cloud, which as a gateway is free."""
    root = resource.root
    kind = root.text("vpcEndpointType", _GATEWAY)
    if kind == _GATEWAY:
        return
    if kind != _INTERFACE:
        raise NotPriced(f"prices are those of interface endpoints, and it is of type {kind}")
    require_own(graph, resource, "what passes through it")
    yield PrivateEndpoints(
        component="network",
        name=resource.name,
        urn=resource.urn,
        count=len(root.nodes("subnetIds")),
        carries_logs=root.text("serviceName").endswith(_LOGS),
    )


def firewall(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """A web application firewall."""
    require_own(graph, resource, "how many requests it looks at")
    rules = resource.root.nodes("rules")
    for rule in rules:
        _require_free(rule.node("statement.managedRuleGroupStatement"))
    yield Firewall(
        component="ingress",
        name=resource.name,
        urn=resource.urn,
        rules=len(rules),
        managed_groups=0,
    )


def _require_free(group: Node) -> None:
    if not group.given(""):
        return
    vendor, name = group.text("vendorName"), group.text("name")
    if vendor != _AWS or name in _BILLED_GROUPS:
        raise NotPriced(f"{vendor} bills for its group of rules {name}")


def certificate(resource: Resource) -> Iterable[Thing]:
    """A certificate, of which only those of Amazon's public authority are free."""
    if resource.root.stated("certificateAuthorityArn"):
        raise NotPriced("certificates of a private authority are billed")
    return ()


def topic(graph: Graph, resource: Resource) -> Iterable[Thing]:
    """A topic. What alarms publish and mail stays within what is free each month."""
    require_own(graph, resource, "how much it is used")
    return ()
