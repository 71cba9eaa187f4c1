"""Machines, copies without machines, and the control plane over them."""

from __future__ import annotations

from collections.abc import Iterator

from components.args import TierArgs
from components.aws.fixed import DISK_TYPE, FREE_STORAGE_GIB, FUNCTION_MEMORY_MIB
from components.aws.offer import CATALOG
from components.letta import dump
from infra.settings import Settings
from pricing import night
from pricing.inventory import (
    Component,
    ControlPlane,
    DumpRuns,
    Functions,
    Machines,
    ServerlessCopies,
    Thing,
)
from pricing.plans.clusters import model_machines, tier_machines
from pricing.plans.roles import tiers
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
    yield from model_machines(settings, CATALOG, DISK_TYPE)


def _dump_runs(settings: Settings) -> Iterator[DumpRuns]:
    """On Kubernetes they are pods on machines that are there anyway."""
    if settings.database.dump:
        yield DumpRuns(
            component="database",
            times_a_day=len(settings.database.dump.starts),
            vcpus=dump.VCPUS,
            memory_gib=dump.MEMORY_MIB / 1024,
            storage_gib=max(0, settings.database.dump.scratch_gib - FREE_STORAGE_GIB),
            public_addresses=int(settings.ingress.nat == "none"),
        )


def _tier(role: Component, tier: TierArgs) -> Thing:
    if tier.compute == "kubernetes":
        return tier_machines(role, tier, DISK_TYPE)
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
