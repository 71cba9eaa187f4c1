"""What a deployment consists of, as far as anybody bills it, in neutral words.

Both the stack file alone (`pricing/plans`) and the engine's resources (`policies/facts`) come to
an inventory; from there on there is one way to a bill. What a thing costs on which cloud is said
in `pricing/tariffs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pricing.span import Span

Component = Literal[
    "api",
    "worker",
    "bootstrap",
    "database",
    "cache",
    "vectors",
    "storage",
    "queue",
    "ingress",
    "network",
    "secrets",
    "monitoring",
    "cluster",
    "embedding",
    "llm",
    "rounding",
]
"""Part of the deployment that a line of the bill is listed under; `rounding` is no part of it, but
what the bills of the requirements document add to whole dollars."""


POOLS: Mapping[str, Component] = {
    "api": "api",
    "worker": "worker",
    "embedding": "embedding",
    "llm": "llm",
}
"""Role of a pool of a cluster's machines -> where they are listed."""

Holds = Literal["servers", "bootstrap", "flows", "control_plane", "firewall", "requests", "other"]
"""What is written to a log group; `servers` takes the lines of the application."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that is billed. Two are equal when they cost the same."""

    component: Component
    name: str = field(default="", compare=False)
    """Logical name of the resource, for messages; empty where only the stack file is known."""
    urn: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class Machines(Thing):
    """Machines of one type that are billed by the hour, each with its disk."""

    type: str
    """The cloud's name of the machine."""
    count: Span
    spot: bool = False
    """Whether they are spare capacity that the cloud may take back."""
    disk_gib: int = 0
    """Disk of each, GiB."""
    disk_type: str = ""
    """The cloud's name of the kind of disk; empty without one."""
    public_addresses: int = 0
    """Public IPv4 addresses of each, besides fixed ones of the stack's own."""


@dataclass(frozen=True, kw_only=True)
class ServerlessCopies(Thing):
    """Containers without machines, billed by the size of each."""

    vcpus: float
    memory_gib: float
    count: Span
    spot: bool = False
    arm: bool = False
    public_addresses: int = 0
    """Public IPv4 addresses of each."""


@dataclass(frozen=True, kw_only=True)
class DatabaseServer(Thing):
    """A managed PostgreSQL server; a read replica is one of its own."""

    type: str
    """The cloud's name of the class."""
    high_availability: bool
    """Whether a standby is billed with it."""
    storage_gib: Span
    """From what is set aside to the ceiling of storage autoscaling."""
    storage_type: str
    backup_retention_days: int
    """0: no backups, as on a replica."""
    insights_months: int = 0
    """Months of performance data kept beyond what is free."""
    version: str = ""
    """Major version, for surcharges on old ones."""


@dataclass(frozen=True, kw_only=True)
class CacheNodes(Thing):
    """Nodes of a managed Redis."""

    type: str
    count: Span
    engine: Literal["redis", "valkey"] = "redis"
    snapshot_retention_days: int = 0


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Thing):
    """The cloud's way in."""

    zones: int
    """Zones in which it has a public address."""


@dataclass(frozen=True, kw_only=True)
class InnerBalancers(Thing):
    """Load balancers that the cloud makes for what runs containers, beside the stack's own."""

    count: int


@dataclass(frozen=True, kw_only=True)
class PublicAddresses(Thing):
    """Fixed public IPv4 addresses."""

    count: int


@dataclass(frozen=True, kw_only=True)
class DnsZones(Thing):
    """Zones of domain names."""

    count: int


@dataclass(frozen=True, kw_only=True)
class NatGateways(Thing):
    """Ways out of private subnets."""

    count: int


@dataclass(frozen=True, kw_only=True)
class PrivateEndpoints(Thing):
    """Ways to the cloud's own services that bypass NAT and are billed by the hour."""

    count: int
    """Endpoints times the zones that each stands in."""
    carries_logs: bool = False
    """Whether log lines go this way."""


