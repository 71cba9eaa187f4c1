"""Where data is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from infra.capacity import RESERVED_CONNECTIONS
from policies.facts.model.fact import Fact
from policies.facts.model.network import InboundRule


@dataclass(frozen=True, kw_only=True)
class Database(Fact):
    """A database server, or a read replica of one."""

    type: str
    memory_gib: float
    max_connections: int
    """Connections it accepts: as set, or by its size."""
    reserved_connections: int = RESERVED_CONNECTIONS
    """Of these, what no server of ours gets."""
    public: bool


@dataclass(frozen=True, kw_only=True)
class Primary(Database):
    """The database server that is written to."""

    storage_type: str
    expected_storage_type: str
    """The cloud's name of SSD storage that is billed by its size alone."""
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
class Dump(Fact):
    """A run on schedule that dumps the database to a bucket."""

    enabled: bool
    times_a_day: int
    longest_gap_hours: float
    """Longest time from one run to the next."""
    kept_days: int
    """Age at which a dump is deleted, days; 0: never."""
    recoverable_days: int
    """Days for which a deleted one can be had back; 0: for ever, where versions are kept."""
    told_after_hours: float
    """Time without a new dump after which somebody is told; 0: nobody ever is."""
    alarmable: bool = True
    """Whether alarms are the stack's to make."""
    buckets: tuple[str, ...]
    """URNs of the stack's own buckets that it fills."""


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
class StorageClass(Fact):
    """How a cluster makes volumes of a class."""

    storage_class: str
    """The class's name."""
    performance: Literal["standard", "fast", "extreme"]
    """`fast`: SSD whose speed does not depend on its size; `extreme`: SSD with as many
    operations a second as were ordered."""
    encrypted: bool
    waits_for_pod: bool
    """Whether a volume is made in the zone of the pod that first uses it."""


@dataclass(frozen=True, kw_only=True)
class StorageClaim(Fact):
    """A volume that a cluster is asked for."""

    data: str
    """Kind of data in it, as its label says; empty: it says nothing."""
    gib: float
    storage_class: str
    """Name of the class; empty: whatever the cluster takes by default."""
    classes: tuple[StorageClass, ...]
    """The stack's own class of that name."""


@dataclass(frozen=True, kw_only=True)
class MachineDisks(Fact):
    """The disks that a template or a pool gives to its machines."""

    encrypted: bool
    """Whether all of them are, the one that the machine starts from too."""
