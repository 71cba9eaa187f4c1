"""What a deployment on Alibaba Cloud consists of, as far as it is billed.

Every number is taken from the components in `components/alicloud`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.alicloud import catalog
from components.alicloud.ack.volumes import VOLUMES
from components.alicloud.fixed import DATABASE_STORAGE_TYPE, DISK_LEVEL
from components.alicloud.log_streams import COMPONENTS, REQUESTS
from components.alicloud.offer import CATALOG
from components.args import EXPIRED_VERSION_DAYS, DatabaseArgs
from infra.settings import Settings
from pricing.inventory import (
    Bucket,
    CacheNodes,
    ControlPlane,
    DatabaseServer,
    Dumps,
    Inventory,
    LoadBalancer,
    LogGroups,
    NatGateways,
    PublicAddresses,
    Queue,
    Thing,
)
from pricing.plans.clusters import model_machines, model_volumes, tier_machines
from pricing.plans.models import external_models
from pricing.plans.roles import tiers
from pricing.plans.stores import database
from pricing.span import Span
from pricing.tariffs.alicloud.names import HOLDS, disk


def inventory(settings: Settings) -> Inventory:
    """All that Alibaba Cloud and the providers of models bill for."""
    parts = (_compute, _network, _data, _watching, external_models)
    things = tuple(thing for part in parts for thing in part(settings))
    return Inventory(cloud="alicloud", region=settings.region, things=things)


def _compute(settings: Settings) -> Iterator[Thing]:
    for role, tier in tiers(settings).items():
        yield tier_machines(role, tier, disk(DISK_LEVEL))
    if control_plane := settings.ingress.control_plane:
        yield ControlPlane(component="cluster", version=control_plane.version)
    yield from model_machines(settings, CATALOG, disk(DISK_LEVEL))
    kinds = {name: disk(volume["performanceLevel"]) for name, volume in VOLUMES.items()}
    yield from model_volumes(settings.llm, CATALOG, kinds)


def _network(settings: Settings) -> Iterator[Thing]:
    yield LoadBalancer(component="ingress", zones=settings.ingress.zones)
    yield NatGateways(component="network", count=1)
    yield PublicAddresses(component="network", count=1)


def _data(settings: Settings) -> Iterator[Thing]:
    yield from _databases(settings.database)
    if settings.cache.kind == "managed":
        # The price of a class has its standby in it.
        yield CacheNodes(
            component="cache", type=str(settings.cache.instance_type), count=Span.fixed(1)
        )
    ageing = settings.storage
    yield Bucket(
        component="storage",
        holds="data",
        infrequent_access_days=ageing.infrequent_access_days,
        archive_days=ageing.archive_days,
    )
    if dump := settings.database.dump:
        yield Dumps(
            component="database",
            times_a_day=len(dump.starts),
            billed_days=dump.retention_days + EXPIRED_VERSION_DAYS,
            infrequent_access_days=ageing.infrequent_access_days,
            archive_days=ageing.archive_days,
        )
    if settings.queue.enabled:
        queue = Queue(component="queue", fifo=settings.queue.fifo)
        # The queue, and that of its dead letters.
        yield from (queue, queue)


def _databases(args: DatabaseArgs) -> Iterator[DatabaseServer]:
    """A read-only instance is of a class of its own, as large as the primary's."""
    primary, *replicas = database(args, DATABASE_STORAGE_TYPE)
    yield primary
    for replica in replicas:
        yield replace(replica, type=catalog.database_class(replica.type).read_only)


def _watching(settings: Settings) -> Iterator[Thing]:
    days = settings.monitoring.log_retention_days
    for stream in (*COMPONENTS, REQUESTS):
        yield LogGroups(
            component="monitoring",
            holds=HOLDS.get(stream, "other"),
            count=1,
            retention_days=days,
        )
    yield LogGroups(component="monitoring", holds="control_plane", count=1, retention_days=days)
