"""What Alibaba Cloud bills of a stack: type of resource -> what is read of it, or why it is free.

The bill is for one region. Of a type that stands in neither table nobody knows what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from components.workloads.cluster import POOL_LABEL
from policies.facts.alicloud import types
from policies.facts.alicloud.cluster import DEFAULT_LEVEL, VOLUME_TYPE
from policies.facts.alicloud.free import FREE
from policies.facts.alicloud.machines import labels
from policies.facts.alicloud.stores import ceiling_gib, days, rules
from policies.facts.billing import (
    Billing,
    NotPriced,
    Reader,
    Table,
    between,
    billing,
    require_own,
)
from policies.facts.dumps import billed_days
from policies.facts.graph import Graph
from policies.facts.kubernetes import billing as kubernetes
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Dump, Service
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived
from pricing.inventory import (
    POOLS,
    Bucket,
    CacheNodes,
    ControlPlane,
    DatabaseServer,
    Dumps,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PublicAddresses,
    Queue,
    Thing,
)
from pricing.span import Span
from pricing.tariffs.alicloud.names import HOLDS, disk

CLOUD = "alicloud"

_PROVIDER = "pulumi:providers:alicloud"
_POSTPAID = "Postpaid"
_ON_DEMAND = "NoSpot"


def read(
    graph: Graph,
    workloads: Iterable[Workload],
    services: Iterable[Service],
    dumps: tuple[Dump, ...],
) -> Billing:
    """What is billed of a stack on Alibaba Cloud."""
    found, tiers = tuple(workloads), tuple(services)
    return billing(
        graph,
        (kubernetes.table(graph, found, volume_type), _table(graph, found, tiers, dumps)),
        cloud=CLOUD,
        region=_region(graph),
        # Objects of this cloud name no region: they are in their provider's.
        elsewhere=lambda _resource: "",
        services=tiers,
    )


def _region(graph: Graph) -> str:
    """Of the provider that makes the network; another may tell the account's own service."""
    for network in graph.of("alicloud:vpc/network:Network"):
        for provider in graph.of(_PROVIDER):
            if provider.urn == network.provider:
                return provider.root.text("region")
    return ""


def _table(
    graph: Graph, found: tuple[Workload, ...], tiers: tuple[Service, ...], dumps: tuple[Dump, ...]
) -> Table:
    staying = kubernetes.staying(found)
    wanted = _wanted(tiers)
    readers: Mapping[str, Reader] = {
        types.ADDRESS: _address,
        types.BUCKET: partial(_bucket, graph, dumps=dumps),
        types.CACHE: _cache,
        types.CLUSTER: partial(_cluster, graph),
        types.DATABASE: partial(_database, graph),
        types.LOAD_BALANCER: _balancer,
        types.LOG_STORE: partial(_log_store, graph),
        types.NAT: _nat,
        types.NODE_POOL: partial(_node_pool, staying=staying, wanted=wanted),
        types.QUEUE: partial(_queue, graph),
        types.REPLICA: partial(_replica, graph),
    }
    return Table(readers=readers, free=FREE)


def volume_type(storage_class: Resource) -> str:
    """The kind of disk that a storage class makes, in the words of the price book."""
    parameters = storage_class.root.node("parameters")
    kind = parameters.text("type", VOLUME_TYPE)
    if kind != VOLUME_TYPE:
        raise NotPriced(f"prices are those of {VOLUME_TYPE}, and its disks are {kind}")
    return disk(parameters.text("performanceLevel", DEFAULT_LEVEL))


def _wanted(tiers: Iterable[Service]) -> Mapping[str, int]:
    """URN of a pool -> copies of the tier that runs there, each of which is counted a machine, as
    the stack file counts them (`infra/resolution.py`)."""

    def counted() -> Mapping[str, int]:
        most: dict[str, int] = {}
        for tier in tiers:
            for pool in tier.machines:
                most[pool.urn] = max(most.get(pool.urn, 0), tier.copies)
        return most

    return derived(counted)


def _node_pool(
    resource: Resource, *, staying: Mapping[str, int], wanted: Mapping[str, int]
) -> Iterator[Thing]:
    """A pool states its bounds alone: what is expected is what its pods ask for at first."""
    root = resource.root
    kinds = root.texts("instanceTypes")
    if len(kinds) != 1:
        raise NotPriced("it names more than one machine type, whose prices differ")
    if root.text("systemDiskCategory", VOLUME_TYPE) != VOLUME_TYPE:
        raise NotPriced(f"prices are those of disks of {VOLUME_TYPE}")
    if root.given("dataDisks"):
        raise NotPriced("its machines have further disks")
    if root.given("internetMaxBandwidthOut") and root.integer("internetMaxBandwidthOut"):
        raise NotPriced("its machines have public addresses")
    least = root.integer("scalingConfig.minSize")
    floor = least or staying.get(resource.urn, 0)
    yield Machines(
        component=POOLS.get(labels(root).get(POOL_LABEL, ""), "cluster"),
        name=resource.name,
        urn=resource.urn,
        type=kinds[0],
        count=between(floor, wanted.get(resource.urn, 0), root.integer("scalingConfig.maxSize")),
        spot=root.text("spotStrategy", _ON_DEMAND) != _ON_DEMAND,
        disk_gib=root.integer("systemDiskSize"),
        disk_type=disk(root.text("systemDiskPerformanceLevel", DEFAULT_LEVEL)),
    )


