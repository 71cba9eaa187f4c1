"""Where data is kept: database, cache, bucket, queue, vectors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from components.args.base import Architecture, Args, Time

EXPIRED_VERSION_DAYS = 7
"""Days for which what was deleted by its age, or by mistake, can be had back from a folder whose
objects expire."""


class DumpArgs(Args):
    """Logical dumps of the database to the stack's bucket, on schedule.

    They stand beside the cloud's own backups: they are read by any PostgreSQL, outlive the
    database server and its account's snapshots, and can be restored for a test.
    """

    at: Time = "03:17"
    """When the first dump of a day begins, UTC."""
    every_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = 24
    """Hours from one dump to the next."""
    retention_days: int = Field(default=30, ge=1, le=3650)
    """Age at which a dump is deleted, days."""
    scratch_gib: int = Field(default=20, ge=4, le=200)
    """Disk that one compressed dump is written to before it is uploaded, GiB."""

    @property
    def longest_seconds(self) -> int:
        """Longest run: half of the time until the next one begins, seconds."""
        return self.every_hours * 3600 // 2

    @property
    def max_age_hours(self) -> float:
        """Age of the newest dump that is never exceeded while every run succeeds, hours: a dump
        holds what was there when its run began, and is in the bucket when the run ends."""
        return self.every_hours + self.longest_seconds / 3600

    @property
    def starts(self) -> tuple[str, ...]:
        """Times of the day at which a dump begins, `03:17`, UTC, in order."""
        hour, minute = map(int, self.at.split(":"))
        return tuple(
            f"{each:02}:{minute:02}"
            for each in sorted((hour + step) % 24 for step in range(0, 24, self.every_hours))
        )


class DatabaseArgs(Args):
    """PostgreSQL with pgvector (requirements D1, D5, D6, V1)."""

    vcpus: int = Field(ge=1, le=192)
    """Virtual CPUs of the primary and of each replica."""
    memory_gib: float = Field(gt=0, le=2048)
    """Memory of the primary and of each replica, GiB."""
    instance_type: str | None = None
    """The cloud's own name of the class. Default: by the cloud's size table."""
    architecture: Architecture = "x86_64"
    """Instruction set of the class. The data is the same: another class is a restart."""
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
    dump: DumpArgs | None = DumpArgs()
    """Logical dumps to the bucket; none with `null`."""
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
    expiring_folders: dict[str, int] = Field(default_factory=dict)
    """Folder -> age at which what is in it is deleted, days. The stack adds that of its dumps."""

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


class VectorsArgs(Args):
    """Where archival memory lives (requirement V1). The server keeps it in pgvector,
    vector(4096), by exact scan."""

    kind: Literal["pgvector"] = "pgvector"
    """The only store that archival memory of 0.16.4 has on a self-hosted database."""
