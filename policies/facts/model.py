"""A deployment in neutral words: what rules read.

Any field may hold an `Unknown` in place of its value. Where only the presence of something
matters, a flag says so, for a thing that has no name yet is there all the same. Nothing is
`None`: what the program left out stands with the value that the cloud gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from infra.tiers import TIERS, Tier, Workload


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something in the stack that a rule can point at."""

    name: str
    """Logical name of the resource."""
    urn: str


@dataclass(frozen=True, kw_only=True)
class Container(Fact):
    """A container of a task; named and pointed at as its task is."""

    container: str
    """Its name within the task."""
    image: str
    arguments: tuple[str, ...]
    """Entry point and command, as far as they replace the image's."""
    environment: Mapping[str, str]
    """Plain variables."""
    references: tuple[str, ...]
    """Variables that are fetched from the cloud's store when the container starts."""
    stop_timeout_seconds: int
    host_ports: tuple[int, ...]
    """Ports of the machine that it answers on; empty where the task has an address of its own."""
    health_command: tuple[str, ...]
    """What the runtime runs inside to see whether it is well; empty: nothing."""


@dataclass(frozen=True, kw_only=True)
class Server(Container):
    """A container that runs Letta, with what its variables mean to it."""

    processes: int
    """Server processes in the container."""
    pooling: bool
    """Whether a process keeps its database connections."""
    pool_size: int
    """Connections that a process keeps."""
    max_overflow: int
    """Connections that it may open beyond those."""
    secure: bool
    """Whether it asks for a password."""
    keepalive_seconds: int
    """How long it keeps an idle client connection."""
    debug: bool
    """Whether it logs at the level DEBUG."""
    model: str
    """Handle `provider/model` used where an agent names none; empty: none."""
    embedding: str
    """The same for embeddings."""


@dataclass(frozen=True, kw_only=True)
class Task(Fact):
    """What one copy consists of."""

    vcpus: float
    """CPU set aside for one copy, vCPU."""
    memory_mib: int
    """Memory set aside for one copy, MiB."""
    own_address: bool
    """Whether each copy has a network interface of its own."""
    containers: tuple[Container, ...]
    """All containers, the servers too."""
    servers: tuple[Server, ...]
    """The containers that run Letta."""


@dataclass(frozen=True, kw_only=True)
class Target(Fact):
    """A measure that the autoscaler holds."""

    metric: Literal["cpu", "memory", "other"]
    percent: float
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int


@dataclass(frozen=True, kw_only=True)
class Scaling(Fact):
    """An autoscaler of copies."""

    min_copies: int
    max_copies: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True)
class Machines(Fact):
    """A group of machines that copies run on."""

    type: str
    vcpus: int
    memory_gib: float
    addresses: int
    """Network interfaces that one machine can give to copies of their own address."""
    max_machines: int
    metadata_needs_token: bool
    """Whether the metadata service answers only requests that bear a session token."""
    metadata_hops: int
    """Network hops that its answer survives; one keeps containers on a bridge out."""
    zones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HealthCheck(Fact):
    """How the load balancer sees whether a copy is well, and how it lets go of one."""

    path: str
    drain_seconds: int


@dataclass(frozen=True, kw_only=True)
class Service(Fact):
    """A tier of copies."""

    role: Literal["api", "worker"]
    copies: int
    """Copies that the program asks for, or, once it is `settled`, that the autoscaler wants."""
    settled: bool
    """Whether it exists already and an autoscaler moves its copies."""
    maximum_percent: int
    """Most copies during a rolling deploy, percent of the copies wanted."""
    task: Task
    serverless: bool
    machines: tuple[Machines, ...]
    """Where its copies run; empty when serverless."""
    scaling: tuple[Scaling, ...]
    health_checks: tuple[HealthCheck, ...]
    zones: tuple[str, ...]
    """Zones of the subnets that its copies, or their machines, are placed in."""
    waits_for: tuple[str, ...]
    """Names of the bootstraps that end before it starts."""

    @property
    def max_copies(self) -> int:
        """Most copies, without those of a rolling deploy."""
        return max((scaling.max_copies for scaling in self.scaling), default=self.copies)

    @property
    def min_copies(self) -> int:
        """Fewest copies."""
        return min((scaling.min_copies for scaling in self.scaling), default=self.copies)