@dataclass(frozen=True, kw_only=True)
class ControlPlane(Thing):
    """What steers a Kubernetes cluster."""

    version: str


@dataclass(frozen=True, kw_only=True)
class Firewall(Thing):
    """A web application firewall."""

    rules: int
    """Rules of all kinds, those that apply a managed group too."""
    managed_groups: int
    """Groups of rules that the cloud keeps and bills for; 0 where they are free."""


@dataclass(frozen=True, kw_only=True)
class Bucket(Thing):
    """Object storage."""

    holds: Literal["data", "logs"]
    """The application's files, or access logs of load balancer and bucket."""
    infrequent_access_days: int = 0
    """Age at which objects move to the class for infrequent access, days; 0: never."""
    archive_days: int = 0
    """Age at which they move to the archive, days; 0: never."""
    expiration_days: int = 0
    """Age at which they are deleted, days; 0: never."""
    redundancy: str = ""
    """How the cloud keeps copies, in its own word; empty where that has no price of its own."""


@dataclass(frozen=True, kw_only=True)
class Dumps(Thing):
    """Dumps of the database that are kept in a bucket."""

    times_a_day: int
    billed_days: int
    """Days from its upload until the last version of one is gone; 0: never."""
    infrequent_access_days: int = 0
    """Age at which one moves to the class for infrequent access, days; 0: never."""
    archive_days: int = 0
    """Age at which one moves to the archive, days; 0: never."""
    redundancy: str = ""
    """How the cloud keeps copies, in its own word; empty where that has no price of its own."""


@dataclass(frozen=True, kw_only=True)
class DumpRuns(Thing):
    """Runs that make them, on containers without machines."""

    times_a_day: int
    vcpus: float
    memory_gib: float
    storage_gib: int = 0
    """Storage of each beyond what is free, GiB."""
    public_addresses: int = 0
    """Public IPv4 addresses of each."""


@dataclass(frozen=True, kw_only=True)
class Volumes(Thing):
    """Disks that outlive the pods that use them."""

    type: str
    """The cloud's name of the kind of disk."""
    gib: Span
    """Of all of them."""


@dataclass(frozen=True, kw_only=True)
class LogGroups(Thing):
    """Where logs are kept."""

    holds: Holds
    count: int
    retention_days: int
    """0: for ever."""


@dataclass(frozen=True, kw_only=True)
class Secrets(Thing):
    """Entries of the cloud's secret store."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Keys(Thing):
    """Encryption keys of one's own."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Alarms(Thing):
    """Conditions that are watched."""

    count: int
    high_resolution: bool = False
    """Whether they are looked at more often than once a minute."""
    on_logs: bool = False
    """Whether they ask for lines of the log, where a cloud bills that by itself."""


@dataclass(frozen=True, kw_only=True)
class CustomMetrics(Thing):
    """Measures that are not the cloud's own."""

    count: int


@dataclass(frozen=True, kw_only=True)
class ContainerMetrics(Thing):
    """Measures of containers that the cloud takes when asked to, for one cluster."""

    services: int
    """Services that are measured; 0 on Kubernetes."""
    detailed: bool
    """Whether every machine, pod and container is measured, and billed by the measurement."""


@dataclass(frozen=True, kw_only=True)
class Dashboards(Thing):
    """Pages of measures."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Queue(Thing):
    """A queue for the user's own workers."""

    fifo: bool


@dataclass(frozen=True, kw_only=True)
class Functions(Thing):
    """Code that the cloud runs when it is called: here once a deployment."""

    memory_mib: int
    count: int


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Thing):
    """Tokens of an external provider's language model."""

    handle: str
    """`provider/model`."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingModel(Thing):
    """Tokens of an external provider's embedding model."""

    handle: str
    """`provider/model`."""


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All that is billed of a stack."""

    cloud: str
    region: str
    things: tuple[Thing, ...]
