"""Clusters that a stack makes: their machines and volumes, billed alike on every cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.args import LlmArgs, TierArgs
from components.offer import Catalog
from components.roles import NodePool
from components.workloads.cluster import tier_pool
from components.workloads.data import KINDS, Data
from components.workloads.disks import METRICS_VOLUME_GIB
from components.workloads.pools import model_pools, vllm_layout, vllm_pool
from infra.settings import Settings
from pricing.inventory import POOLS, Component, Machines, Volumes
from pricing.span import Span


def tier_machines(role: Component, tier: TierArgs, disk_type: str) -> Machines:
    """Machines of a tier of servers. `disk_type`: the cloud's name of the kind of their disks."""
    pool = tier_pool(role, tier)
    return _machines(pool, Span.of(pool.minimum, pool.initial, pool.maximum), disk_type)


def model_machines(settings: Settings, catalog: Catalog, disk_type: str) -> Iterator[Machines]:
    """Machines of the models that the stack serves itself."""
    for pool in model_pools(catalog, settings.embedding, settings.llm):
        # The least size is zero, but the pods are there, and the machines stay with them.
        yield _machines(pool, Span.of(pool.initial, pool.initial, pool.maximum), disk_type)


def _machines(pool: NodePool, count: Span, disk_type: str) -> Machines:
    return Machines(
        component=POOLS[pool.role],
        type=pool.instance_type,
        count=count,
        spot=pool.spot,
        disk_gib=pool.disk_gib,
        disk_type=disk_type,
    )


def model_volumes(llm: LlmArgs, catalog: Catalog, kinds: Mapping[str, str]) -> Iterator[Volumes]:
    """Volumes of models, and of what scales their servers. `kinds`: storage class -> the cloud's
    name of the kind of disk behind it."""
    if llm.hosting == "ollama":
        yield _volume("llm", "models", Span.fixed(llm.ollama.volume_gib), kinds)
    if llm.hosting != "vllm":
        return
    layout = vllm_layout(catalog, llm.vllm)
    if not layout.on_local_disks:
        pool = vllm_pool(layout)
        machines = Span.of(pool.initial, pool.initial, pool.maximum)
        yield _volume("llm", "models", machines * layout.disk_gib, kinds)
    if layout.scales:
        yield _volume("cluster", "logs", Span.fixed(METRICS_VOLUME_GIB), kinds)


def _volume(component: Component, kind: Data, gib: Span, kinds: Mapping[str, str]) -> Volumes:
    return Volumes(component=component, type=kinds[KINDS[kind].storage_class], gib=gib)
