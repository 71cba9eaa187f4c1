"""What a deployment on Azure consists of, as far as it is billed.

Every number is taken from the components in `components/azure`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.args import EXPIRED_VERSION_DAYS, ControlPlaneArgs
from components.azure import alarm_tables
from components.azure.aks import alarm_tables as cluster_alarms
from components.azure.fixed import (
    DATABASE_STORAGE_TYPE,
    DUMP_MEMORY_MIB,
    DUMP_VCPUS,
    ENVIRONMENT_ADDRESSES,
    INGRESS_IDLE_SECONDS,
    INGRESS_NODES,
    INGRESS_PROFILE_TYPE,
    MOST_SOFT_DELETE_DAYS,
    NODE_DISK_TYPE,
    SCRIPT_MIB,
    VOLUMES,
)
from components.azure.offer import CATALOG, SKUS, AzureOptions
from components.azure.sizes import SYSTEM_DISK_GIB, SYSTEM_MACHINE, SYSTEM_MACHINES
from components.letta import bootstrap, providers
from components.letta.bootstrap import ADMIN_URI
from components.letta.environment import ENCRYPTION_KEY, POSTGRES_URI, SERVER_PASSWORD
from infra.settings import Settings
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ControlPlane,
    DnsZones,
    DumpRuns,
    Dumps,
    Firewall,
    Functions,
    Holds,
    InnerBalancers,
    Inventory,
    Keys,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PrivateEndpoints,
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
_ENDPOINTS = ("vault", "blob")
"""Stores that every stack has a private address for."""
_FIREWALL_RULES = 3
"""The rule on rates, and two groups that Microsoft keeps (`components/azure/firewall.py`)."""


def inventory(settings: Settings) -> Inventory:
    """All that Azure and the providers of models bill for."""
    return Inventory(
        cloud="azure",
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
    if (steered := settings.ingress.control_plane) is not None:
        yield from _cluster(settings, steered)
    else:
        yield from _apps(settings)


def _apps(settings: Settings) -> Iterator[Thing]:
    """On Container Apps each run is billed, that of the bootstrap too. Azure makes the environment
    a load balancer and addresses, in a group of its own."""
    yield InnerBalancers(component="network", count=1)
    way_in = "internal" if settings.ingress.kind == "load_balancer" else "external"
    yield PublicAddresses(component="network", count=ENVIRONMENT_ADDRESSES[way_in])
    for role, tier in tiers(settings).items():
        yield ServerlessCopies(
            component=role,
            vcpus=tier.copy_vcpus,
            memory_gib=tier.copy_memory_mib / 1024,
            count=Span.of(tier.min_replicas, tier.min_replicas, tier.max_replicas),
        )
    for memory_mib in (bootstrap.MEMORY_MIB, SCRIPT_MIB):
        yield Functions(component="bootstrap", memory_mib=memory_mib, count=1)
    # Who waits until its rights are known: stores, the bootstrap, tiers, dumps, the gateway.
    waits = 2 + len(tiers(settings)) + bool(settings.database.dump)
    for _ in range(waits + (settings.ingress.kind == "load_balancer")):
        yield Functions(component="bootstrap", memory_mib=SCRIPT_MIB, count=1)
    if settings.database.dump:
        yield DumpRuns(
            component="database",
            times_a_day=len(settings.database.dump.starts),
            vcpus=float(DUMP_VCPUS),
            memory_gib=DUMP_MEMORY_MIB / 1024,
        )


def _cluster(settings: Settings, control_plane: ControlPlaneArgs) -> Iterator[Thing]:
    """On Kubernetes the bootstrap and the dumps are pods on machines that are there anyway."""
    yield ControlPlane(component="cluster", version=control_plane.version)
    yield InnerBalancers(component="network", count=1)
    yield PrivateEndpoints(component="network", count=1)  # of its own, to the vault of its key
    # Who waits until its rights are known: stores, the cluster, its secrets, the gateway, dumps.
    for _ in range(4 + bool(settings.database.dump)):
        yield Functions(component="bootstrap", memory_mib=SCRIPT_MIB, count=1)
    yield Machines(
        component="cluster",
        type=SYSTEM_MACHINE,
        count=Span.fixed(SYSTEM_MACHINES),
        disk_gib=SYSTEM_DISK_GIB,
        disk_type=NODE_DISK_TYPE,
    )
    for role, tier in tiers(settings).items():
        yield tier_machines(role, tier, NODE_DISK_TYPE)
    yield from model_machines(settings, CATALOG, NODE_DISK_TYPE)
    kinds = {name: parameters["skuName"] for name, parameters in VOLUMES.items()}
    yield from model_volumes(settings.llm, CATALOG, kinds)


def _network(settings: Settings) -> Iterator[Thing]:
    ingress = settings.ingress
    apps = ingress.control_plane is None
    if apps and ingress.idle_timeout_seconds > INGRESS_IDLE_SECONDS:
        yield Machines(
            component="ingress", type=INGRESS_PROFILE_TYPE, count=Span.fixed(INGRESS_NODES)
        )
    behind = ingress.kind == "load_balancer"
    if behind:
        yield LoadBalancer(component="ingress", zones=1)
        yield PublicAddresses(component="network", count=1)
    if ingress.waf:
        yield Firewall(component="ingress", rules=_FIREWALL_RULES, managed_groups=0)
    yield NatGateways(component="network", count=1)
    yield PublicAddresses(component="network", count=1)
    endpoints = len(_ENDPOINTS) + (settings.cache.kind == "managed")
    # A zone for each kind of endpoint and for the database, and one for apps that have private
    # addresses alone.
    for _ in range(endpoints):
        yield PrivateEndpoints(component="network", count=1)
    for _ in range(endpoints + 1 + (behind and apps)):
        yield DnsZones(component="network", count=1)


def _data(settings: Settings) -> Iterator[Thing]:
    yield from _databases(settings)
    managed = settings.cache.kind == "managed"
    if managed:
        yield CacheNodes(
            component="cache",
            type=str(settings.cache.instance_type),
            count=Span.fixed(2 if settings.cache.nodes > 1 else 1),
        )
    redundancy = _redundancy(settings)
    yield Bucket(
        component="storage",
        holds="data",
        infrequent_access_days=settings.storage.infrequent_access_days,
        archive_days=settings.storage.archive_days,
        redundancy=redundancy,
    )
    if found := settings.database.dump:
        yield Dumps(
            component="database",
            times_a_day=len(found.starts),
            billed_days=found.retention_days
            + EXPIRED_VERSION_DAYS
            + min(settings.storage.noncurrent_expiration_days, MOST_SOFT_DELETE_DAYS),
            infrequent_access_days=settings.storage.infrequent_access_days,
            archive_days=settings.storage.archive_days,
            redundancy=redundancy,
        )
    if settings.queue.enabled:
        yield Queue(component="queue", fifo=settings.queue.fifo)
    yield Keys(component="secrets", count=1)
    keys = providers.secret_values(settings.llm)
    for _ in range(len(_OWN_SECRETS) + managed + len(keys)):
        yield Secrets(component="secrets", count=1)


def _databases(settings: Settings) -> Iterator[Thing]:
    """Replicas may be larger than the primary, before it grows."""
    options = _options(settings)
    primary, *replicas = database(settings.database, DATABASE_STORAGE_TYPE)
    yield primary
    disk = options.replica_storage_gib or settings.database.storage_gib
    for replica in replicas:
        yield replace(
            replica,
            type=options.replica_instance_type or replica.type,
            storage_gib=Span.of(disk, disk, max(disk, settings.database.max_storage_gib)),
        )


def _redundancy(settings: Settings) -> str:
    return SKUS[_options(settings).storage_redundancy]


def _options(settings: Settings) -> AzureOptions:
    options = settings.options
    if not isinstance(options, AzureOptions):
        raise TypeError("letta:azure holds the subscription; the settings demand it")
    return options


def _watching(settings: Settings) -> Iterator[Thing]:
    firewall: tuple[Holds, ...] = ("firewall",) if settings.ingress.waf else ()
    beside: Holds = "control_plane" if settings.ingress.control_plane else "bootstrap"
    kinds: tuple[Holds, ...] = ("servers", beside, *firewall)
    for holds in kinds:
        yield LogGroups(
            component="monitoring",
            holds=holds,
            count=1,
            retention_days=settings.monitoring.log_retention_days,
        )
    apps = settings.ingress.control_plane is None
    for _ in range(1 + apps + (settings.database.dump is not None)):
        yield Alarms(component="monitoring", count=1, on_logs=True)
    for _ in range(_alarms(settings)):
        yield Alarms(component="monitoring", count=1)


def _alarms(settings: Settings) -> int:
    if settings.ingress.control_plane:
        count = len(cluster_alarms.cluster())
    else:
        count = sum(len(alarm_tables.app(tier)) for tier in tiers(settings).values())
    if settings.ingress.kind == "load_balancer":
        count += len(alarm_tables.load_balancer())
    for number in range(1 + settings.database.read_replicas):
        count += len(
            alarm_tables.database(
                max_connections=1,
                max_storage_gib=settings.database.max_storage_gib,
                replica=number > 0,
            )
        )
    if settings.cache.kind == "managed":
        count += len(alarm_tables.cache())
    if settings.queue.enabled:
        count += len(alarm_tables.queue(_ANY, settings.queue))
    return count
