"""Whether pods find a node: taints, labels, and room, on the most nodes that there may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sandbox.kubernetes import workloads
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.managed import Group
from sandbox.kubernetes.nodes import GPU, VARIED, groups, tolerated
from sandbox.kubernetes.reading import get, items, mapping, quantity
from sandbox.kubernetes.workloads import Pods

_MIB: Final = 2**20


def some_group(cloud: KubernetesCloud, tolerations: Sequence[Mapping[str, Any]]) -> str | None:
    """Why pods with these tolerations find no node; None when they do."""
    found = groups(cloud)
    if any(
        group.most > 0 and all(tolerated(taint, tolerations) for taint in group.taints)
        for group in found
    ):
        return None
    return (
        f"0/{sum(group.most for group in found)} nodes are available: its pods tolerate the taints "
        "of no node group. Make a node group without a taint, or set the chart's tolerations"
    )


def refusal(pods: Pods, cloud: KubernetesCloud) -> str | None:
    """Why the pods cannot be placed, as the scheduler says it; None when they can."""
    if pods.count <= 0:
        return None
    wanted = requests(pods.template)
    reasons: dict[str, int] = {}
    fitting: list[Group] = []
    found = groups(cloud)
    for group in found:
        reason = _against(group, pods.template, wanted)
        if reason is None:
            fitting.append(group)
        elif group.most:
            reasons[reason] = reasons.get(reason, 0) + group.most
    total = sum(group.most for group in found)
    if not any(group.most for group in fitting):
        listed = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        return f"0/{total} nodes are available: {listed or 'there is no node group'}. " + _advice(
            reasons, wanted, cloud
        )
    return _room(pods, wanted, fitting, cloud)


def _against(
    group: Group, template: Mapping[str, Any], wanted: Mapping[str, Decimal]
) -> str | None:
    spec = mapping(template, "spec")
    tolerations = items(spec, "tolerations")
    for taint in group.taints:
        if not tolerated(taint, tolerations):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint['value']}}}"
    if not _labels_fit(group, spec):
        return "node(s) didn't match Pod's node affinity/selector"
    short = [name for name, amount in wanted.items() if amount > _offered(group, name)]
    return f"Insufficient {', '.join(short)}" if short else None


def _offered(group: Group, name: str) -> Decimal:
    return group.allocatable.get(name, Decimal(0))


def _labels_fit(group: Group, spec: Mapping[str, Any]) -> bool:
    for key, value in mapping(spec, "nodeSelector").items():
        if key not in VARIED and group.labels.get(key) != value:
            return False
    required = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    terms = items(spec, f"{required}.nodeSelectorTerms")
    return not terms or any(
        all(_expression_fits(group, one) for one in items(term, "matchExpressions"))
        for term in terms
    )


def _expression_fits(group: Group, expression: Mapping[str, Any]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if key in VARIED:
        return True
    value, values = group.labels.get(key), expression.get("values") or []
    return {
        "Exists": value is not None,
        "DoesNotExist": value is None,
        "In": value in values,
        "NotIn": value not in values,
        "Gt": value is not None and value.isdigit() and int(value) > int((values or [0])[0]),
        "Lt": value is not None and value.isdigit() and int(value) < int((values or [0])[0]),
    }[operator]


def requests(template: Mapping[str, Any]) -> dict[str, Decimal]:
    """What the scheduler reserves for one pod: its containers together, or its greatest initial
    container where that is more."""
    spec = mapping(template, "spec")
    together: dict[str, Decimal] = {"pods": Decimal(1)}
    for container in items(spec, "containers"):
        for name, amount in _of_container(container).items():
            together[name] = together.get(name, Decimal(0)) + amount
    sidecars: dict[str, Decimal] = {}
    greatest: dict[str, Decimal] = {}
    for container in items(spec, "initContainers"):
        stays = get(container, "restartPolicy") == "Always"
        for name, amount in _of_container(container).items():
            if stays:
                sidecars[name] = sidecars.get(name, Decimal(0)) + amount
            else:
                greatest[name] = max(greatest.get(name, Decimal(0)), amount)
    return {
        name: max(
            together.get(name, Decimal(0)) + sidecars.get(name, Decimal(0)),
            greatest.get(name, Decimal(0)),
        )
        for name in together.keys() | sidecars.keys() | greatest.keys()
        if not name.startswith(("ephemeral-storage", "hugepages-"))
    }


def _of_container(container: Mapping[str, Any]) -> dict[str, Decimal]:
    wanted = {**mapping(container, "resources.limits"), **mapping(container, "resources.requests")}
    return {name: quantity(amount) for name, amount in wanted.items()}


def _room(
    pods: Pods, wanted: Mapping[str, Decimal], fitting: Sequence[Group], cloud: KubernetesCloud
) -> str | None:
    """Why the nodes cannot hold all the pods: each node some whole pods, and all nodes together
    everything that can run on no other."""
    alone = _keeps_apart(pods.template)
    room = sum(group.most * (1 if alone else _per_node(group, wanted)) for group in fitting)
    nodes = sum(group.most for group in fitting)
    names = ", ".join(group.name for group in fitting)
    if pods.count > room:
        return (
            f"{room}/{pods.count} pods fit: {nodes} nodes of {names} are the most, and each holds "
            f"{'one' if alone else room // nodes}. {_larger(cloud)}"
        )
    total = dict.fromkeys(wanted, Decimal(0))
    for other in _confined(fitting, cloud):
        for name, amount in requests(other.template).items():
            total[name] = total.get(name, Decimal(0)) + amount * other.count
    for name, amount in total.items():
        capacity = sum((group.most * _offered(group, name) for group in fitting), Decimal(0))
        if amount > capacity:
            return (
                f"Insufficient {name}: all pods that run on {names} ask for "
                f"{_shown(name, amount)}, its {nodes} nodes hold {_shown(name, capacity)} "
                f"at most. {_larger(cloud)}"
            )
    return None


def _per_node(group: Group, wanted: Mapping[str, Decimal]) -> int:
    return int(
        min(_offered(group, name) // amount for name, amount in wanted.items() if amount > 0)
    )


def _confined(fitting: Sequence[Group], cloud: KubernetesCloud) -> Iterator[Pods]:
    """The pods of all workloads that can run on these groups alone."""
    names = {group.name for group in fitting}
    everywhere = groups(cloud)
    for pods in workloads.running(cloud):
        wanted = requests(pods.template)
        homes = {
            group.name for group in everywhere if _against(group, pods.template, wanted) is None
        }
        if homes and homes <= names:
            yield pods


def _keeps_apart(template: Mapping[str, Any]) -> bool:
    """Whether no two of the pods may be on one node."""
    path = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    labels = mapping(template, "metadata.labels")
    return any(
        get(term, "topologyKey") == "kubernetes.io/hostname"
        and mapping(term, "labelSelector.matchLabels").items() <= labels.items()
        for term in items(template, path)
    )


def _shown(name: str, amount: Decimal) -> str:
    return f"{amount / _MIB:.0f}Mi" if name == "memory" else f"{amount.normalize():f}"


def _larger(cloud: KubernetesCloud) -> str:
    more = cloud.managed.larger if cloud.managed else "Add nodes to the cluster"
    return f"{more}, take a larger instance type, or ask for less"


def _advice(
    reasons: Mapping[str, int], wanted: Mapping[str, Decimal], cloud: KubernetesCloud
) -> str:
    if any(GPU in reason for reason in reasons):
        return cloud.managed.gpus if cloud.managed else "The cluster's owner adds nodes with GPUs"
    if any("taint" in reason for reason in reasons):
        return "Add a toleration, or a node group whose taints the pod tolerates"
    asked = ", ".join(f"{name} {_shown(name, amount)}" for name, amount in sorted(wanted.items()))
    return f"The pod asks for {asked}: change its nodeSelector or requests, or add a node group"
