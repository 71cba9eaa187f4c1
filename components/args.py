"""What a role is asked to be: plain, frozen, checked values in neutral units.

These models are at once the arguments of the components, the rows of the tier table
(`infra/tiers.py`) and the schema of a stack file's overrides (`infra/settings.py`).
They hold sizes and choices only. Wiring between roles (networks, secrets, addresses)
travels as component objects, so that everything a policy reads is known at preview.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

IMAGE = "letta/letta:0.16.4"
"""The server's image. The tag is pinned: migrations run once per image, never by accident."""

# RFC 1035 label rules, at least two labels.
_DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
_EMAIL = r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$"


def _private_network(cidr: str) -> str:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not an IPv4 network: {error}") from error
    if not network.is_private:
        raise ValueError(f"{cidr} is a public range; use one of RFC 1918, such as 10.0.0.0/16")
    return str(network)


def _network(cidr: str) -> str:
    try:
        return str(ipaddress.IPv4Network(cidr))
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not an IPv4 network: {error}") from error


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands in the list more than once")
    return values


PrivateCidr = Annotated[str, AfterValidator(_private_network)]
Cidr = Annotated[str, AfterValidator(_network)]


class Args(BaseModel):
    """Base of all arguments: frozen, no unknown key, no silent conversion of types."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class MachineArgs(Args):
    """The machine under a tier of containers."""

    vcpus: int = Field(ge=1, le=192)
    """Virtual CPUs of one machine; on Fargate, of one copy."""
    memory_gib: float = Field(gt=0, le=2048)
    """Memory of one machine; on Fargate, of one copy. GiB."""
    instance_type: str | None = None
    """The cloud's own name of the machine. Default: the type that the cloud's size table
    gives for `vcpus` and `memory_gib`; a name given here sets those two."""


class ScalingArgs(Args):
    """Autoscaling of a tier (requirement C2)."""

    replicas: int = Field(ge=1, le=1000)
    """Copies that a new deployment starts with; the autoscaler moves it afterwards."""
    min_replicas: int = Field(ge=1, le=1000)
    """Fewest copies; two are the least that survives the loss of a zone."""
    max_replicas: int = Field(ge=1, le=1000)
    """Most copies."""
    cpu_target_percent: int = Field(default=65, ge=1, le=100)
    """Average CPU use that the autoscaler holds, percent."""
    memory_target_percent: int = Field(default=70, ge=1, le=100)
    """Average memory use that the autoscaler holds, percent."""
    scale_out_cooldown_seconds: int = Field(default=120, ge=0, le=3600)
    """Pause after adding copies, seconds."""
    scale_in_cooldown_seconds: int = Field(default=300, ge=0, le=3600)
    """Pause after removing copies, seconds."""

    @model_validator(mode="after")
    def _ordered(self) -> ScalingArgs:
        if not self.min_replicas <= self.replicas <= self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} <= replicas {self.replicas} <= "
                f"max_replicas {self.max_replicas} does not hold"
            )
        return self


class TierArgs(MachineArgs, ScalingArgs):
    """A tier of server copies on machines of their own, or on Fargate."""

    compute: Literal["instances", "fargate"] = "instances"
    """`instances`: the cloud's machines, autoscaled with the copies. `fargate`: no machines."""
    task_vcpus: float = Field(gt=0, le=192)
    """CPU reserved for one copy on a machine, vCPU. One server process uses one core; the
    tools it starts use more. On Fargate a copy has `vcpus` instead."""
    task_memory_mib: int = Field(ge=512, le=1_000_000)
    """Memory limit of one copy on a machine, MiB (450 MB are used at rest). On Fargate a copy
    has `memory_gib` instead."""
    root_volume_gib: int = Field(default=30, ge=30, le=16_384)
    """Encrypted disk of each machine, GiB; 30 is what the container image of the host needs."""

    @property
    def copy_vcpus(self) -> float:
        """CPU of one copy, vCPU."""
        return self.vcpus if self.compute == "fargate" else self.task_vcpus

    @property
    def copy_memory_mib(self) -> int:
        """Memory of one copy, MiB."""
        return int(self.memory_gib * 1024) if self.compute == "fargate" else self.task_memory_mib


class ApiArgs(TierArgs):
    """The API tier: copies of the server that answer requests (requirements C1, C2)."""


class WorkerArgs(TierArgs):
    """The worker tier: the same server for batch polling, async messages and uploads (C4)."""

    enabled: bool = True
    """False: no worker tier; the API tier polls batches and takes all paths."""


