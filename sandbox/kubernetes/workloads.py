"""The pods that objects make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.kubernetes import kinds
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items, mapping

_GROUPS: Final = "leader_worker_groups"
_LEADER_WORKER: Final = "leaderworkerset.sh"
_NO_COUNT: Final = frozenset({"DaemonSet"})


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of one template: how many, where it stands in the object, and what it says."""

    owner: str
    namespace: str
    place: str
    template: Mapping[str, Any]
    count: int
    run_once: bool
    claims: Sequence[str]
    """Volumes that each pod gets by a claim of its own."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the pods."""
        return mapping(self.template, "metadata.labels")


def of_object(object_: Mapping[str, Any]) -> list[Pods]:
    """The pods of an object; none for most kinds. Raises UnknownValueError."""
    kind = kinds.of_object(object_["apiVersion"], object_["kind"])
    table = kinds.specific(kind)
    if table.pods == _GROUPS:
        return _of_groups(object_)
    found = []
    for place, replicas in dict(table.pods).items() if isinstance(table.pods, Mapping) else ():
        template = get(object_, place)
        if isinstance(template, dict):
            given = get(object_, replicas) if replicas else None
            found.append(
                _pods(object_, place, template, 1 if given is None else given, table.pods_run_once)
            )
    return found


def _pods(
    object_: Mapping[str, Any],
    place: str,
    template: Mapping[str, Any],
    count: int,
    run_once: bool = False,
) -> Pods:
    return Pods(
        owner=f"{object_['kind']} {get(object_, 'metadata.name')}",
        namespace=str(get(object_, "metadata.namespace")),
        place=place,
        template=template,
        count=count,
        run_once=run_once,
        claims=[get(claim, "metadata.name") for claim in claim_templates(object_)],
    )


def claim_templates(object_: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The claims that an object makes for each of its pods. Raises UnknownValueError."""
    holder = kinds.specific(kinds.of_object(object_["apiVersion"], object_["kind"])).claims
    return items(object_, f"{holder}.volumeClaimTemplates") if holder else []


def _of_groups(object_: Mapping[str, Any]) -> list[Pods]:
    """A leader and its workers, several times."""
    base = "spec.leaderWorkerTemplate"
    worker = get(object_, f"{base}.workerTemplate") or {}
    leader = get(object_, f"{base}.leaderTemplate")
    replicas = get(object_, "spec.replicas")
    groups = 1 if replicas is None else replicas
    size = get(object_, f"{base}.size") or 1
    name = get(object_, "metadata.name")
    own = {f"{_LEADER_WORKER}/name": name}
    at = f"{base}.leaderTemplate" if leader else f"{base}.workerTemplate"
    first = _labelled(leader or worker, {**own, f"{_LEADER_WORKER}/worker-index": "0"})
    found = [_pods(object_, at, first, groups)]
    if size > 1:
        others = _labelled(worker, own)
        found.append(_pods(object_, f"{base}.workerTemplate", others, groups * (size - 1)))
    return found


def _labelled(template: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    given = mapping(template, "metadata")
    return {**template, "metadata": {**given, "labels": {**labels, **(given.get("labels") or {})}}}


def running(cloud: KubernetesCloud) -> Iterator[Pods]:
    """The pods of every object of the cluster that stay: not those of jobs, which end."""
    for key, table in kinds.tables().kinds.items():
        if not table.pods or table.pods_run_once:
            continue
        for item in cloud.all(f"{kinds.PREFIX}{key}"):
            if item.get("kind") not in _NO_COUNT:
                yield from of_object(item.outputs)


def templates_in(cloud: KubernetesCloud, namespace: str) -> Iterator[Pods]:
    """The pods of every object of a namespace."""
    for key, table in kinds.tables().kinds.items():
        if table.pods:
            for item in cloud.inside(key, namespace):
                yield from of_object(item.outputs)
