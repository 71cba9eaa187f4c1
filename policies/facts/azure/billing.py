"""What Azure bills of a stack: type of resource -> what is read of it, or why it is free.

The bill is for one region. Of a type that stands in neither table nobody knows what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from components.azure.fixed import (
    DATABASE_STORAGE_TYPE,
    GATEWAY_CAPACITY,
)
from policies.facts.azure import billing_servers, types
from policies.facts.azure.ageing import rules_for
from policies.facts.azure.cluster import DISK_TYPE
from policies.facts.azure.free import FREE
from policies.facts.azure.stores import is_replica, most_storage_gib
from policies.facts.billing import NotPriced, Reader, Table, between, require_own
from policies.facts.dumps import billed_days
from policies.facts.graph import Graph
from policies.facts.kubernetes import billing as clusters
from policies.facts.kubernetes.types import SERVICE
from policies.facts.model import Dump
from policies.facts.resource import Resource
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    DatabaseServer,
    DnsZones,
    Dumps,
    Firewall,
    Keys,
    LoadBalancer,
    LogGroups,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Queue,
    Secrets,
    Thing,
)
from pricing.span import Span

CLOUD = "azure"


_PROVIDER = "pulumi:providers:azure-native"
_ADDRESS = "azure-native:network:PublicIPAddress"
_ENDPOINT = "azure-native:network:PrivateEndpoint"
_NAT = "azure-native:network:NatGateway"
_NAMESPACE = "azure-native:servicebus:Namespace"
_ZONES = ("azure-native:privatedns:PrivateZone", "azure-native:dns:Zone")
_REDUNDANCIES = ("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS")


def _region(graph: Graph) -> str:
    for provider in graph.of(_PROVIDER):
        if provider.root.given("location"):
            return provider.root.text("location")
    return ""


def _elsewhere(region: str, resource: Resource) -> str:
    """Why a resource cannot be billed as one of the stack's region."""
    if resource.root.stated("location"):
        stated = resource.root.text("location").lower()
        if stated not in (region, "global"):
            return f"it is in {stated}, and the bill is for {region}"
    return ""


def _table(graph: Graph, staying: Mapping[str, int], dumps: tuple[Dump, ...]) -> Table:
    """`staying`: URN of a pool -> pods that always run there."""
    readers: Mapping[str, Reader] = {
        _ADDRESS: _address,
        _ENDPOINT: _endpoint,
        _NAMESPACE: partial(_queue, graph),
        _NAT: _nat,
        **dict.fromkeys(_ZONES, _zone),
        types.ACCOUNT: partial(_account, graph, dumps=dumps),
        types.APP: partial(billing_servers.app, graph),
        types.CACHE: _cache,
        SERVICE: billing_servers.service,
        types.CLUSTER: partial(billing_servers.cluster, graph, staying=staying),
        types.DATABASE: partial(_database, graph),
        types.ENVIRONMENT: billing_servers.environment,
        types.FIREWALL: _firewall,
        types.GATEWAY: _gateway,
        types.JOB: partial(billing_servers.job, graph, dumps=dumps),
        types.KEY: _key,
        types.METRIC_ALERT: _alarm,
        types.NODE_POOL: partial(billing_servers.node_pool, staying=staying),
        types.QUERY_ALERT: _alarm_on_logs,
        types.SCRIPT: partial(billing_servers.script, graph),
        types.SECRET: _secret,
        types.WORKSPACE: partial(_workspace, graph),
    }
    return Table(readers=readers, free=FREE)


def _volume_type(storage_class: Resource) -> str:
    """The kind of disk that a storage class makes."""
    return storage_class.root.node("parameters").text("skuName", DISK_TYPE)


def _database(graph: Graph, resource: Resource) -> Iterator[Thing]:
    root = resource.root
    storage = root.text("storage.type", DATABASE_STORAGE_TYPE)
    if storage != DATABASE_STORAGE_TYPE:
        raise NotPriced(f"prices are those of {DATABASE_STORAGE_TYPE}, and its disk is {storage}")
    mode = root.text("highAvailability.mode", "Disabled")
    replica = is_replica(resource)
    if root.text("backup.geoRedundantBackup", "Disabled") != "Disabled":
        raise NotPriced("its backups have copies in another region")
    gib = root.integer("storage.storageSizeGB", 32)
    grows = root.text("storage.autoGrow", "Disabled") == "Enabled"
    yield DatabaseServer(
        component="database",
        name=resource.name,
        urn=resource.urn,
        type=root.text("sku.name"),
        high_availability=mode != "Disabled",
        storage_gib=between(gib, gib, most_storage_gib(graph, resource) if grows else gib),
        storage_type=storage,
        backup_retention_days=0 if replica else root.integer("backup.backupRetentionDays", 7),
        version=_version(graph, resource),
    )


def _version(graph: Graph, resource: Resource) -> str:
    """A replica is of its primary's version."""
    for source in graph.referred(resource, "sourceServerResourceId", types.DATABASE):
        return source.root.text("version")
    return resource.root.text("version")