class DatabaseArgs(Args):
    """PostgreSQL with pgvector (requirements D1, D5, D6, V1)."""

    vcpus: int = Field(ge=1, le=192)
    """Virtual CPUs of the primary and of each replica."""
    memory_gib: float = Field(gt=0, le=2048)
    """Memory of the primary and of each replica, GiB."""
    instance_type: str | None = None
    """The cloud's own name of the class. Default: by the cloud's size table."""
    engine_version: Literal["16", "17"] = "16"
    """PostgreSQL major version; minor versions are upgraded automatically."""
    storage_gib: int = Field(ge=20, le=65_536)
    """Storage at creation, GiB."""
    max_storage_gib: int = Field(ge=20, le=65_536)
    """Ceiling of storage autoscaling, GiB."""
    high_availability: bool
    """A synchronous standby in a second zone (Multi-AZ)."""
    read_replicas: int = Field(ge=0, le=15)
    """Asynchronous replicas. The server does not read from them: they serve promotion,
    reports and dumps."""
    backup_retention_days: int = Field(ge=0, le=35)
    """Days that point-in-time recovery reaches back; 0 turns backups off."""
    deletion_protection: bool = True
    """The cloud refuses to delete the database while this is on."""
    publicly_accessible: bool = False
    """An address on the internet; refused by policy, here so that the refusal can be waived."""
    performance_insights: bool = True
    """Query-level monitoring, seven days kept."""
    monitoring_interval_seconds: Literal[0, 1, 5, 10, 15, 30, 60] = 60
    """Enhanced (operating system) monitoring; 0 turns it off."""
    pool_size: int = Field(default=20, ge=1, le=1000)
    """Connections that one server process keeps (requirement D5)."""
    max_overflow: int = Field(default=30, ge=0, le=1000)
    """Connections that one server process may open beyond `pool_size` (D5)."""
    pool_recycle_seconds: int = Field(default=3600, ge=30, le=86_400)
    """Age at which a pooled connection is replaced, seconds (D5)."""

    @model_validator(mode="after")
    def _related(self) -> DatabaseArgs:
        if self.max_storage_gib < self.storage_gib:
            raise ValueError(
                f"max_storage_gib {self.max_storage_gib} is below storage_gib {self.storage_gib}; "
                "raise it or leave it out"
            )
        if self.read_replicas and not self.backup_retention_days:
            raise ValueError(
                f"read_replicas {self.read_replicas} need backups: set backup_retention_days >= 1"
            )
        return self


class CacheArgs(Args):
    """Redis (requirement M2): ephemeral but shared, without TLS or password, because the
    server's client speaks neither; the network keeps strangers out."""

    kind: Literal["managed", "container"] = "managed"
    """`managed`: the cloud's service. `container`: beside a single server, lost with it."""
    memory_gib: float = Field(gt=0, le=1024)
    """Memory for data, GiB."""
    instance_type: str | None = None
    """The cloud's own name of the node. Default: by the cloud's size table."""
    nodes: int = Field(default=1, ge=1, le=6)
    """Primary plus replicas; two or more fail over automatically."""
    eviction_policy: Literal[
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
        "noeviction",
    ] = "allkeys-lru"
    """What goes when memory is full."""
    snapshot_retention_days: int = Field(default=0, ge=0, le=35)
    """Days of snapshots; a cache keeps none."""


class BucketArgs(Args):
    """Object storage for backups, exports, attachments and log archives (requirement S1)."""

    infrequent_access_days: int = Field(default=30, ge=1, le=3650)
    """Age at which an object moves to the infrequent-access class, days."""
    archive_days: int = Field(default=90, ge=1, le=3650)
    """Age at which an object moves to the archive class, days."""
    noncurrent_expiration_days: int = Field(default=90, ge=1, le=3650)
    """Age at which a replaced version is deleted, days."""

    @model_validator(mode="after")
    def _ordered(self) -> BucketArgs:
        if self.archive_days < self.infrequent_access_days + 30:
            raise ValueError(
                f"archive_days {self.archive_days} must be at least 30 days after "
                f"infrequent_access_days {self.infrequent_access_days}: that class bills 30 days"
            )
        return self


class QueueArgs(Args):
    """A queue with a dead-letter queue for the user's own workers (requirement M1).
    The server itself has no queue consumer."""

    enabled: bool = True
    """False: no queue."""
    fifo: bool = False
    """Strict order and exactly-once delivery, at a lower rate."""
    visibility_timeout_seconds: int = Field(default=900, ge=0, le=43_200)
    """Time a worker has for one message; above the longest agent run."""
    retention_days: int = Field(default=4, ge=1, le=14)
    """Days an unread message is kept; dead letters are kept for 14."""
    max_receives: int = Field(default=5, ge=1, le=1000)
    """Deliveries before a message is set aside as a dead letter."""