def _cluster(graph: Graph, resource: Resource) -> Iterator[Thing]:
    root = resource.root
    if not root.text("clusterSpec").startswith("ack.pro.small"):
        raise NotPriced("prices are those of the edition ack.pro.small")
    version = root.text("version")
    yield ControlPlane(
        component="cluster",
        name=resource.name,
        urn=resource.urn,
        version=".".join(version.split(".")[:2]),
    )
    if root.given("controlPlaneLogComponents"):
        require_own(graph, resource, "how much it logs")
        yield LogGroups(
            component="monitoring",
            name=resource.name,
            urn=resource.urn,
            holds="control_plane",
            count=1,
            retention_days=root.integer("controlPlaneLogTtl", 30),
        )


def _server(resource: Resource, *, high_availability: bool, days_kept: int) -> DatabaseServer:
    root = resource.root
    if root.text("instanceChargeType", _POSTPAID) != _POSTPAID:
        raise NotPriced("prices are those of servers that are paid for by the hour")
    gib = root.integer("instanceStorage")
    return DatabaseServer(
        component="database",
        name=resource.name,
        urn=resource.urn,
        type=root.text("instanceType"),
        high_availability=high_availability,
        storage_gib=between(gib, gib, ceiling_gib(root) or gib),
        storage_type=root.text("dbInstanceStorageType"),
        backup_retention_days=days_kept,
        version=root.text("engineVersion").partition(".")[0],
    )


def _database(graph: Graph, resource: Resource) -> Iterator[Thing]:
    if resource.root.text("category") != "HighAvailability":
        raise NotPriced("prices are those of the edition HighAvailability")
    policies = graph.referring(resource, "instanceId", types.BACKUP_POLICY)
    kept = max((one.root.integer("backupRetentionPeriod", 7) for one in policies), default=7)
    yield _server(resource, high_availability=True, days_kept=kept)


def _replica(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """Its disk follows that of the primary."""
    server = _server(resource, high_availability=False, days_kept=0)
    for primary in graph.referred(resource, "masterDbInstanceId", types.DATABASE):
        most = _server(primary, high_availability=True, days_kept=0).storage_gib.ceiling
        gib = int(server.storage_gib.floor)
        yield DatabaseServer(
            component=server.component,
            name=server.name,
            urn=server.urn,
            type=server.type,
            high_availability=False,
            storage_gib=between(gib, gib, int(most)),
            storage_type=server.storage_type,
            backup_retention_days=0,
            version=server.version,
        )


def _cache(resource: Resource) -> Iterator[Thing]:
    """The price of a class has its standby in it."""
    if resource.root.text("paymentType", "PostPaid") != "PostPaid":
        raise NotPriced("prices are those of caches that are paid for by the hour")
    yield CacheNodes(
        component="cache",
        name=resource.name,
        urn=resource.urn,
        type=resource.root.text("instanceClass"),
        count=Span.fixed(1),
    )


def _bucket(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    require_own(graph, resource, "what it will hold")
    ageing = [rule for rule in rules(resource) if not rule.text("prefix")]
    infrequent, archive = (_age(ageing, kind) for kind in ("IA", "Archive"))
    yield Bucket(
        component="storage",
        name=resource.name,
        urn=resource.urn,
        holds="data",
        infrequent_access_days=infrequent,
        archive_days=archive,
    )
    for dump in dumps:
        if resource.urn in dump.buckets:
            if not dump.times_a_day:
                raise NotPriced("dumps come to it at other times than some of every day")
            yield Dumps(
                component="database",
                name=resource.name,
                urn=resource.urn,
                times_a_day=dump.times_a_day,
                billed_days=billed_days(dump),
                infrequent_access_days=infrequent,
                archive_days=archive,
            )


def _age(found: Iterable[Node], storage_class: str) -> int:
    ages = (days(rule, "transitions", storage_class) for rule in found)
    return min((age for age in ages if age), default=0)


def _balancer(resource: Resource) -> Iterator[Thing]:
    if resource.root.text("loadBalancerEdition") != "Standard":
        raise NotPriced("prices are those of the edition Standard")
    yield LoadBalancer(
        component="ingress",
        name=resource.name,
        urn=resource.urn,
        zones=len(resource.root.nodes("zoneMappings")),
    )


def _nat(resource: Resource) -> Iterator[Thing]:
    if resource.root.text("internetChargeType", "PayByLcu") != "PayByLcu":
        raise NotPriced("prices are those of gateways that are paid for by use")
    yield NatGateways(component="network", name=resource.name, urn=resource.urn, count=1)


def _address(resource: Resource) -> Iterator[Thing]:
    if resource.root.text("internetChargeType") != "PayByTraffic":
        raise NotPriced("prices are those of addresses whose traffic is paid for")
    yield PublicAddresses(component="network", name=resource.name, urn=resource.urn, count=1)


def _queue(graph: Graph, resource: Resource) -> Iterator[Thing]:
    require_own(graph, resource, "how much it is used")
    yield Queue(
        component="queue",
        name=resource.name,
        urn=resource.urn,
        fifo=resource.root.text("queueType", "normal") == "fifo",
    )


def _log_store(graph: Graph, resource: Resource) -> Iterator[Thing]:
    require_own(graph, resource, "how much is written to it")
    yield LogGroups(
        component="monitoring",
        name=resource.name,
        urn=resource.urn,
        holds=HOLDS.get(resource.root.text("logstoreName"), "other"),
        count=1,
        retention_days=resource.root.integer("retentionPeriod", 30),
    )
