"""What holds for pods from outside: network policies, disruption budgets, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from components.workloads.identity import AGENTS
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, types
from policies.facts.kubernetes.workloads import Template
from policies.facts.model import ClusterService, DisruptionBudget, HealthCheck, NetworkPolicy
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_DOMAIN = "svc.cluster.local"
Network = IPv4Network | IPv6Network

_NARROW_BITS = {4: 8, 6: 32}
"""IP version -> shortest prefix of a range that names somebody: the largest blocks that
registries hand to one holder (/8 of IPv4, /32 of IPv6)."""
_LINK_LOCAL: tuple[Network, ...] = (
    IPv4Network("169.254.0.0/16"),
    IPv6Network("fe80::/10"),
    # Clouds put their metadata for IPv6 into the unique local range.
    IPv6Network("fc00::/7"),
)


def _picked(
    graph: Graph, kind: str, selector: str, template: Template, *, empty_picks: bool
) -> Iterator[Resource]:
    """The objects of a kind, in the pod's namespace, whose selector picks it."""
    for resource in graph.of(kind):
        same = objects.namespace(resource) == objects.namespace(template.resource)
        node = resource.root.node(selector)
        if same and (empty_picks or node.given("")) and objects.selects(node, template.labels):
            yield resource


def policies(graph: Graph, template: Template) -> tuple[NetworkPolicy, ...]:
    """The network policies that hold for a pod."""
    own = derived(lambda: tuple(sorted(set(_own(graph)), key=str)))
    return derived(
        lambda: tuple(
            _policy(resource, own)
            for resource in _picked(
                graph, types.NETWORK_POLICY, "spec.podSelector", template, empty_picks=True
            )
        )
    )


def _policy(resource: Resource, own: tuple[Network, ...]) -> NetworkPolicy:
    root = resource.root
    kinds = root.texts("spec.policyTypes")
    stated = root.given("spec.policyTypes")
    return NetworkPolicy(
        name=resource.name,
        urn=resource.urn,
        # Without a list of kinds it is about callers, and about callees if it names some.
        inbound=derived(lambda listed: "Ingress" in listed or not stated, kinds),
        outbound=derived(
            lambda listed: "Egress" in listed if stated else root.given("spec.egress"), kinds
        ),
        from_anywhere=derived(lambda rules: any(map(_open, rules)), root.nodes("spec.ingress")),
        beyond=derived(lambda: tuple(dict.fromkeys(_beyond(root, own)))),
    )


def _open(rule: Node) -> bool:
    """Whether a rule names no caller, or more addresses than one holder has."""
    callers = rule.nodes("from")
    return not len(callers) or any(
        _wide(_network(block.node("cidr"))) for block in _blocks(callers)
    )


def _beyond(root: Node, own: tuple[Network, ...]) -> Iterator[str]:
    for rule in root.nodes("spec.egress"):
        peers = rule.nodes("to")
        if not len(peers):
            yield from map(str, (*_LINK_LOCAL, *own))
        for block in _blocks(peers):
            called = _network(block.node("cidr"))
            if _identity_agent(rule, called):
                continue
            left_out = [_network(one) for one in block.nodes("except")]
            # A narrow range within the stack's network is meant.
            for guarded in (*_LINK_LOCAL, *(own if _wide(called) else ())):
                if _takes_in(called, guarded, left_out):
                    yield str(guarded)


def _identity_agent(rule: Node, called: Network) -> bool:
    """Whether it opens nothing but the way to the rights of the pod's own service account."""
    ports = [one.integer("port") for one in rule.nodes("ports")]
    return any(called == IPv4Network(cidr) and ports == [port] for cidr, port in AGENTS.values())


def _takes_in(called: Network, guarded: Network, left_out: Iterable[Network]) -> bool:
    if not called.overlaps(guarded):
        return False
    both = max(called, guarded, key=lambda one: one.prefixlen)
    return not any(_within(both, one) for one in left_out)


def _within(inner: Network, outer: Network) -> bool:
    return inner.overlaps(outer) and inner.prefixlen >= outer.prefixlen


def _own(graph: Graph) -> Iterator[Network]:
    """Private ranges that policies name: parts of the stack's own network."""
    for policy in graph.of(types.NETWORK_POLICY):
        for rules, peers in (("spec.ingress", "from"), ("spec.egress", "to")):
            for rule in policy.root.nodes(rules):
                for block in _blocks(rule.nodes(peers)):
                    named = _network(block.node("cidr"))
                    if not (_wide(named) or named.is_global or named.is_link_local):
                        yield named


def _blocks(peers: Iterable[Node]) -> Iterator[Node]:
    return (peer.node("ipBlock") for peer in peers if peer.given("ipBlock"))


def _wide(network: Network) -> bool:
    return network.prefixlen < _NARROW_BITS[network.version]


def _network(node: Node) -> Network:
    try:
        return ip_network(node.text(""), strict=False)
    except ValueError:
        return node.unreadable("", "address range")  # type: ignore[no-any-return]


def budgets(graph: Graph, template: Template) -> tuple[DisruptionBudget, ...]:
    """The disruption budgets that hold for a pod."""
    return derived(
        lambda: tuple(
            DisruptionBudget(
                name=resource.name,
                urn=resource.urn,
                min_available=resource.root.text("spec.minAvailable"),
                max_unavailable=resource.root.text("spec.maxUnavailable"),
            )
            for resource in _picked(
                graph, types.DISRUPTION_BUDGET, "spec.selector", template, empty_picks=False
            )
        )
    )


@dataclass(frozen=True)
class Address:
    """A service of the cluster, and the pods behind it."""

    resource: Resource
    templates: tuple[Template, ...]


def addresses(graph: Graph, templates: Iterable[Template]) -> tuple[Address, ...]:
    """The services of the cluster."""
    known = tuple(templates)
    return tuple(
        Address(service, derived(lambda one=service: tuple(_behind(one, known))))
        for service in graph.of(types.SERVICE)
    )


def _behind(service: Resource, templates: Iterable[Template]) -> Iterator[Template]:
    selector = service.root.mapping("spec.selector")
    for template in templates:
        same = objects.namespace(service) == objects.namespace(template.resource)
        if same and selector and selector.items() <= template.labels.items():
            yield template


def cluster_service(
    address: Address,
    exposed: Callable[[Resource], tuple[HealthCheck, ...]],
    inner: Callable[[Resource], bool],
) -> ClusterService:
    """The address as a fact. `exposed`: how the stack's load balancer sees its pods. `inner`:
    whether the cloud keeps it in the stack's network."""
    resource = address.resource
    return ClusterService(
        name=resource.name,
        urn=resource.urn,
        host=derived(
            lambda name, namespace: f"{name}.{namespace}.{_DOMAIN}",
            objects.name(resource),
            objects.namespace(resource),
        ),
        ports=derived(
            lambda ports: together(port.integer("port") for port in ports),
            resource.root.nodes("spec.ports"),
        ),
        pods=derived(
            lambda found: tuple(template.resource.name for template in found), address.templates
        ),
        type=resource.root.text("spec.type", "ClusterIP"),
        inner=derived(lambda: inner(resource)),
        behind_balancer=derived(lambda: bool(exposed(resource))),
        outside=derived(
            lambda addresses, name: together((*addresses, *((name,) if name else ()))),
            resource.root.texts("spec.externalIPs"),
            resource.root.text("spec.externalName"),
        ),
    )