class IngressArgs(Args):
    """The way in: network, TLS and idle limits (requirement N1)."""

    kind: Literal["load_balancer", "proxy"]
    """`load_balancer`: the cloud's. `proxy`: automatic TLS on the one instance itself."""
    domain: str = Field(pattern=_DOMAIN, max_length=253)
    """Host name that users call; TLS is issued for it."""
    hosted_zone: str | None = Field(default=None, pattern=_DOMAIN)
    """Public DNS zone of this account that holds `domain`; the record (and on a load
    balancer the certificate) is made in it. Default: you make the record yourself."""
    certificate_arn: str | None = None
    """An existing certificate for the load balancer. Default: issued through `hosted_zone`."""
    idle_timeout_seconds: int = Field(default=900, ge=1, le=4000)
    """Silence that the load balancer bears; a message call sends no byte until it is done."""
    allowed_cidrs: Annotated[tuple[Cidr, ...], AfterValidator(_unique)] = Field(
        default=("0.0.0.0/0",), min_length=1
    )
    """Networks that may call the API."""
    deletion_protection: bool = True
    """The cloud refuses to delete the load balancer while this is on."""
    vpc_cidr: PrivateCidr = "10.0.0.0/16"
    """Address range of the private network, /16 to /22; each zone has an eighth of it."""
    zones: int = Field(default=2, ge=1, le=6)
    """Availability zones used."""
    nat: Literal["none", "single", "per_zone"] = "per_zone"
    """Way out of the private subnets: none, one gateway, or one in each zone."""

    @model_validator(mode="after")
    def _related(self) -> IngressArgs:
        if self.kind == "load_balancer" and not (self.hosted_zone or self.certificate_arn):
            raise ValueError(
                f"TLS for {self.domain} needs hosted_zone (a certificate is issued through it) "
                "or certificate_arn (an existing certificate)"
            )
        if self.hosted_zone and not ("." + self.domain).endswith("." + self.hosted_zone):
            raise ValueError(f"domain {self.domain} does not lie in hosted_zone {self.hosted_zone}")
        prefix = ipaddress.IPv4Network(self.vpc_cidr).prefixlen
        if not 16 <= prefix <= 22:
            raise ValueError(
                f"vpc_cidr {self.vpc_cidr} must be between /16 and /22: each zone has an eighth "
                "of it, which holds a private, a public and a database subnet"
            )
        return self


class MonitoringArgs(Args):
    """Logs and alarms (requirements O2, O4)."""

    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400] = 30
    """Days that logs are kept."""
    alarm_emails: Annotated[
        tuple[Annotated[str, Field(pattern=_EMAIL)], ...], AfterValidator(_unique)
    ] = ()
    """Addresses that receive alarms; each has to confirm the subscription once."""
    json_logs: bool = True
    """Structured logs, one JSON object a line."""
    debug_logs: bool = False
    """The server's only level switch: INFO or DEBUG."""


class VectorsArgs(Args):
    """Where archival memory lives (requirement V1). The server keeps it in pgvector,
    vector(4096), by exact scan."""

    kind: Literal["pgvector"] = "pgvector"
    """The only store that archival memory of 0.16.4 has on a self-hosted database."""


class EmbeddingArgs(Args):
    """Embeddings that an agent uses when it names none."""

    model: str = Field(default="openai/text-embedding-3-small", pattern=r"^[^/\s]+/\S+$")
    """Handle `provider/model`."""


class ProviderArgs(Args):
    """One LLM provider. Which fields it takes and needs: `components/letta/providers.py`."""

    api_key: SecretStr | None = None
    """The key, as a Pulumi secret (`pulumi config set --secret --path …`)."""
    api_key_secret_arn: str | None = Field(
        default=None, pattern=r"^arn:[a-z-]+:secretsmanager:\S+$"
    )
    """The key in a secret that exists already; then it never passes through this stack."""
    access_key_id: SecretStr | None = None
    """Bedrock only: static key id."""
    secret_access_key: SecretStr | None = None
    """Bedrock only: static key."""
    base_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Endpoint. Written once into the database by the server: give it a stable DNS name."""
    api_version: str | None = None
    """Azure only."""
    region: str | None = None
    """Bedrock only."""
    project: str | None = None
    """Vertex only: Google Cloud project."""
    location: str | None = None
    """Vertex only: Google Cloud location."""


class LlmArgs(Args):
    """Models and the providers they come from (requirement L1)."""

    model: str = Field(default="openai/gpt-4.1-mini", pattern=r"^[^/\s]+/\S+$")
    """Handle `provider/model` that an agent uses when it names none."""
    providers: dict[str, ProviderArgs] = Field(default_factory=dict)
    """Provider name -> its key or endpoint."""
