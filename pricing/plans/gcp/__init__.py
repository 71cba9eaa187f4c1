"""What a deployment on Google Cloud consists of, as far as it is billed.

Every number is taken from the components in `components/gcp`.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.args import EXPIRED_VERSION_DAYS, ControlPlaneArgs, NodesArgs
from components.gcp import alarm_tables
from components.gcp.alarm_spec import AlarmSpec
from components.gcp.firewall_rules import count as firewall_rules
from components.gcp.fixed import (
    DATABASE_STORAGE_TYPE,
    DUMP_CONTAINERS,
    NODE_DISK_TYPE,
    VOLUMES,
)
from components.gcp.gke import alarm_tables as cluster_alarms
from components.gcp.gke.zones import initial
from components.gcp.log_streams import BOOTSTRAP, SERVERS, STREAMS
from components.gcp.offer import CATALOG
from components.letta import bootstrap, dump, providers
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, REDIS_HOST, SERVER_PASSWORD
from components.workloads.cluster import tier_pool
from infra.settings import Settings
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ControlPlane,
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
from pricing.plans.clusters import model_machines, model_volumes, tier_machines
from pricing.plans.models import external_models
from pricing.plans.roles import tiers
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


def _compute(settings: Settings) -> Iterator[Thing]:
    control_plane = settings.ingress.control_plane
    if control_plane is not None:
        yield from _cluster(settings, control_plane)
        return
    for role, tier in tiers(settings).items():
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


def _cluster(settings: Settings, control_plane: ControlPlaneArgs) -> Iterator[Thing]:
    """On Kubernetes the bootstrap and the dumps are pods on machines that are there anyway."""
    yield ControlPlane(component="cluster", version=control_plane.version)
    for role, tier in tiers(settings).items():
        pool = tier_pool(role, tier)
        # A pool begins with as many machines in each zone.
        begun = NodesArgs(initial=initial(pool), minimum=pool.minimum, maximum=pool.maximum)
        yield tier_machines(role, tier.model_copy(update={"nodes": begun}), NODE_DISK_TYPE)
    yield from model_machines(settings, CATALOG, NODE_DISK_TYPE)
    kinds = {name: parameters["type"] for name, parameters in VOLUMES.items()}
    yield from model_volumes(settings.llm, CATALOG, kinds)


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
    if settings.ingress.control_plane:
        for holds in ("servers", "control_plane"):
            yield LogGroups(
                component="monitoring",
                holds=holds,
                count=1,
                retention_days=settings.monitoring.log_retention_days,
            )
        yield CustomMetrics(component="monitoring", count=1 + dumped)
        yield Alarms(component="monitoring", count=sum(1 for _ in _alarms(settings)))
        return
    streams = (*STREAMS[settings.ingress.kind], *([BOOTSTRAP] if dumped else []))
    idle = set(SERVERS) - set(tiers(settings))
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
    if settings.ingress.control_plane:
        yield from cluster_alarms.nodes(_ANY)
        yield cluster_alarms.redis_lost(_ANY)
    for tier in tiers(settings).values():
        if tier.compute == "kubernetes":
            yield from cluster_alarms.servers(_ANY, _ANY, min_replicas=tier.min_replicas)
            continue
        yield from alarm_tables.service(_ANY, max_replicas=tier.max_replicas)
        yield alarm_tables.redis_lost(_ANY)
    if settings.ingress.kind == "load_balancer":
        yield from alarm_tables.load_balancer(_ANY)
    if settings.database.dump:
        yield alarm_tables.dump_missing(_ANY, settings.database.dump)
        if settings.api.compute != "kubernetes":
            yield alarm_tables.dump_failed(_ANY)
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
