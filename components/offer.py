"""What a cloud offers to a stack file: the neutral half, which needs no SDK and no engine.

A cloud fills it in `components/<cloud>/offer.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from components.args.base import Architecture, Args
from components.models.memory import GpuMachine

Feature = Literal["gpu", "queue_scaling", "multi_node"]
"""What a cluster must be able to do beyond running servers: give GPUs to pods, scale on a
server's own queue, run one server across several machines."""


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """How a cloud names a kind of thing that a stack file refers to."""

    pattern: str
    """Regular expression that a whole name matches."""
    example: str


Compute = Literal["instances", "serverless", "kubernetes"]
"""What copies of the server run on."""
Kind = Literal["certificate", "secret", "principal"]
"""What a stack file refers to by the cloud's own name: a TLS certificate, a secret, whoever may
administer a cluster."""

Differences = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Tier -> role, or `limits` -> field -> value."""


@dataclass(frozen=True, kw_only=True)
class NodeMachine:
    """A machine type as a node of a cluster."""

    name: str
    cores: int
    """Its vCPUs, all of them."""
    vcpus: float
    """What the node leaves of them to pods."""
    memory_mib: float
    """Memory that the node leaves to pods, MiB: a cautious estimate."""
    gpus: int
    gpu: str
    """Model of the GPU, as `components.models.gpus` names it; empty without."""


def _nothing(_options: Args | None, _roles: Mapping[str, Any]) -> Iterable[str]:
    return ()


def _no_nodes(name: str) -> NodeMachine:
    raise ValueError(f"{name}: no machines are chosen on this cloud")


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """What a cloud offers, read offline while settings load."""

    regions: Callable[[], tuple[str, ...]]
    """Regions of the cloud; none where a stack file may give any name."""
    zones: Callable[[str], tuple[str, ...]]
    """Region -> its availability zones; none where they cannot be told offline."""
    machine: Callable[[int, float, Architecture], str]
    """vCPUs, GiB, architecture -> machine type. Raises `ValueError` with the sizes that exist."""
    database: Callable[[int, float, Architecture], str]
    """vCPUs, GiB, architecture -> database class. Raises `ValueError` with the sizes that exist."""
    cache: Callable[[float], str]
    """GiB -> cache node type. Raises `ValueError` with the sizes that exist."""
    machine_size: Callable[[str], tuple[int, float]]
    """Machine type -> vCPUs, GiB. Raises `ValueError` with near names."""
    machine_architecture: Callable[[str], Architecture]
    """Machine type -> its instruction set. Raises `ValueError` with near names."""
    database_size: Callable[[str], tuple[int, float]]
    """Database class -> vCPUs, GiB. Raises `ValueError` with near names."""
    database_architecture: Callable[[str], Architecture]
    """Database class -> its instruction set. Raises `ValueError` with near names."""
    cache_size: Callable[[str], float]
    """Cache node type -> GiB. Raises `ValueError` with near names."""
    offered: Callable[[str, str, str], bool]
    """Kind (`machine`, `database`, `cache`), name, region -> whether it can be had there."""
    gpu_machines: Callable[[str], tuple[GpuMachine, ...]]
    """Region -> GPU machines offered there, in the order in which they are to be considered."""
    gpu_machine: Callable[[str], GpuMachine]
    """Machine type -> its GPUs. Raises `ValueError` where it has none, or with near names."""
    embedding_machine: Callable[[Literal["cpu", "gpu"]], str]
    """Hosting of embeddings -> machine type (requirement C5)."""
    ollama_machine: str
    """Machine type that a small language model runs on (requirement L4)."""
    nodes_per_zone: Callable[[str], int]
    """Address range of the network -> machines of a cluster that one zone has addresses for."""
    serverless_size_valid: Callable[[float, int], bool]
    """vCPUs, MiB -> whether a task of that size exists without machines."""
    computes: Mapping[str, Compute]
    """The cloud's own word, as it stands in a stack file -> what it is."""
    identifiers: Mapping[Kind, Identifier]
    """How the cloud names what a stack file refers to; only kinds that it has. TLS of a load
    balancer needs a zone or a certificate where certificates are among them."""
    proxy_needs_machine: bool = True
    """Whether `ingress.kind: proxy` is a program on the one machine, or the container service's own
    way in."""
    container_cache_shared: bool = False
    """Whether `cache.kind: container` is one pod that all copies share, or stands beside each."""
    tiers: Differences = field(default_factory=dict)
    """Where the cloud's tiers differ from the table of sizes (requirements D2-D4): classes that it
    does not have, and what stands in their place."""
    options: type[Args] | None = None
    """What stands in the stack file under the cloud's own name; nothing where there is no model."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """`role.field` -> why the cloud has no use for it, and what to do instead. A stack file that
    gives it is refused."""
    absent_on: Mapping[Compute, Mapping[str, str]] = field(default_factory=dict)
    """What copies run on -> the same, where that alone has no use for it."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Role -> what is otherwise on this cloud, where neither sizes nor refusals say it: a sentence
    for `docs/clouds.md`."""
    refused: Callable[[Args | None, Mapping[str, Any]], Iterable[str]] = _nothing
    """Options, role -> its arguments -> pairs that do not exist on the cloud, as lines for the
    report: `letta:<role>.<field>: ` with the reason and the alternative."""
    node: Callable[[str], NodeMachine] = _no_nodes
    """Machine type -> what it is as a node of the cloud's own cluster. Raises `ValueError` with
    near names."""
    machines: bool = True
    """Whether the stack chooses machines. If not, pods go where the cluster has room."""
    clusters: bool = True
    """Whether the stack makes the Kubernetes cluster that it runs on. If not, there is one, and
    nobody is asked who may steer it."""
