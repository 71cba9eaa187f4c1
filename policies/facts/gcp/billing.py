"""What Google bills of a stack: type of resource -> what is read of it, or why it is free.

The bill is for one region. Of a type that stands in neither table nobody knows what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from components.gcp.log_streams import APPLICATION, SYSTEM
from components.workloads.cluster import POOL_LABEL
from policies.facts import roles
from policies.facts.billing import NotPriced, Reader, Table, between, require_own
from policies.facts.dumps import billed, made_by
from policies.facts.gcp import machines, types
from policies.facts.gcp.cluster import DISK_TYPE
from policies.facts.gcp.containers import task
from policies.facts.gcp.free import FREE
from policies.facts.gcp.services import MOST_COPIES
from policies.facts.graph import Graph
from policies.facts.kubernetes import billing as clusters
from policies.facts.model import Dump
from policies.facts.resource import Resource
from pricing.inventory import (
    POOLS,
    Alarms,
    Bucket,
    CacheNodes,
    ControlPlane,
    CustomMetrics,
    DatabaseServer,
    DumpRuns,
    Firewall,
    Functions,
    Holds,
    Keys,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
)
from pricing.span import Span

CLOUD = "gcp"

_PROVIDER = "pulumi:providers:gcp"
_ADDRESS = "gcp:compute/address:Address"
_NAT = "gcp:compute/routerNat:RouterNat"
_TOPIC = "gcp:pubsub/topic:Topic"
_SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
_STORAGE = "PD_SSD"
_INFREQUENT_ACCESS = "NEARLINE"
_ARCHIVE = "COLDLINE"
_CHEAPER = (_INFREQUENT_ACCESS, _ARCHIVE)
_STREAMS: Mapping[str, str] = {"-api": "api", "-worker": "worker"}
"""End of the name of a log bucket -> the tier that writes to it."""
_OF_CLUSTER: Mapping[str, Holds] = {f"-{APPLICATION}": "servers", f"-{SYSTEM}": "control_plane"}
"""The same of the log buckets of a cluster -> what they hold."""
_NODE_DISK_GIB, _NODE_DISK_TYPE = 100, "pd-balanced"
"""Disk of a node whose pool states none (Kubernetes Engine API, `NodeConfig`)."""


def _region(graph: Graph) -> str:
    for provider in graph.of(_PROVIDER):
        if provider.root.given("region"):
            return provider.root.text("region")
    return ""


def _elsewhere(region: str, resource: Resource) -> str:
    """Why a resource cannot be billed as one of the stack's region."""
    for name in ("region", "location"):
        if resource.root.stated(name):
            stated = resource.root.text(name).lower()
            if stated not in (region, "global"):
                return f"it is in {stated}, and the bill is for {region}"
    return ""


def _table(graph: Graph, staying: Mapping[str, int], dumps: tuple[Dump, ...]) -> Table:
    """`staying`: URN of a pool -> pods that always run there."""
    readers: Mapping[str, Reader] = {
        _ADDRESS: _address,
        _NAT: _nat,
        _TOPIC: partial(_topic, graph),
        types.ALERT: _alarm,
        types.BUCKET: partial(_bucket, graph, dumps=dumps),
        types.CACHE: _cache,
        types.CLUSTER: _control_plane,
        types.DATABASE: partial(_database, graph),
        types.JOB: partial(_job, graph),
        types.KEY: _key,
        types.LOG_BUCKET: partial(_log_bucket, graph),
        types.METRIC: _metric,
        types.NODE_POOL: partial(_node_pool, staying=staying),
        types.SCHEDULE: partial(_schedule, graph, dumps=dumps),
        types.SECRET: _secret,
        types.SECURITY_POLICY: _firewall,
        types.SERVICE: partial(_service, graph),
        types.URL_MAP: _balancer,
    }
    return Table(readers=readers, free=FREE)


def _service(graph: Graph, resource: Resource) -> Iterator[Thing]:
    template = resource.root.node("template")
    copy = task(resource, template)
    for container in template.nodes("containers"):
        if container.flag("resources.cpuIdle", default=True):
            raise NotPriced("prices are those of CPU that is always allocated")
    least = template.integer("scaling.minInstanceCount")
    most = template.integer("scaling.maxInstanceCount", MOST_COPIES)
    yield ServerlessCopies(
        component=roles.of(graph, resource) or "api",
        name=resource.name,
        urn=resource.urn,
        vcpus=copy.vcpus,
        memory_gib=copy.memory_mib / 1024,
        count=between(least, least, most),
    )


