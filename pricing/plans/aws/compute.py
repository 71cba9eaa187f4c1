"""Machines, copies without machines, and the control plane over them."""

from __future__ import annotations

from collections.abc import Iterator

from components.args import TierArgs
from components.aws.eks.pools import embedding_pool, ollama_pool, vllm_layout, vllm_pool
from components.aws.fixed import DISK_TYPE, FREE_STORAGE_GIB, FUNCTION_MEMORY_MIB
from components.letta import dump
from components.roles import NodePool
from components.workloads.cluster import tier_pool
from infra.settings import Settings
from pricing import night
from pricing.inventory import (
    POOLS,
    Component,
    ControlPlane,
    DumpRuns,
    Functions,
    Machines,
    ServerlessCopies,
    Thing,
)
from pricing.plans.aws.roles import tiers
from pricing.span import Span


def compute(settings: Settings) -> Iterator[Thing]:
    """What servers and models run on."""
    for role, tier in tiers(settings).items():
        yield _tier(role, tier)
    control_plane = settings.ingress.control_plane
    if control_plane is None:
        # On Kubernetes the bootstrap is a job of the cluster; here a function starts it.
        yield Functions(component="bootstrap", memory_mib=FUNCTION_MEMORY_MIB, count=1)
        yield from _dump_runs(settings)
        return
    yield ControlPlane(component="cluster", version=control_plane.version)
    for pool in _model_pools(settings):
        # The least size is zero, but the pods are there, and the machines stay with them.
        yield _machines(pool, Span.of(pool.initial, pool.initial, pool.maximum))


def _dump_runs(settings: Settings) -> Iterator[DumpRuns]:
    """On Kubernetes they are pods on machines that are there anyway."""
    if settings.database.dump:
        yield DumpRuns(
            component="database",
            times_a_day=len(settings.database.dump.starts),
            vcpus=dump.VCPUS,
            memory_gib=dump.MEMORY_MIB / 1024,
            storage_gib=settings.database.dump.scratch_gib - FREE_STORAGE_GIB,
            public_addresses=int(settings.ingress.nat == "none"),
        )


def _tier(role: Component, tier: TierArgs) -> Thing:
    if tier.compute == "kubernetes":
        pool = tier_pool(role, tier)
        return _machines(pool, Span.of(pool.minimum, pool.initial, pool.maximum))
    count = _copies(tier)
    if tier.compute == "serverless":
        return ServerlessCopies(
            component=role,
            vcpus=tier.copy_vcpus,
            memory_gib=tier.copy_memory_mib / 1024,
            count=count,
            spot=tier.spot,
            arm=tier.architecture == "arm64",
        )
    # No public addresses: machines are behind NAT, and the one that is not has the fixed one.
    return Machines(
        component=role,
        type=str(tier.instance_type),
        count=count,
        spot=tier.spot,
        disk_gib=tier.root_volume_gib,
        disk_type=DISK_TYPE,
    )


def _copies(tier: TierArgs) -> Span:
    """Copies of a tier, each of which has a machine where there are machines."""
    count = Span.of(tier.min_replicas, tier.replicas, tier.max_replicas)
    if tier.night is None:
        return count
    return night.averaged(count, tier.min_replicas, night.share(tier.night.begins, tier.night.ends))


def _model_pools(settings: Settings) -> Iterator[NodePool]:
    """The machines of models that the stack serves itself."""
    if settings.embedding.hosting != "api":
        yield embedding_pool(settings.embedding)
    if settings.llm.hosting == "ollama":
        yield ollama_pool(settings.llm.ollama)
    elif settings.llm.hosting == "vllm":
        yield vllm_pool(vllm_layout(settings.llm.vllm))


def _machines(pool: NodePool, count: Span) -> Machines:
    return Machines(
        component=POOLS[pool.role],
        type=pool.instance_type,
        count=count,
        spot=pool.spot,
        disk_gib=pool.disk_gib,
        disk_type=DISK_TYPE,
    )
