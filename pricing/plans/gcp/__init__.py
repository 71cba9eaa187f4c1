"""What a deployment on Google Cloud consists of, as far as it is billed.

Every number is taken from the components in `components/gcp`.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.args import EXPIRED_VERSION_DAYS, TierArgs
from components.gcp import alarm_tables
from components.gcp.alarm_spec import AlarmSpec
from components.gcp.firewall_rules import count as firewall_rules
from components.gcp.fixed import DATABASE_STORAGE_TYPE, DUMP_CONTAINERS
from components.gcp.log_streams import BOOTSTRAP, SERVERS, STREAMS
from components.letta import bootstrap, dump, providers
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, REDIS_HOST, SERVER_PASSWORD
from infra.settings import Settings
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    Component,
    CustomMetrics,
    DumpRuns,
    Dumps,
    Firewall,
    Functions,
    Inventory,
    Keys,
    LoadBalancer,
    LogGroups,
    NatGateways,
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
)
from pricing.plans.models import external_models
from pricing.plans.stores import database
from pricing.span import Span

_ANY = ""
"""Stands for names of resources, on which no number of alarms depends."""
_OWN_SECRETS = (SERVER_PASSWORD, ENCRYPTION_KEY, POSTGRES_URI, ADMIN_URI)
"""What every stack generates and keeps, beside the keys of providers."""


def inventory(settings: Settings) -> Inventory:
    """All that Google and the providers of models bill for."""
    return Inventory(
        cloud="gcp",
        region=settings.region,
        things=(
            *_compute(settings),
            *_network(settings),
            *_data(settings),
            *_watching(settings),
            *external_models(settings),
        ),
    )


def _tiers(settings: Settings) -> dict[Component, TierArgs]:
    worker: dict[Component, TierArgs] = {"worker": settings.worker}
    return {"api": settings.api, **(worker if settings.worker.enabled else {})}


def _compute(settings: Settings) -> Iterator[Thing]:
    for role, tier in _tiers(settings).items():
        yield ServerlessCopies(
            component=role,
            vcpus=tier.copy_vcpus,
            memory_gib=tier.copy_memory_mib / 1024,
            count=Span.of(tier.min_replicas, tier.min_replicas, tier.max_replicas),
        )
    yield Functions(component="bootstrap", memory_mib=bootstrap.MEMORY_MIB, count=1)
    if settings.database.dump:
        yield DumpRuns(
            component="database",
            times_a_day=len(settings.database.dump.starts),
            vcpus=float(dump.VCPUS * DUMP_CONTAINERS),
            memory_gib=dump.MEMORY_MIB / 1024,
        )


def _network(settings: Settings) -> Iterator[Thing]:
    ingress = settings.ingress
    if ingress.kind == "load_balancer":
        yield LoadBalancer(component="ingress", zones=1)
    if rules := firewall_rules(ingress):
        yield Firewall(component="ingress", rules=rules, managed_groups=0)
    if ingress.nat != "none":
        yield NatGateways(component="network", count=1)
        yield PublicAddresses(component="network", count=1)


def _data(settings: Settings) -> Iterator[Thing]:
    yield from database(settings.database, DATABASE_STORAGE_TYPE)
    managed = settings.cache.kind == "managed"
    if managed:
        yield CacheNodes(
            component="cache",
            type=str(settings.cache.instance_type),
            count=Span.fixed(settings.cache.nodes),
        )
    yield Bucket(
        component="storage",
        holds="data",
        infrequent_access_days=settings.storage.infrequent_access_days,
        archive_days=settings.storage.archive_days,
    )
    if found := settings.database.dump:
        yield Dumps(
            component="database",
            times_a_day=len(found.starts),
            billed_days=found.retention_days + EXPIRED_VERSION_DAYS,
            infrequent_access_days=settings.storage.infrequent_access_days,
            archive_days=settings.storage.archive_days,
        )
    if settings.queue.enabled:
        queue = Queue(component="queue", fifo=settings.queue.fifo)
        # The queue, and that of its dead letters.
        yield from (queue, queue)
    yield Keys(component="secrets", count=1)
    names = (*_OWN_SECRETS, *((REDIS_HOST,) if managed else ()))
    keys = providers.secret_values(settings.llm)
    yield Secrets(component="secrets", count=len(names) + len(keys))


def _watching(settings: Settings) -> Iterator[Thing]:
    dumped = settings.database.dump is not None
    streams = (*STREAMS[settings.ingress.kind], *([BOOTSTRAP] if dumped else []))
    idle = set(SERVERS) - set(_tiers(settings))
    for stream in streams:
        yield LogGroups(
            component="monitoring",
            holds="bootstrap" if stream == BOOTSTRAP else "other" if stream in idle else "servers",
            count=1,
            retention_days=settings.monitoring.log_retention_days,
        )
    counted = [stream for stream in streams if stream in SERVERS]
    yield CustomMetrics(component="monitoring", count=len(counted) + dumped)
    yield Alarms(component="monitoring", count=sum(1 for _ in _alarms(settings)))


def _alarms(settings: Settings) -> Iterator[AlarmSpec]:
    for tier in _tiers(settings).values():
        yield from alarm_tables.service(_ANY, max_replicas=tier.max_replicas)
        yield alarm_tables.redis_lost(_ANY)
    if settings.ingress.kind == "load_balancer":
        yield from alarm_tables.load_balancer(_ANY)
    if settings.database.dump:
        yield alarm_tables.dump_missing(_ANY, settings.database.dump)
    for number in range(1 + settings.database.read_replicas):
        yield from alarm_tables.database(
            _ANY,
            max_connections=1,
            max_storage_gib=settings.database.max_storage_gib,
            replica=number > 0,
        )
    if settings.cache.kind == "managed":
        yield from alarm_tables.cache(_ANY)
    if settings.queue.enabled:
        yield from alarm_tables.queue(_ANY, _ANY, settings.queue)
