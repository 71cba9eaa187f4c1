"""A cluster as workloads see it, whichever cloud it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from components.args import TierArgs
from components.roles import NodePool, Reference

if TYPE_CHECKING:
    import pulumi

NAMESPACE = "letta"
"""Namespace of the workloads in a cluster that the stack itself makes."""
POOL_LABEL = "letta.cloud/pool"
"""Label of every node, and key of the taint that keeps strangers off its pool."""
BASE_POOL = "api"
"""The pool without that taint: the cluster's own controllers run there too."""
GPU_TAINT = "nvidia.com/gpu"
"""Key of the taint of every node with GPUs, and name of the resource that a pod asks for."""
GPU_TAINT_VALUE = "present"


@dataclass(frozen=True, kw_only=True)
class RemoteKey:
    """Where the External Secrets Operator finds a value."""

    store: str
    """Name of the `SecretStore` in the workloads' namespace."""
    key: pulumi.Output[str]
    """What the store resolves."""
    property: str | None = None
    """Key within a JSON value; the whole value without."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that is ready for workloads."""

    provider: pulumi.ProviderResource
    """The cluster's own provider; nothing of the cluster is made by another."""
    remote_key: Callable[[Reference], RemoteKey] | None
    """How a reference of the site is fetched from the cloud's store. Without a store, references
    name Secrets of the cluster itself, and a key in each."""
    ready: tuple[pulumi.Resource, ...]
    """What a workload waits for, and outlives it on the way down: namespace, nodes, network,
    controllers."""
    callers: tuple[str, ...]
    """Address ranges that the load balancer calls servers from; none where it is pods, which
    network policies of their own let in."""
    stores: tuple[str, ...]
    """Address ranges that database and cache answer in; none where they are pods."""
    private: tuple[str, ...]
    """Address ranges that are not the internet: of nodes and pods, and of the cluster's
    services."""
    namespace: str = NAMESPACE
    """Namespace of the stack's workloads."""


class ManagedCluster(Protocol):
    """A cluster that the stack makes, with machines for whoever asks for them."""

    @property
    def workloads(self) -> Cluster:
        """The cluster as workloads see it."""

    def node_group(
        self, name: str, pool: NodePool, opts: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        """Make machines of a role's own."""


ClusterT = TypeVar("ClusterT")


def required(name: str, cluster: ClusterT | None) -> ClusterT:
    """The cluster of a site. Raises `ValueError` where there is none; the settings refuse that.

    `name`: what needs it."""
    if cluster is None:
        raise ValueError(f"{name}: the site has no cluster; the settings refuse this")
    return cluster


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """A taint that a pod bears."""

    key: str
    value: str
    effect: str = "NoSchedule"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which nodes a pod runs on."""

    node_selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...]


BASE_PLACEMENT = Placement(node_selector={POOL_LABEL: BASE_POOL}, tolerations=())
"""The nodes that are there before any workload."""


def taints(pool: NodePool) -> tuple[Toleration, ...]:
    """The taints of a pool's nodes, and so what its pods bear."""
    own = (Toleration(key=POOL_LABEL, value=pool.role),) if pool.role != BASE_POOL else ()
    gpu = (Toleration(key=GPU_TAINT, value=GPU_TAINT_VALUE),) if pool.gpus else ()
    return (*own, *gpu)


def placement(pool: NodePool) -> Placement:
    """The nodes of a pool."""
    return Placement(node_selector={POOL_LABEL: pool.role}, tolerations=taints(pool))


def tier_pool(role: str, args: TierArgs) -> NodePool:
    """The nodes of a tier of servers."""
    if args.instance_type is None or args.nodes is None:
        raise ValueError("instance_type and nodes are filled in by the settings")
    return NodePool(
        role=role,
        instance_type=args.instance_type,
        initial=args.nodes.initial,
        minimum=args.nodes.minimum,
        maximum=args.nodes.maximum,
        disk_gib=args.root_volume_gib,
        spot=args.spot,
    )


def host(service: str, namespace: str = NAMESPACE) -> str:
    """Name of a service of the stack's, stable and known in advance."""
    return f"{service}.{namespace}.svc.cluster.local"


def address(service: str, port: int, namespace: str = NAMESPACE) -> str:
    """Address of a service of the stack's that speaks HTTP."""
    return f"http://{host(service, namespace)}:{port}"