def _job(graph: Graph, resource: Resource) -> Iterator[Thing]:
    if graph.referring(resource, "httpTarget", types.SCHEDULE):
        return  # billed with its schedule
    require_own(graph, resource, "how often it runs")
    copy = task(resource, resource.root.node("template.template"))
    yield Functions(
        component="bootstrap",
        name=resource.name,
        urn=resource.urn,
        memory_mib=int(copy.memory_mib),
        count=1,
    )


def _schedule(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    """The runs of a dump. The first three schedules of a billing account are free (Cloud Scheduler
    pricing)."""
    dump = made_by(resource, dumps)
    if dump is None:
        raise NotPriced("how long what it starts runs is not known")
    [job] = graph.referred(resource, "httpTarget", types.JOB)
    copy = task(job, job.root.node("template.template"))
    yield DumpRuns(
        component="database",
        name=resource.name,
        urn=resource.urn,
        times_a_day=dump.times_a_day,
        vcpus=copy.vcpus,
        memory_gib=copy.memory_mib / 1024,
    )


def _control_plane(cluster: Resource) -> Iterator[Thing]:
    if cluster.root.flag("enableAutopilot"):
        raise NotPriced("machines of Autopilot are billed by the pod")
    yield ControlPlane(
        component="cluster",
        name=cluster.name,
        urn=cluster.urn,
        version=cluster.root.text("minMasterVersion"),
    )


def _node_pool(pool: Resource, staying: Mapping[str, int]) -> Iterator[Thing]:
    config = pool.root.node("nodeConfig")
    least, most = machines.bounds(pool)
    # A pool that may be empty is not while pods must run on it.
    floor = least or min(staying.get(pool.urn, 0), most)
    yield Machines(
        component=POOLS.get(config.mapping("labels").get(POOL_LABEL, ""), "cluster"),
        name=pool.name,
        urn=pool.urn,
        type=machines.kind_of(pool),
        count=between(floor, min(max(machines.first(pool), floor), most), most),
        spot=config.flag("spot"),
        disk_gib=config.integer("diskSizeGb", _NODE_DISK_GIB),
        disk_type=config.text("diskType", _NODE_DISK_TYPE),
    )


def _volume_type(storage_class: Resource) -> str:
    """The kind of disk that a storage class makes."""
    kind = storage_class.root.node("parameters").text("type", DISK_TYPE)
    if not kind.startswith("pd-") or kind == "pd-extreme":
        raise NotPriced(f"the speed of {kind} disks is billed beside their size")
    return kind


def _database(graph: Graph, resource: Resource) -> Iterator[Thing]:
    settings = resource.root.node("settings")
    storage = settings.text("diskType", _STORAGE)
    if storage != _STORAGE:
        raise NotPriced(f"prices are those of {_STORAGE}, and its disk is {storage}")
    if settings.text("edition") != "ENTERPRISE":
        raise NotPriced("prices are those of the edition ENTERPRISE")
    replica = resource.root.given("masterInstanceName")
    backup = settings.node("backupConfiguration")
    days = backup.integer("backupRetentionSettings.retainedBackups", 7)
    gib = settings.integer("diskSize", 10)
    grows = settings.flag("diskAutoresize", default=True)
    version = resource.root.text("databaseVersion").rpartition("_")[2]
    yield DatabaseServer(
        component="database",
        name=resource.name,
        urn=resource.urn,
        type=settings.text("tier"),
        high_availability=settings.text("availabilityType", "ZONAL") == "REGIONAL",
        storage_gib=between(gib, gib, settings.integer("diskAutoresizeLimit") if grows else gib),
        storage_type=storage,
        backup_retention_days=days if backup.flag("enabled") and not replica else 0,
        version=version,
    )


def _cache(resource: Resource) -> Iterator[Thing]:
    root = resource.root
    highly_available = root.text("tier", "BASIC") == "STANDARD_HA"
    replicas = root.integer("replicaCount", 1) if root.stated("replicaCount") else 1
    yield CacheNodes(
        component="cache",
        name=resource.name,
        urn=resource.urn,
        type=f"redis-{root.integer('memorySizeGb')}",
        count=Span.fixed(1 + replicas if highly_available else 1),
    )


def _bucket(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    require_own(graph, resource, "what it will hold")
    ages: dict[str, int] = {}
    for rule in resource.root.nodes("lifecycleRules"):
        if rule.text("action.type") == "SetStorageClass":
            kind = rule.text("action.storageClass")
            if kind not in _CHEAPER:
                raise NotPriced(
                    f"objects move to {kind}, and there are prices for {' and '.join(_CHEAPER)}"
                )
            ages[kind] = rule.integer("condition.age")
    cool, archive = ages.get(_INFREQUENT_ACCESS, 0), ages.get(_ARCHIVE, 0)
    yield Bucket(
        component="storage",
        name=resource.name,
        urn=resource.urn,
        holds="data",
        infrequent_access_days=cool,
        archive_days=archive,
    )
    yield from billed(resource, dumps, infrequent_access_days=cool, archive_days=archive)


def _balancer(resource: Resource) -> Iterator[Thing]:
    """A URL map that only redirects shares the price of the first five rules."""
    if not resource.root.given("defaultUrlRedirect"):
        yield LoadBalancer(component="ingress", name=resource.name, urn=resource.urn, zones=1)


def _firewall(resource: Resource) -> Iterator[Thing]:
    yield Firewall(
        component="ingress",
        name=resource.name,
        urn=resource.urn,
        rules=len(resource.root.nodes("rules")),
        managed_groups=0,
    )


def _nat(resource: Resource) -> Iterator[Thing]:
    yield NatGateways(component="network", name=resource.name, urn=resource.urn, count=1)


def _address(resource: Resource) -> Iterable[Thing]:
    if resource.root.text("addressType", "EXTERNAL") == "EXTERNAL":
        yield PublicAddresses(component="network", name=resource.name, urn=resource.urn, count=1)


def _key(resource: Resource) -> Iterator[Thing]:
    yield Keys(component="secrets", name=resource.name, urn=resource.urn, count=1)


def _secret(resource: Resource) -> Iterator[Thing]:
    replicas = resource.root.nodes("replication.userManaged.replicas")
    if len(replicas) > 1:
        raise NotPriced("it has copies in other regions")
    yield Secrets(component="secrets", name=resource.name, urn=resource.urn, count=1)


def _topic(graph: Graph, resource: Resource) -> Iterator[Thing]:
    require_own(graph, resource, "how much it is used")
    yield Queue(
        component="queue",
        name=resource.name,
        urn=resource.urn,
        fifo=any(
            one.root.flag("enableMessageOrdering")
            for one in graph.referring(resource, "topic", _SUBSCRIPTION)
        ),
    )


def _log_bucket(graph: Graph, resource: Resource) -> Iterator[Thing]:
    require_own(graph, resource, "how much is written to it")
    writers = {roles.of(graph, service) for service in graph.of(types.SERVICE)}
    holds = next((held for end, held in _OF_CLUSTER.items() if resource.name.endswith(end)), None)
    stream = next((role for end, role in _STREAMS.items() if resource.name.endswith(end)), "")
    yield LogGroups(
        component="monitoring",
        name=resource.name,
        urn=resource.urn,
        holds=holds or ("bootstrap" if not stream else "servers" if stream in writers else "other"),
        count=1,
        retention_days=resource.root.integer("retentionDays", 30),
    )


def _metric(resource: Resource) -> Iterator[Thing]:
    yield CustomMetrics(component="monitoring", name=resource.name, urn=resource.urn, count=1)


def _alarm(resource: Resource) -> Iterator[Thing]:
    yield Alarms(
        component="monitoring",
        name=resource.name,
        urn=resource.urn,
        count=len(resource.root.nodes("conditions")),
    )


read: Final = clusters.Biller(
    cloud=CLOUD,
    table=_table,
    volume_type=_volume_type,
    region=_region,
    elsewhere=_elsewhere,
).read
