"""The templates that the pods of a stack are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal

from policies.facts.graph import Graph
from policies.facts.kubernetes import objects, types
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

Kind = Literal["copies", "each_machine", "once"]

# Where the template of each kind stands, and how many pods are made from it.
_TEMPLATES: Mapping[str, tuple[str, Kind]] = {
    types.DEPLOYMENT: ("spec.template", "copies"),
    types.STATEFUL_SET: ("spec.template", "copies"),
    types.REPLICA_SET: ("spec.template", "copies"),
    types.REPLICATION_CONTROLLER: ("spec.template", "copies"),
    types.POD: ("", "copies"),
    types.DAEMON_SET: ("spec.template", "each_machine"),
    types.JOB: ("spec.template", "once"),
    types.CRON_JOB: ("spec.jobTemplate.spec.template", "once"),
}
TYPES = (*_TEMPLATES, types.LEADER_WORKER_SET)

_GROUP_LABEL = "leaderworkerset.sigs.k8s.io/name"
_INDEX_LABEL = "leaderworkerset.sigs.k8s.io/worker-index"
_DEFAULT_SURGE = "25%"
"""Of a Deployment that states none (API reference, "RollingUpdateDeployment")."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """What pods are made from."""

    resource: Resource
    spec: Node
    labels: Mapping[str, str]
    kind: Kind
    group: int = 1
    """Pods that together are one copy of the workload."""
    share: int = 1
    """Those of them that are made from this template."""
    leads: bool = True
    """Whether the first pod of the group is one of them."""


def templates(graph: Graph) -> Iterator[Template]:
    """All templates of a stack."""
    for resource in graph.of(*_TEMPLATES):
        path, kind = _TEMPLATES[resource.type]
        template = resource.root.node(path)
        yield Template(
            resource=resource,
            spec=template.node("spec"),
            labels=template.mapping("metadata.labels"),
            kind=kind,
        )
    for resource in graph.of(types.LEADER_WORKER_SET):
        yield from _group(resource)


def _group(resource: Resource) -> Iterator[Template]:
    root = resource.root.node("spec.leaderWorkerTemplate")
    size = root.integer("size", 1)
    worker = root.node("workerTemplate")
    own_leader = root.given("leaderTemplate")
    leader = root.node("leaderTemplate") if own_leader else worker
    for template, leads in ((leader, True), (worker, False)):
        if leads or own_leader:
            yield Template(
                resource=resource,
                spec=template.node("spec"),
                labels=derived(_group_labels, resource, template, leads),
                kind="copies",
                group=size,
                share=_share(size, own_leader=own_leader, leads=leads),
                leads=leads,
            )


def _share(size: int, *, own_leader: bool, leads: bool) -> int:
    if not own_leader:
        return size
    return 1 if leads else derived(lambda known: known - 1, size)


def _group_labels(resource: Resource, template: Node, leads: bool) -> Mapping[str, str]:
    index = {_INDEX_LABEL: "0"} if leads else {}
    return {
        **template.mapping("metadata.labels"),
        _GROUP_LABEL: objects.name(resource),
        **index,
    }


def wanted(resource: Resource) -> int:
    """Copies that the program asks for."""
    return resource.root.integer("spec.replicas", 1)


def replaced_first(resource: Resource) -> bool:
    """Whether all old copies are gone before a new one starts."""
    return resource.root.text("spec.strategy.type") == "Recreate"


def surge(resource: Resource, copies: int) -> int:
    """Copies beyond the wanted ones that a rolling deploy starts."""
    root = resource.root
    if resource.type == types.LEADER_WORKER_SET:
        path, default = "spec.rolloutStrategy.rollingUpdateConfiguration.maxSurge", "0"
    elif resource.type == types.DEPLOYMENT:
        path, default = "spec.strategy.rollingUpdate.maxSurge", _DEFAULT_SURGE
    else:
        return 0
    return derived(
        lambda text: 0 if replaced_first(resource) else _share_of(root.node(path), text, copies),
        root.text(path, default),
    )


def _share_of(node: Node, text: str, copies: int) -> int:
    if text.isdecimal():
        return int(text)
    if text.endswith("%") and text[:-1].isdecimal():
        return ceil(int(text[:-1]) * copies / 100)
    return node.unreadable("", "number of copies or share in percent")  # type: ignore[no-any-return]
