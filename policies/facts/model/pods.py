"""What runs on a Kubernetes cluster, and the cluster itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from policies.facts.model.containers import Container, Task
from policies.facts.model.fact import Fact
from policies.facts.model.machines import Machines, Taint


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """Taints that a pod bears."""

    key: str
    """Empty: any."""
    value: str
    """Empty: any."""
    effect: str
    """Empty: any."""

    def bears(self, taint: Taint) -> bool:
        """Whether it is enough for a taint."""
        return all(
            not mine or mine == theirs
            for mine, theirs in (
                (self.key, taint.key),
                (self.value, taint.value),
                (self.effect, taint.effect),
            )
        )


def unborne(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> list[Taint]:
    """The taints that keep a pod with these tolerations off."""
    return [
        taint
        for taint in taints
        if taint.effect != "PreferNoSchedule"
        and not any(toleration.bears(taint) for toleration in tolerations)
    ]


@dataclass(frozen=True, kw_only=True)
class PodContainer(Fact):
    """A container of a pod, with what the cluster gives it and what it may do."""

    container: Container
    first: bool
    """Whether it starts before the others."""
    stays: bool
    """Whether it runs beside them, and does not end before."""
    request_vcpus: float
    """CPU set aside, vCPU; 0: none is stated."""
    request_mib: float
    """Memory set aside, MiB; 0: none is stated."""
    limit_vcpus: float
    """Most CPU, vCPU; 0: any."""
    limit_mib: float
    """Most memory, MiB; 0: any."""
    gpus: int
    liberties: tuple[str, ...]
    """What it may do beyond the "restricted" Pod Security Standard of Kubernetes with a root
    file system that cannot be written, in words."""


@dataclass(frozen=True, kw_only=True)
class NetworkPolicy(Fact):
    """Who may talk with some pods."""

    inbound: bool
    """Whether it says who may call them."""
    outbound: bool
    """Whether it says whom they may call."""
    from_anywhere: bool
    """Whether it lets anybody call them, on some port."""
    beyond: tuple[str, ...]
    """Address ranges that it should not let them call: link-local ones, where clouds hand out
    rights, and parts of the stack's own network that a range of the internet takes in."""


@dataclass(frozen=True, kw_only=True)
class DisruptionBudget(Fact):
    """How many copies may be away at once when machines are emptied."""

    min_available: str
    """Copies, or a share of them in percent, that stay; empty: not stated."""
    max_unavailable: str
    """Copies, or a share of them in percent, that may go; empty: not stated."""


@dataclass(frozen=True, kw_only=True)
class Pod(Fact):
    """What the pods of a workload are; named and pointed at as the workload is."""

    task: Task
    containers: tuple[PodContainer, ...]
    copies_at_least: int
    """Fewest pods of the workload, while nothing is wrong."""
    copies_at_most: int
    """Most of them at once: those of a rolling deploy at the autoscaler's ceiling."""
    runs_once: bool
    """Whether it ends by itself."""
    keeps_data: bool
    """Whether it has a volume that outlives it."""
    liberties: tuple[str, ...]
    """What the pod may do beyond the "restricted" Pod Security Standard, in words."""
    service_links: bool
    """Whether addresses of all services are put into its variables."""
    token: bool
    """Whether it gets a token of the cluster."""
    spread: tuple[str, ...]
    """Keys of the domains that copies are spread over."""
    machines: tuple[Machines, ...]
    """Pools that it chooses from."""
    tolerations: tuple[Toleration, ...]
    policies: tuple[NetworkPolicy, ...]
    """Network policies that hold for it."""
    budgets: tuple[DisruptionBudget, ...]
    store_less: tuple[str, ...]
    """Variables taken from a secret that no entry of the cloud's store stands behind."""


@dataclass(frozen=True, kw_only=True)
class ClusterService(Fact):
    """A stable address inside the cluster."""

    host: str
    """Host name."""
    ports: tuple[int, ...]
    pods: tuple[str, ...]
    """Names of the workloads behind it."""
    type: str
    """How it is reached, in the API's word."""
    behind_balancer: bool
    """Whether the stack's own load balancer calls its port of the machines, or its address in the
    network, and knows which pods behind it are well."""
    outside: tuple[str, ...]
    """Addresses outside the cluster that it answers on or stands for."""


@dataclass(frozen=True, kw_only=True)
class DevicePlugin(Fact):
    """What makes a machine's GPUs known to the cluster."""

    tolerations: tuple[Toleration, ...]


@dataclass(frozen=True, kw_only=True)
class NodeAutoscaler(Fact):
    """What adds machines for pods that find no room."""


@dataclass(frozen=True, kw_only=True)
class ClusterObject(Fact):
    """An object of a cluster, but for charts' releases."""

    kind: str
    """Its kind, after its API group and version."""
    known: bool
    """Whether rules know its kind, and it is what it says."""
    problems: tuple[str, ...]
    """Where it does not fit the schema of the cluster's version; none of a kind that Kubernetes
    itself does not bring."""


@dataclass(frozen=True, kw_only=True)
class PlainSecret(Fact):
    """A secret of the cluster that the program itself fills."""


@dataclass(frozen=True, kw_only=True)
class ControlPlane(Fact):
    """What steers a cluster."""

    networks: tuple[IPv4Network | IPv6Network, ...]
    """Address ranges outside the stack's network that reach it, adjacent ones joined."""
    secrets_encrypted: bool
    """Whether secrets are encrypted with a key of the stack."""
    version: str
    """Version of Kubernetes."""
    audited: bool
    """Whether it writes down who asked for what."""
    deletion_protection: bool