def _cache(resource: Resource) -> Iterator[Thing]:
    root = resource.root
    twice = root.text("highAvailability", "Enabled") == "Enabled"
    yield CacheNodes(
        component="cache",
        name=resource.name,
        urn=resource.urn,
        type=root.text("sku.name"),
        count=Span.fixed(2 if twice else 1),
    )


def _account(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    require_own(graph, resource, "what it will hold")
    kind = resource.root.text("sku.name")
    if kind not in _REDUNDANCIES:
        raise NotPriced(f"there are no prices for {kind}")
    policies = graph.referring(resource, "accountName", types.LIFECYCLE)
    ages = [rules_for(policy, "") for policy in policies]
    cooled = max((one.cooled_days for one in ages), default=0)
    archived = max((one.archived_days for one in ages), default=0)
    yield Bucket(
        component="storage",
        name=resource.name,
        urn=resource.urn,
        holds="data",
        infrequent_access_days=cooled,
        archive_days=archived,
        redundancy=kind,
    )
    for dump in dumps:
        if resource.urn in dump.buckets:
            yield Dumps(
                component="database",
                name=resource.name,
                urn=resource.urn,
                times_a_day=dump.times_a_day,
                billed_days=billed_days(dump),
                infrequent_access_days=cooled,
                archive_days=archived,
                redundancy=kind,
            )


def _gateway(resource: Resource) -> Iterator[Thing]:
    least = resource.root.integer("autoscaleConfiguration.minCapacity", GATEWAY_CAPACITY[0])
    if least != GATEWAY_CAPACITY[0] or not resource.root.given("autoscaleConfiguration"):
        raise NotPriced(f"prices are those of {GATEWAY_CAPACITY[0]} instances at least")
    yield LoadBalancer(component="ingress", name=resource.name, urn=resource.urn, zones=1)


def _firewall(resource: Resource) -> Iterator[Thing]:
    root = resource.root
    yield Firewall(
        component="ingress",
        name=resource.name,
        urn=resource.urn,
        rules=len(root.nodes("customRules")) + len(root.nodes("managedRules.managedRuleSets")),
        managed_groups=0,
    )


def _nat(resource: Resource) -> Iterator[Thing]:
    yield NatGateways(component="network", name=resource.name, urn=resource.urn, count=1)


def _address(resource: Resource) -> Iterable[Thing]:
    yield PublicAddresses(component="network", name=resource.name, urn=resource.urn, count=1)


def _endpoint(resource: Resource) -> Iterable[Thing]:
    yield PrivateEndpoints(component="network", name=resource.name, urn=resource.urn, count=1)


def _zone(resource: Resource) -> Iterable[Thing]:
    yield DnsZones(component="network", name=resource.name, urn=resource.urn, count=1)


def _key(resource: Resource) -> Iterator[Thing]:
    yield Keys(component="secrets", name=resource.name, urn=resource.urn, count=1)


def _secret(resource: Resource) -> Iterator[Thing]:
    yield Secrets(component="secrets", name=resource.name, urn=resource.urn, count=1)


def _queue(graph: Graph, resource: Resource) -> Iterator[Thing]:
    require_own(graph, resource, "how much it is used")
    kind = resource.root.text("sku.name")
    if kind != "Standard":
        raise NotPriced(f"prices are those of the tier Standard, and it is {kind}")
    yield Queue(
        component="queue",
        name=resource.name,
        urn=resource.urn,
        fifo=any(
            one.root.flag("requiresSession")
            for one in graph.referring(resource, "namespaceName", "azure-native:servicebus:Queue")
        ),
    )


def _workspace(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """One workspace takes the lines of all: those of the servers, and of what runs once or of the
    cluster that it runs on."""
    require_own(graph, resource, "how much is written to it")
    days = resource.root.integer("retentionInDays", 30)
    firewall = graph.of(types.FIREWALL)
    beside = "control_plane" if graph.of(types.CLUSTER) else "bootstrap"
    for holds in ("servers", beside, *(["firewall"] if firewall else [])):
        yield LogGroups(
            component="monitoring",
            name=resource.name,
            urn=resource.urn,
            holds=holds,  # type: ignore[arg-type]
            count=1,
            retention_days=days,
        )


def _alarm(resource: Resource) -> Iterator[Thing]:
    yield Alarms(
        component="monitoring",
        name=resource.name,
        urn=resource.urn,
        count=len(resource.root.nodes("criteria.allOf")),
    )


def _alarm_on_logs(resource: Resource) -> Iterator[Thing]:
    yield Alarms(
        component="monitoring", name=resource.name, urn=resource.urn, count=1, on_logs=True
    )


read: Final = clusters.Biller(
    cloud=CLOUD,
    table=_table,
    volume_type=_volume_type,
    region=_region,
    elsewhere=_elsewhere,
).read
