"""What a stack asks of a cluster that exists: room for pods, volumes, object storage.

Nobody sends an invoice for it by the pod. What it costs the cluster's owner is in the stack file,
`letta:kubernetes.prices`, and a stack file without these prices is refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from components.args import Args, CacheArgs, DatabaseArgs, DumpArgs, TierArgs
from components.kubernetes.options import KubernetesOptions
from components.kubernetes.sizes import (
    EMBEDDING_MIB,
    EMBEDDING_VCPUS,
    instances,
)
from components.letta import dump
from components.redis import POD_VCPUS, redis_container
from infra.settings import Settings
from pricing.book import Price
from pricing.inventory import (
    Bucket,
    Component,
    DumpRuns,
    Dumps,
    Inventory,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.plans.models import external_models
from pricing.span import Span

SERVICE = "kubernetes"
"""Under which the owner's prices stand."""
_SOURCE = "letta:kubernetes.prices of the stack file"


def inventory(settings: Settings) -> Inventory:
    """All that the cluster's owner and the providers of models bill for."""
    return Inventory(
        cloud="kubernetes",
        region=settings.region,
        things=(
            *_servers(settings),
            *_embedding(settings),
            *_database(settings.database),
            _cache(settings.cache),
            Bucket(component="storage", holds="data"),
            *_dumps(settings.database.dump),
            *external_models(settings),
        ),
    )


def own_prices(options: Args) -> tuple[Price, ...]:
    """What the stack file says that the cluster costs, today."""
    if not isinstance(options, KubernetesOptions):
        raise ValueError("the settings give options of Kubernetes")
    prices = options.prices
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return tuple(
        Price(
            service=SERVICE,
            sku=sku,
            region="any",
            unit=unit,
            usd=Decimal(str(usd)),
            as_of=today,
            source=_SOURCE,
            trust="quoted",
        )
        for sku, unit, usd in (
            ("vcpu", "vCPU-hour", prices.vcpu_hour),
            ("memory", "GiB-hour", prices.memory_gib_hour),
            ("volume", "GiB-month", prices.volume_gib_month),
            ("object", "GB-month", prices.object_gb_month),
            ("egress", "GB", prices.egress_gb),
        )
    )


def _servers(settings: Settings) -> Iterator[Thing]:
    yield _tier("api", settings.api)
    if settings.worker.enabled:
        yield _tier("worker", settings.worker)


def _tier(role: Component, tier: TierArgs) -> ServerlessCopies:
    return ServerlessCopies(
        component=role,
        vcpus=tier.request_vcpus,
        memory_gib=tier.request_memory_mib / 1024,
        count=Span.of(tier.min_replicas, tier.replicas, tier.max_replicas),
    )


def _embedding(settings: Settings) -> Iterator[Thing]:
    if settings.embedding.hosting != "api":
        yield ServerlessCopies(
            component="embedding",
            vcpus=float(EMBEDDING_VCPUS),
            memory_gib=EMBEDDING_MIB / 1024,
            count=Span.fixed(settings.embedding.replicas),
        )


def _database(args: DatabaseArgs) -> Iterator[Thing]:
    count = Span.fixed(
        instances(high_availability=args.high_availability, read_replicas=args.read_replicas)
    )
    yield ServerlessCopies(
        component="database", vcpus=float(args.vcpus), memory_gib=args.memory_gib, count=count
    )
    yield Volumes(component="database", type="volume", gib=count * args.storage_gib)


def _dumps(args: DumpArgs | None) -> Iterator[Thing]:
    if args:
        times_a_day = len(args.starts)
        yield DumpRuns(
            component="database",
            times_a_day=times_a_day,
            vcpus=float(dump.VCPUS),
            memory_gib=dump.MEMORY_MIB / 1024,
        )
        yield Dumps(component="database", times_a_day=times_a_day, billed_days=args.retention_days)


def _cache(args: CacheArgs) -> Thing:
    return ServerlessCopies(
        component="cache",
        vcpus=POD_VCPUS,
        memory_gib=redis_container(args).memory_mib / 1024,
        count=Span.fixed(1),
    )
