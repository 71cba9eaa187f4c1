"""The one sizing table: what each tier is made of, in neutral units.

A stack file names a tier and overrides single values. Sources: requirement rows C1-C4,
D1, L3, M2 and the bills of K1, from which the instances are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from components.args import (
    ApiArgs,
    Args,
    BucketArgs,
    CacheArgs,
    DatabaseArgs,
    DumpArgs,
    EmbeddingArgs,
    LlmArgs,
    MonitoringArgs,
    QueueArgs,
    VectorsArgs,
    WafArgs,
    WorkerArgs,
)
from components.offer import Catalog


class Workload(Args):
    """The load that a deployment is meant for (K1 gives each tier's)."""

    agents: int = Field(ge=1, le=100_000_000)
    """Agents kept."""
    messages_per_agent: int = Field(ge=0, le=1_000_000)
    """Messages of one agent a month."""
    memories_per_agent: int = Field(default=0, ge=0, le=10_000_000)
    """Archival memories of one agent, each a vector(4096) of 16 KiB."""
    new_memories_per_agent: int = Field(default=0, ge=0, le=10_000_000)
    """Archival memories that one agent adds in a month; each is embedded once."""
    input_tokens_per_message: int = Field(default=3600, ge=0, le=10_000_000)
    """Tokens that the language model reads for one message (L2)."""
    output_tokens_per_message: int = Field(default=300, ge=0, le=1_000_000)
    """Tokens that it writes for one message (L2)."""
    cached_input_share: float = Field(default=0, ge=0, le=1, allow_inf_nan=False)
    """Share of the input that the provider's prompt cache serves (K1: half in medium, 70 % in
    large)."""
    traffic_kb_per_message: float = Field(default=25, ge=0, le=1_000_000, allow_inf_nan=False)
    """Traffic with the caller of one message, kB (N4: 5 of request and 20 of reply)."""
    log_kb_per_message: float = Field(default=25, ge=0, le=100_000, allow_inf_nan=False)
    """Log lines of the servers for one message, kB (K1: 500 GB for large's 20 M messages)."""
    file_mb_per_agent: float = Field(default=100, ge=0, le=10_000_000, allow_inf_nan=False)
    """Files of one agent in object storage, MB (S1); the bill's ceiling has twice as much."""
    queue_messages: int = Field(default=0, ge=0, le=1_000_000_000_000)
    """Messages a month through the queue for workers of your own."""


API_REPLICA_BOUNDS = (2, 10)
"""Fewest and most API copies that autoscaling may move between (C2)."""


EMBEDDING_HANDLE = "openai/text-embedding-3-small"
"""Embeddings of an external provider, where an agent names none (C5)."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What policy holds a tier to. Rules read it from here, so a limit is stated once."""

    api_vcpus: int
    """Fewest vCPUs under an API copy's machine (K1)."""
    api_memory_gib: float
    """Least memory of it, GiB (K1)."""
    api_replicas: tuple[int, int]
    """Fewest and most copies that a new deployment starts with (C1, K1)."""
    worker_vcpus: int
    """Fewest vCPUs under a worker's machine (C4)."""
    worker_memory_gib: float
    """Least memory of it, GiB (C4)."""
    worker_replicas: tuple[int, int]
    """Fewest and most worker copies (C4); none is needed where the tier has no worker."""
    database_memory_gib: float
    """Least memory of the database, GiB (K1)."""
    database_storage_gib: int
    """Least storage of the database, GiB (K1)."""
    database_high_availability: bool
    """Whether a standby in a second zone is demanded (D1)."""
    database_replicas: tuple[int, int]
    """Fewest and most read replicas (D1)."""
    backup_retention_days: int
    """Least reach of point-in-time recovery, days (D1)."""
    cache_memory_gib: float
    """Least memory of the cache, GiB (M2)."""
    waf: bool
    """Whether a web application firewall is demanded (N5)."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One size of deployment."""

    summary: str
    """Whom it is for, one line."""
    workload: Workload
    ingress: dict[str, Any]
    """Values of `IngressArgs`, without the domain, which only the user knows."""
    api: ApiArgs
    worker: WorkerArgs
    database: DatabaseArgs
    cache: CacheArgs
    storage: BucketArgs
    queue: QueueArgs
    vectors: VectorsArgs
    embedding: EmbeddingArgs
    llm: LlmArgs
    monitoring: MonitoringArgs
    limits: Limits


def differing(tier: Tier, differences: Mapping[str, Mapping[str, Any]]) -> Tier:
    """The tier as it is on a cloud that differs from the table: role, or `limits` -> field ->
    value.

    Raises `ValueError` for values that a role does not take.
    """
    changed: dict[str, Any] = {}
    for part, values in differences.items():
        own = getattr(tier, part)
        if isinstance(own, Args):
            changed[part] = type(own).model_validate({**own.model_dump(), **values})
        elif isinstance(own, Limits):
            changed[part] = replace(own, **values)
        else:
            changed[part] = {**own, **values}
    return replace(tier, **changed)


def tier_on(name: str, catalog: Catalog) -> Tier:
    """A tier as it is on a cloud."""
    return differing(TIERS[name], catalog.tiers.get(name, {}))


_WORKER = WorkerArgs(
    vcpus=2,
    memory_gib=4,
    replicas=1,
    min_replicas=1,
    max_replicas=2,
    task_vcpus=1,
    task_memory_mib=1536,
)
"""C4's minimum, 2 vCPU and 4 GiB; two copies fit one machine during a rolling deploy."""

TIERS: dict[str, Tier] = {
    "small": Tier(
        summary="development and small teams: one instance, lowest bill",
        workload=Workload(agents=100, messages_per_agent=500),
        ingress={"kind": "proxy", "nat": "none"},
        api=ApiArgs(
            vcpus=2,
            memory_gib=4,
            replicas=1,
            min_replicas=1,
            max_replicas=1,
            task_vcpus=1,
            task_memory_mib=2048,
        ),
        worker=_WORKER.model_copy(update={"enabled": False}),
        database=DatabaseArgs(
            vcpus=2,
            memory_gib=2,
            storage_gib=50,
            max_storage_gib=100,
            high_availability=False,
            read_replicas=0,
            backup_retention_days=7,
        ),
        cache=CacheArgs(kind="container", memory_gib=0.25),
        storage=BucketArgs(),
        queue=QueueArgs(enabled=False),
        vectors=VectorsArgs(),
        embedding=EmbeddingArgs(model=EMBEDDING_HANDLE),
        llm=LlmArgs(model="openai/gpt-4.1-mini"),
        monitoring=MonitoringArgs(),
        limits=Limits(
            api_vcpus=2,
            api_memory_gib=4,
            api_replicas=(1, 1),
            worker_vcpus=2,
            worker_memory_gib=4,
            worker_replicas=(0, 2),
            database_memory_gib=2,
            database_storage_gib=50,
            database_high_availability=False,
            database_replicas=(0, 1),
            backup_retention_days=7,
            cache_memory_gib=0.25,
            waf=False,
        ),
    ),
    "medium": Tier(
        summary="production of a growing company: two zones, autoscaling, a standby database",
        workload=Workload(
            agents=1000, messages_per_agent=1000, new_memories_per_agent=5, cached_input_share=0.5
        ),
        ingress={"kind": "load_balancer", "nat": "per_zone"},
        api=ApiArgs(
            vcpus=2,
            memory_gib=8,
            replicas=3,
            min_replicas=2,
            max_replicas=10,
            task_vcpus=1,
            task_memory_mib=3584,
            root_volume_gib=200,
        ),
        worker=_WORKER.model_copy(update={"root_volume_gib": 200}),
        database=DatabaseArgs(
            vcpus=2,
            memory_gib=16,
            storage_gib=200,
            max_storage_gib=500,
            high_availability=True,
            read_replicas=1,
            backup_retention_days=14,
        ),
        cache=CacheArgs(memory_gib=3),
        storage=BucketArgs(),
        queue=QueueArgs(),
        vectors=VectorsArgs(),
        embedding=EmbeddingArgs(model=EMBEDDING_HANDLE),
        llm=LlmArgs(model="openai/gpt-4.1-mini"),
        monitoring=MonitoringArgs(),
        limits=Limits(
            api_vcpus=2,
            api_memory_gib=8,
            api_replicas=(2, 5),
            worker_vcpus=2,
            worker_memory_gib=4,
            worker_replicas=(1, 2),
            database_memory_gib=16,
            database_storage_gib=200,
            database_high_availability=True,
            database_replicas=(1, 2),
            backup_retention_days=7,
            cache_memory_gib=3,
            waf=False,
        ),
    ),
    "large": Tier(
        summary="many tenants: three zones, Kubernetes, a firewall, embeddings of one's own",
        workload=Workload(agents=10_000, messages_per_agent=2000, cached_input_share=0.7),
        ingress={"kind": "load_balancer", "nat": "per_zone", "zones": 3, "waf": WafArgs()},
        api=ApiArgs(
            compute="kubernetes",
            vcpus=8,
            memory_gib=32,
            replicas=8,
            min_replicas=2,
            max_replicas=10,
            task_vcpus=2,
            task_memory_mib=4096,
            root_volume_gib=100,
        ),
        worker=WorkerArgs(
            compute="kubernetes",
            vcpus=8,
            memory_gib=16,
            replicas=3,
            min_replicas=2,
            max_replicas=6,
            task_vcpus=2,
            task_memory_mib=4096,
            root_volume_gib=100,
        ),
        database=DatabaseArgs(
            vcpus=16,
            memory_gib=128,
            storage_gib=1000,
            max_storage_gib=4000,
            high_availability=True,
            read_replicas=2,
            backup_retention_days=30,
            dump=DumpArgs(scratch_gib=60),
        ),
        cache=CacheArgs(memory_gib=26, nodes=2),
        storage=BucketArgs(),
        queue=QueueArgs(),
        vectors=VectorsArgs(),
        embedding=EmbeddingArgs(hosting="gpu"),
        llm=LlmArgs(model="anthropic/claude-haiku-4-5"),
        monitoring=MonitoringArgs(),
        limits=Limits(
            api_vcpus=8,
            api_memory_gib=32,
            api_replicas=(5, 10),
            worker_vcpus=8,
            worker_memory_gib=16,
            worker_replicas=(1, 6),
            database_memory_gib=128,
            database_storage_gib=1000,
            database_high_availability=True,
            database_replicas=(2, 3),
            backup_retention_days=30,
            cache_memory_gib=26,
            waf=True,
        ),
    ),
}
