"""What holds for pods from outside: network policies, disruption budgets, rights, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, types
from policies.facts.kubernetes.workloads import Template
from policies.facts.model import ClusterService, DisruptionBudget, NetworkPolicy
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

_DOMAIN = "svc.cluster.local"
_ANYWHERE = ("0.0.0.0/0", "::/0")


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
    return derived(
        lambda: tuple(
            _policy(resource)
            for resource in _picked(
                graph, types.NETWORK_POLICY, "spec.podSelector", template, empty_picks=True
            )
        )
    )


def _policy(resource: Resource) -> NetworkPolicy:
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
    )


def _open(rule: Node) -> bool:
    """Whether a rule names no caller, or all addresses there are."""
    callers = rule.nodes("from")
    return not len(callers) or any(caller.text("ipBlock.cidr") in _ANYWHERE for caller in callers)


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


def granted(graph: Graph, template: Template) -> bool:
    """Whether a pod's service account has rights in the cluster."""

    def bound() -> bool:
        account = template.spec.text("serviceAccountName", "default")
        return any(
            subject.text("name") == account
            and subject.text("namespace") == objects.namespace(template.resource)
            for binding in graph.of(types.ROLE_BINDING, types.CLUSTER_ROLE_BINDING)
            for subject in binding.root.nodes("subjects")
        )

    return derived(bound)


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


def cluster_service(address: Address) -> ClusterService:
    """The address as a fact."""
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
    )
