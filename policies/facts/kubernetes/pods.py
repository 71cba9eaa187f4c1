"""Pods as facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.facts import letta
from policies.facts.graph import Graph
from policies.facts.kubernetes import guards, objects, scaling, types
from policies.facts.kubernetes.containers import containers, from_secrets
from policies.facts.kubernetes.workloads import Template
from policies.facts.model import Machines, Pod, PodContainer, Task, Toleration
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

CLAIM_TEMPLATES = (
    "spec.volumeClaimTemplates",
    "spec.leaderWorkerTemplate.volumeClaimTemplates",
)
"""Where workloads say which volumes each of their pods keeps."""

ELSEWHERE = ("api://AzureADTokenExchange",)
"""Whom a token of a service account may be for that is no token of the cluster: those who exchange
it for rights in a cloud."""
_SHARED = (
    ("hostNetwork", "use the machine's network"),
    ("hostPID", "see the machine's processes"),
    ("hostIPC", "use the machine's shared memory"),
)


def pod(graph: Graph, template: Template, machines: Sequence[Machines]) -> Pod:
    """The pods that are made from a template."""
    resource, spec = template.resource, template.spec
    running = containers(template)
    before = containers(template, init=True)
    return Pod(
        name=resource.name,
        urn=resource.urn,
        task=_task(template, running, before),
        containers=derived(lambda each, first: (*each, *first), running, before),
        copies_at_least=derived(
            lambda copies, share: copies * share,
            scaling.fewest_copies(graph, resource),
            template.share,
        ),
        copies_at_most=derived(
            lambda copies, share: copies * share,
            scaling.rolling_copies(graph, resource),
            template.share,
        ),
        runs_once=template.kind == "once",
        keeps_data=derived(lambda: any(_lasting(resource, spec))),
        liberties=derived(lambda: tuple(_liberties(spec))),
        service_links=spec.flag("enableServiceLinks", default=True),
        token=derived(lambda: any(_tokens(spec))),
        spread=derived(
            lambda constraints: tuple(
                one.text("topologyKey")
                for one in constraints
                if objects.selects(one.node("labelSelector"), template.labels)
            ),
            spec.nodes("topologySpreadConstraints"),
        ),
        machines=derived(
            lambda chosen: tuple(
                one for one in machines if one.pool and chosen.items() <= one.labels.items()
            ),
            spec.mapping("nodeSelector"),
        ),
        tolerations=tolerations(spec),
        policies=guards.policies(graph, template),
        budgets=guards.budgets(graph, template),
        store_less=derived(lambda: tuple(_store_less(graph, template))),
    )


def tolerations(node: Node) -> tuple[Toleration, ...]:
    """The taints that pods bear, as a pod's `tolerations` list them."""
    return derived(
        lambda entries: tuple(
            Toleration(
                key=entry.text("key"),
                value="" if entry.text("operator", "Equal") == "Exists" else entry.text("value"),
                effect=entry.text("effect"),
            )
            for entry in entries
        ),
        node.nodes("tolerations"),
    )


def _task(
    template: Template, running: tuple[PodContainer, ...], before: tuple[PodContainer, ...]
) -> Task:
    all_of_them = derived(
        lambda each, first: tuple(one.container for one in (*each, *first)), running, before
    )
    staying = derived(
        lambda each, first: tuple(one for one in (*each, *first) if one.stays), running, before
    )
    return Task(
        name=template.resource.name,
        urn=template.resource.urn,
        vcpus=_sum(staying, "request_vcpus"),
        memory_mib=derived(round, _sum(staying, "request_mib")),
        own_address=derived(lambda shared: not shared, template.spec.flag("hostNetwork")),
        containers=all_of_them,
        servers=derived(letta.servers, all_of_them),
    )


def _sum(running: tuple[PodContainer, ...], amount: str) -> float:
    return derived(
        lambda each: derived(sum, together(getattr(one, amount) for one in each)), running
    )


def _lasting(resource: Resource, spec: Node) -> Iterator[bool]:
    """Whether a volume of the pod outlives it, volume by volume."""
    for path in CLAIM_TEMPLATES:
        yield resource.root.given(path)
    for volume in spec.nodes("volumes"):
        yield volume.given("persistentVolumeClaim")


def _liberties(spec: Node) -> Iterator[str]:
    for flag, what in _SHARED:
        if spec.flag(flag):
            yield what
    if any(volume.given("hostPath") for volume in spec.nodes("volumes")):
        yield "open files of the machine"


def _tokens(spec: Node) -> Iterator[bool]:
    """Whether the pod gets a token of the cluster, way by way."""
    yield spec.flag("automountServiceAccountToken", default=True)
    for volume in spec.nodes("volumes"):
        for source in volume.nodes("projected.sources"):
            # What is for somebody else, the cluster's own API refuses.
            audience = source.node("serviceAccountToken").text("audience")
            yield source.given("serviceAccountToken") and audience not in ELSEWHERE


def _store_less(graph: Graph, template: Template) -> Iterator[str]:
    """Variables from a secret that no entry of the cloud's store stands behind."""
    stored = graph.of(types.EXTERNAL_SECRET)
    awaited = set(template.resource.dependencies)
    for container in (*template.spec.nodes("containers"), *template.spec.nodes("initContainers")):
        for entry in from_secrets(container):
            reference = entry.node("valueFrom.secretKeyRef")
            # A secret that is named after its values has no name before they exist; the pods
            # then wait for the one that they mean.
            named = not reference.undetermined("name")
            behind = [
                one
                for one in stored
                if (_target(one) == reference.text("name") if named else one.urn in awaited)
            ]
            if not any(reference.text("key") in _keys(one) for one in behind):
                yield entry.text("name")


def _target(stored: Resource) -> str:
    if stored.root.undetermined("spec.target.name"):
        return ""
    return stored.root.text("spec.target.name") or objects.name(stored)


def _keys(stored: Resource) -> Mapping[str, bool]:
    return {entry.text("secretKey"): True for entry in stored.root.nodes("spec.data")}


@dataclass(frozen=True)
class Workload:
    """A template and what is made from it."""

    template: Template
    pod: Pod