@dataclass(frozen=True, kw_only=True)
class Bootstrap(Fact):
    """A run that prepares the database, and that the deployment waits for."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class Database(Fact):
    """A database server, or a read replica of one."""

    type: str
    memory_gib: float
    max_connections: int
    """Connections it accepts: as set, or by its size."""
    public: bool


@dataclass(frozen=True, kw_only=True)
class Primary(Database):
    """The database server that is written to."""

    storage_type: str
    storage_gib: int
    max_storage_gib: int
    """Ceiling of storage autoscaling; 0: off."""
    high_availability: bool
    backup_retention_days: int
    deletion_protection: bool
    final_snapshot: bool
    """Whether a snapshot is taken before it is deleted, under a name that is given."""
    encrypted: bool
    parameters: Mapping[str, str]
    expected_parameters: Mapping[str, str]
    """What the formulas of requirement V1 give for its memory."""
    replicas: tuple[Database, ...]
    sources: tuple[InboundRule, ...]
    """Who may connect."""


@dataclass(frozen=True, kw_only=True)
class Cache(Fact):
    """A Redis."""

    memory_gib: float
    eviction_policy: str
    persistent: bool
    """Whether anything of it is written to disk or to snapshots."""
    tls: bool
    password: bool
    sharded: bool
    """Whether clients must follow redirects between shards."""
    sources: tuple[InboundRule, ...]
    """Who may connect."""


@dataclass(frozen=True, kw_only=True)
class Listener(Fact):
    """A port that the load balancer answers on."""

    port: int
    tls: bool
    tls_policy: str
    """The cloud's name of the protocols and ciphers; empty without TLS."""
    modern_tls: bool
    """Whether it offers TLS 1.3 and nothing below 1.2."""
    redirects_to_tls: bool


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Fact):
    """The cloud's way in."""

    idle_timeout_seconds: int
    deletion_protection: bool
    listeners: tuple[Listener, ...]


@dataclass(frozen=True, kw_only=True)
class InboundRule(Fact):
    """Who may open connections to the members of a security group."""

    group: str
    """Name of the security group."""
    network: str
    """Address range; empty where the source is another security group."""
    protocol: str
    """`tcp`, `udp`, `icmp`… or `any`."""
    ports: tuple[int, int]
    """First and last port."""
    way_in: bool
    """Whether the group is that of the load balancer or the reverse proxy."""

    @property
    def from_anywhere(self) -> bool:
        """Whether the source is the whole internet."""
        return self.network in ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, kw_only=True)
class Lifecycle(Fact):
    """How a bucket's objects age. 0 days: never."""

    infrequent_access_days: int
    archive_days: int
    noncurrent_expiration_days: int
    abort_upload_days: int


@dataclass(frozen=True, kw_only=True)
class Bucket(Fact):
    """Object storage."""

    versioned: bool
    encrypted: bool
    public_access_blocked: bool
    lifecycle: tuple[Lifecycle, ...]


@dataclass(frozen=True, kw_only=True)
class LogGroup(Fact):
    """Where logs are kept."""

    retention_days: int
    """0: for ever."""
    own_key: bool
    """Whether they are encrypted with a key of the stack."""


@dataclass(frozen=True, kw_only=True)
class StoredSecret(Fact):
    """An entry of the cloud's secret store."""

    own_key: bool
    """Whether it is encrypted with a key of the stack."""


@dataclass(frozen=True, kw_only=True)
class Grant(Fact):
    """What a policy document allows."""

    actions: tuple[str, ...]
    everything_but: bool
    """Whether it allows all but what it lists."""
    resources: tuple[str, ...]
    """Empty where the document is part of the resource that it is about."""
    unscopable: tuple[str, ...]
    """Those of the actions that the cloud lets nobody confine to a resource."""
    anyone: bool
    """Whether it admits any principal, under no condition."""
    foreign: str
    """Name of a policy that somebody else wrote and may change; empty: the stack's own."""


@dataclass(frozen=True, kw_only=True)
class Text(Fact):
    """A string that somebody besides its owner can read."""

    place: str
    """Property or variable."""
    variable: str
    """Name of the environment variable that it is the value of; empty for other strings."""
    value: str


@dataclass(frozen=True, kw_only=True)
class Deployment(Fact):
    """A stack, as far as rules look at it."""

    tier: str
    workload: Workload
    services: tuple[Service, ...]
    tasks: tuple[Task, ...]
    """All tasks: those of the services and those that run once."""
    machines: tuple[Machines, ...]
    bootstraps: tuple[Bootstrap, ...]
    databases: tuple[Primary, ...]
    caches: tuple[Cache, ...]
    load_balancers: tuple[LoadBalancer, ...]
    proxies: tuple[Container, ...]
    """Containers that answer HTTPS on their machine's own address."""
    inbound: tuple[InboundRule, ...]
    buckets: tuple[Bucket, ...]
    log_groups: tuple[LogGroup, ...]
    secrets: tuple[StoredSecret, ...]
    grants: tuple[Grant, ...]
    texts: tuple[Text, ...]
    confidential: tuple[str, ...]
    """Values that must be seen nowhere: what the engine keeps encrypted."""

    @property
    def sizes(self) -> Tier:
        """The tier's row of the sizing table, with its limits."""
        return TIERS[self.tier]

    def of_role(self, role: Literal["api", "worker"]) -> tuple[Service, ...]:
        """The services of a role."""
        return tuple(service for service in self.services if service.role == role)
