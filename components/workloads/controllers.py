"""Controllers: the programs from charts that a cluster runs, whichever cloud it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pulumi

from components.offer import Feature
from components.workloads import charts
from components.workloads.cluster import BASE_POOL, GPU_TAINT, NAMESPACE, POOL_LABEL
from components.workloads.helm import release
from components.workloads.namespaces import Level, namespace

Values = Mapping[str, Any]

SYSTEM = "kube-system"
"""Namespace of what belongs to the cluster itself."""
REPLICAS = 2
"""Copies of a controller: one works, the other takes over when a node goes."""
CRITICAL = "system-cluster-critical"
"""Priority class by which a controller displaces workloads when nodes are full."""
BUDGET: Values = {"maxUnavailable": 1}
"""Copies of a controller that may be away at once."""
ON_BASE_POOL: Values = {POOL_LABEL: BASE_POOL}
"""The nodes that are there before any workload."""

RightsT = TypeVar("RightsT")


@dataclass(frozen=True, kw_only=True)
class Controller(Generic[RightsT]):
    """A chart, how it is set, and what its pods may do in the cloud."""

    chart: charts.Chart
    values: Values
    namespace: str = SYSTEM
    service_account: str = ""
    """Whose rights `rights` are."""
    rights: tuple[RightsT, ...] = ()
    """In the cloud's own words; none: it has no business there."""
    level: Level = "restricted"
    """What the pods of a namespace of the chart's own may do."""


Grant = Callable[[str, Controller[RightsT]], pulumi.Resource]
"""Name, controller -> what gives its service account its rights, and must be there first."""


def install(
    parent: pulumi.Resource,
    name: str,
    wanted: Sequence[Controller[RightsT]],
    grant: Grant[RightsT],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Install controllers. `opts`: the cluster's provider, and what to wait for."""
    return [_install(parent, name, each, grant, opts) for each in wanted]


def _install(
    parent: pulumi.Resource,
    name: str,
    controller: Controller[RightsT],
    grant: Grant[RightsT],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    label = f"{name}-{controller.chart.name}"
    needs: list[pulumi.Resource] = []
    if controller.namespace != SYSTEM:
        needs.append(
            namespace(parent, label, controller.namespace, level=controller.level, opts=opts)
        )
    if controller.rights:
        needs.append(grant(label, controller))
    return release(
        parent,
        label,
        controller.chart,
        controller.values,
        namespace=controller.namespace,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=needs)),
    )


def resources(cpu: str, memory: str) -> Values:
    """Requests, and the same memory as limit; CPU beyond the request is whoever's needs it."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def of_features(features: frozenset[Feature]) -> tuple[Controller[RightsT], ...]:
    """What a cluster needs to scale a server on its own queue, and to run one server across
    several machines."""
    return (
        *((keda(),) if "queue_scaling" in features else ()),
        *((leader_worker_set(),) if "multi_node" in features else ()),
    )


def external_secrets(
    rights: tuple[RightsT, ...],
    *,
    account: str = "external-secrets",
    annotations: Mapping[str, pulumi.Input[str]] | None = None,
) -> Controller[RightsT]:
    """Brings values of the cloud's store into the workloads' namespace, and has no rights in any
    other.

    `account`: name of the operator's service account. `annotations`: by which the cloud knows it.
    """
    pod = {
        "nodeSelector": ON_BASE_POOL,
        "priorityClassName": CRITICAL,
        "replicaCount": REPLICAS,
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
    }
    return Controller(
        chart=charts.EXTERNAL_SECRETS,
        namespace="external-secrets",
        service_account=account,
        rights=rights,
        values={
            **pod,
            "serviceAccount": {
                "name": account,
                **({"annotations": dict(annotations)} if annotations else {}),
            },
            "leaderElect": True,
            "resources": resources("50m", "256Mi"),
            "scopedNamespace": NAMESPACE,
            "scopedRBAC": True,
            "processClusterExternalSecret": False,
            "processClusterGenerator": False,
            "processClusterPushSecret": False,
            "processClusterStore": False,
            "processPushSecret": False,
            "webhook": {**pod, "resources": resources("50m", "128Mi")},
            "certController": {**pod, "resources": resources("50m", "256Mi")},
        },
    )


def device_plugin() -> Controller[RightsT]:
    """Tells Kubernetes of the GPUs of a node. It finds its nodes by a label that their node group
    gives them, so no other program has to discover them first."""
    return Controller(
        chart=charts.NVIDIA_DEVICE_PLUGIN,
        values={
            "tolerations": [
                {"key": "CriticalAddonsOnly", "operator": "Exists"},
                {"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"},
                {"key": POOL_LABEL, "operator": "Exists", "effect": "NoSchedule"},
            ],
            "resources": resources("50m", "128Mi"),
        },
    )


def keda() -> Controller[RightsT]:
    """Scales a workload on a metric of its own, from nothing if need be."""
    return Controller(
        chart=charts.KEDA,
        namespace="keda",
        values={
            "watchNamespace": NAMESPACE,
            "priorityClassName": CRITICAL,
            "nodeSelector": ON_BASE_POOL,
            "operator": {"replicaCount": REPLICAS},
            "metricsServer": {"replicaCount": REPLICAS},
            "webhooks": {"replicaCount": REPLICAS},
            "podDisruptionBudget": dict.fromkeys(("operator", "metricServer", "webhooks"), BUDGET),
            "resources": {
                "operator": resources("100m", "256Mi"),
                "metricServer": resources("100m", "256Mi"),
                "webhooks": resources("50m", "128Mi"),
            },
        },
    )


def leader_worker_set() -> Controller[RightsT]:
    """Runs one server across several machines."""
    return Controller(
        chart=charts.LEADER_WORKER_SET,
        namespace="lws-system",
        values={
            "replicaCount": REPLICAS,
            "priorityClassName": CRITICAL,
            "nodeSelector": ON_BASE_POOL,
            "resources": resources("100m", "512Mi"),
            "podSecurityContext": {
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
    )
