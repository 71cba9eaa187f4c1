"""What the objects of a cluster are billed by, beside its machines: disks that outlive pods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from components.workloads.charts import CHARTS, PROMETHEUS
from policies.facts.billing import Billing, NotPriced, Reader, Table, between, billing
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, quantities, scaling, types, workloads
from policies.facts.kubernetes.pods import CLAIM_TEMPLATES, Workload
from policies.facts.model import Dump, Service
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived
from pricing.inventory import Component, Thing, Volumes
from pricing.span import Span

VolumeType = Callable[[Resource], str]
"""A storage class -> the cloud's name of the kind of disk that it makes."""

_MIB_PER_GIB: Final = 1024
_IN_CLUSTER: Final = "is kept by the control plane, which is billed"
_COMPONENT_LABEL: Final = "app.kubernetes.io/component"
_LLM: Final = "llm"
"""Beginning of that label's value on what serves language models."""
_LOAD_BALANCER: Final = "LoadBalancer"

PLAIN_KINDS: Final = (
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass",
)
"""Kinds beside those of a stack that make nothing outside the cluster."""

OwnTable = Callable[[Graph, Mapping[str, int], tuple[Dump, ...]], Table]
"""Resources, URN of a pool of machines -> pods that always run there, the stack's dumps -> what is
known of the cloud's own types."""


@dataclass(frozen=True, kw_only=True)
class Biller:
    """What a cloud bills, of its own resources and of those of a cluster on it."""

    cloud: str
    table: OwnTable
    volume_type: VolumeType
    region: Callable[[Graph], str]
    """Where the stack is; empty where nothing says so."""
    elsewhere: Callable[[str, Resource], str]
    """Region of the stack, resource -> why it cannot be billed as one of that region, as a clause;
    empty for one that can."""

    def read(
        self,
        graph: Graph,
        workloads: Iterable[Workload],
        services: Iterable[Service],
        dumps: tuple[Dump, ...],
    ) -> Billing:
        """What is billed of a stack."""
        region = self.region(graph)
        known = tuple(workloads)
        return billing(
            graph,
            (
                table(graph, known, self.volume_type),
                # It knows what the cloud makes for the cluster's objects.
                self.table(graph, staying(known), dumps),
            ),
            cloud=self.cloud,
            region=region,
            elsewhere=partial(self.elsewhere, region),
            services=services,
        )


def table(graph: Graph, found: Iterable[Workload], volume_type: VolumeType) -> Table:
    """What is known of a cluster's objects."""
    disks = _Disks(graph, found, volume_type)
    readers: Mapping[str, Reader] = {
        types.CLAIM: disks.of_claim,
        types.RELEASE: release,
        types.SERVICE: service,
        **dict.fromkeys(workloads.TYPES, disks.of_workload),
    }
    plain = (types.KNOWN | frozenset(PLAIN_KINDS)) - frozenset(readers)
    return Table(readers=readers, free=dict.fromkeys(sorted(plain), _IN_CLUSTER))


def staying(found: Iterable[Workload]) -> Mapping[str, int]:
    """URN of a pool of machines -> pods that run there whatever the load is."""

    def counted() -> Mapping[str, int]:
        pods: Counter[str] = Counter()
        for workload in found:
            if workload.template.kind == "copies":
                for pool in workload.pod.machines:
                    pods[pool.urn] += workload.pod.copies_at_least
        return pods

    return derived(counted)


class _Disks:
    """The disks that pods and claims of a stack ask for."""

    def __init__(self, graph: Graph, found: Iterable[Workload], volume_type: VolumeType) -> None:
        self._graph = graph
        self._type = volume_type
        self._workloads: dict[str, list[Workload]] = {}
        for workload in found:
            self._workloads.setdefault(workload.template.resource.urn, []).append(workload)

    def of_claim(self, resource: Resource) -> Iterator[Thing]:
        """A disk that is asked for by itself."""
        labels = resource.root.node("metadata.labels")
        yield self._volumes(resource, resource.root, Span.fixed(1), labels)

    def of_workload(self, resource: Resource) -> Iterator[Thing]:
        """The disks that each pod of a workload is given."""
        for path in CLAIM_TEMPLATES:
            for claim in resource.root.nodes(path):
                yield self._of_pods(resource, claim, self._pods(resource))
        for workload in self._workloads.get(resource.urn, ()):
            for volume in workload.template.spec.nodes("volumes"):
                if volume.given("ephemeral"):
                    claim = volume.node("ephemeral.volumeClaimTemplate")
                    pods = self._copies(resource) * workload.template.share
                    yield self._of_pods(resource, claim, pods)

    def _pods(self, resource: Resource) -> Span:
        templates = self._workloads.get(resource.urn, ())
        return self._copies(resource) * max((one.template.group for one in templates), default=1)

    def _copies(self, resource: Resource) -> Span:
        return between(
            scaling.fewest_copies(self._graph, resource),
            workloads.wanted(resource),
            scaling.most_copies(self._graph, resource),
        )

    def _of_pods(self, resource: Resource, claim: Node, pods: Span) -> Thing:
        own = claim.node("metadata.labels")
        labels = (
            own
            if own.child(_COMPONENT_LABEL).given("")
            else (resource.root.node("metadata.labels"))
        )
        return self._volumes(resource, claim, pods, labels)

    def _volumes(self, resource: Resource, claim: Node, count: Span, labels: Node) -> Thing:
        mib = quantities.mib(claim.node("spec.resources.requests"), "storage")
        served = labels.child(_COMPONENT_LABEL).text("").startswith(_LLM)
        component: Component = "llm" if served else "cluster"
        return Volumes(
            component=component,
            name=resource.name,
            urn=resource.urn,
            type=self._kind(claim),
            gib=count * (Decimal(float(mib)) / _MIB_PER_GIB),
        )

    def _kind(self, claim: Node) -> str:
        wanted = claim.text("spec.storageClassName")
        for storage_class in self._graph.of(types.STORAGE_CLASS):
            if objects.name(storage_class) == wanted:
                return self._type(storage_class)
        raise NotPriced(
            f"its storage class {wanted or 'is the default of the cluster and'} is not part of "
            "this stack"
        )


def service(resource: Resource) -> Iterable[Thing]:
    """An address in the cluster, which is free, unless it makes a load balancer."""
    kind = resource.root.text("spec.type")
    if kind == _LOAD_BALANCER:
        raise NotPriced("it makes a load balancer that is no resource of this stack")
    return ()


def release(resource: Resource) -> Iterable[Thing]:
    """A chart, which is free as far as it makes nothing outside the cluster."""
    chart = resource.root.text("chart").rpartition("/")[2]
    if chart not in CHARTS:
        raise NotPriced(f"what chart {chart} makes is not known")
    values = resource.root.node("values")
    if chart == PROMETHEUS.name and _keeps(values):
        raise NotPriced(
            "its disks are no resources of this stack; give it a claim of the stack's own"
        )
    return ()


def _keeps(values: Node) -> bool:
    """Whether a Prometheus makes disks of its own, as it does unless told not to."""
    disk = values.node("server.persistentVolume")
    alerts = values.node("alertmanager")
    return (disk.flag("enabled", default=True) and not disk.given("existingClaim")) or alerts.flag(
        "enabled", default=True
    )
