"""Where data is kept, and the keys to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from policies.facts.aws import types
from policies.facts.aws.billing.disks import disk
from policies.facts.billing import NotPriced, between, require_own
from policies.facts.dumps import billed
from policies.facts.graph import Graph
from policies.facts.model import Dump
from policies.facts.resource import Node, Resource
from pricing.inventory import (
    Bucket,
    CacheNodes,
    Component,
    DatabaseServer,
    Keys,
    Queue,
    Secrets,
    Thing,
    Volumes,
)
from pricing.span import Span

CACHE_CLUSTER = "aws:elasticache/cluster:Cluster"
PARAMETER = "aws:ssm/parameter:Parameter"
QUEUE = "aws:sqs/queue:Queue"
VOLUME = "aws:ebs/volume:Volume"

_POSTGRES = "postgres"
_INSIGHTS = "databaseInsightsMode"
_DATABASE_STORAGE = ("gp2", "gp3")
_FREE_INSIGHTS_DAYS = 7
_DAYS_A_MONTH = 31
"""Of the retention of Performance Insights, which is 7 days, or months of 31 days, or 731 days
(RDS API reference, "CreateDBInstance")."""
_REDIS: tuple[Literal["redis", "valkey"], ...] = ("redis", "valkey")
_INFREQUENT_ACCESS = "STANDARD_IA"
_ARCHIVE = "GLACIER"
_WRITERS = (
    (types.LOAD_BALANCER, "accessLogs"),
    ("aws:s3/bucketLogging:BucketLogging", "targetBucket"),
)
"""Type, and its property that names where it writes access logs."""
_NARROWER = ("prefix", "filter.prefix", "filter.tag.key", "filter.and.prefix")
"""What of a lifecycle rule makes it one for some objects alone."""
_GP3_BASE = ((400, 12_000, 500), (0, 3000, 125))
"""Size in GiB from which gp3 storage of PostgreSQL comes with so many IOPS and MB/s (RDS user
guide, "General Purpose SSD storage")."""
_FREE_PARAMETERS = "Standard"


def database(graph: Graph, server: Resource) -> Iterator[Thing]:
    """A PostgreSQL server, or a replica of one."""
    root = server.root
    source = _source(graph, server)
    origin = source.root
    _require_postgres(origin)
    storage = root.text("storageType") if root.stated("storageType") else "gp2"
    if storage not in _DATABASE_STORAGE:
        raise NotPriced("its storage is not billed by its size alone")
    if root.flag("dedicatedLogVolume"):
        raise NotPriced("it has a volume of its own for its log")
    if root.stated(_INSIGHTS) and root.text(_INSIGHTS) == "advanced":
        raise NotPriced("the advanced mode of Database Insights is billed by the vCPU")
    # A replica that states none is as large as its source.
    sized = root if root.stated("allocatedStorage") else origin
    if not sized.stated("allocatedStorage"):
        raise NotPriced("the size of its storage is not stated")
    gib = sized.integer("allocatedStorage")
    if _beyond_base(root, storage, gib):
        raise NotPriced("it has more IOPS or throughput than come with its storage")
    yield DatabaseServer(
        component="database",
        name=server.name,
        urn=server.urn,
        type=root.text("instanceClass"),
        high_availability=root.stated("multiAz") and root.flag("multiAz"),
        storage_gib=between(gib, gib, root.integer("maxAllocatedStorage")),
        storage_type=storage,
        backup_retention_days=_stated(root, "backupRetentionPeriod"),
        insights_months=_insights_months(root),
        version=_major(origin.text("engineVersion")) if origin.stated("engineVersion") else "",
    )


def _source(graph: Graph, server: Resource) -> Resource:
    """What it is a replica of, or itself."""
    if not server.root.given("replicateSourceDb"):
        return server
    found = graph.referred(server, "replicateSourceDb", types.DATABASE)
    if not found:
        raise NotPriced("what it is a replica of is not part of this stack")
    return found[0]


def _require_postgres(root: Node) -> None:
    engine = root.text("engine")
    if engine != _POSTGRES:
        raise NotPriced(f"prices are those of PostgreSQL, and its engine is {engine}")


def _beyond_base(root: Node, storage: str, gib: int) -> bool:
    """Whether speed is paid for. A server that exists tells the speed it has, ordered or not."""
    base = _GP3_BASE if storage == "gp3" else ((0, 0, 0),)
    iops, megabytes = next((iops, speed) for least, iops, speed in base if gib >= least)
    return _stated(root, "iops") > iops or _stated(root, "storageThroughput") > megabytes


def _stated(root: Node, name: str) -> int:
    return root.integer(name) if root.stated(name) else 0


def _insights_months(root: Node) -> int:
    if not root.flag("performanceInsightsEnabled"):
        return 0
    days = _stated(root, "performanceInsightsRetentionPeriod")
    return 0 if days <= _FREE_INSIGHTS_DAYS else -(-days // _DAYS_A_MONTH)


def _major(version: str) -> str:
    return version.partition(".")[0]


def cache(group: Resource) -> Iterator[Thing]:
    """The nodes of a Redis with its replicas."""
    root = group.root
    yield _nodes(group, root.text("engine", "redis"), _node_count(root))


def _node_count(root: Node) -> int:
    if root.stated("numCacheClusters"):
        return root.integer("numCacheClusters")
    shards = root.integer("numNodeGroups") if root.stated("numNodeGroups") else 1
    return shards * (1 + _stated(root, "replicasPerNodeGroup"))


def cache_cluster(cluster: Resource) -> Iterator[Thing]:
    """The nodes of a Redis without replicas."""
    if cluster.root.given("replicationGroupId"):
        raise NotPriced("it is one more replica of a group, which states its size")
    nodes = cluster.root.integer("numCacheNodes", 1)
    yield _nodes(cluster, cluster.root.text("engine"), nodes)


def _nodes(resource: Resource, engine: str, count: int) -> CacheNodes:
    named = next((one for one in _REDIS if one == engine), None)
    if named is None:
        raise NotPriced(f"prices are those of Redis and Valkey, and its engine is {engine}")
    return CacheNodes(
        component="cache",
        name=resource.name,
        urn=resource.urn,
        type=resource.root.text("nodeType"),
        count=Span.fixed(int(count)),
        engine=named,
        snapshot_retention_days=_stated(resource.root, "snapshotRetentionLimit"),
    )


def bucket(
    graph: Graph, resource: Resource, of_logs: frozenset[str], dumps: tuple[Dump, ...]
) -> Iterator[Thing]:
    """Object storage, and the dumps in it. `of_logs`: URNs of the buckets that access logs go
    to."""
    require_own(graph, resource, "what it will hold")
    logs = resource.urn in of_logs
    component: Component = "ingress" if logs else "storage"
    rules = [
        rule
        for one in graph.referring(resource, "bucket", types.BUCKET_LIFECYCLE)
        for rule in one.root.nodes("rules")
        if rule.text("status") == "Enabled" and _for_all(rule)
    ]
    ages = {name: days for rule in rules for name, days in _ages(rule)}
    infrequent, archive = ages.get(_INFREQUENT_ACCESS, 0), ages.get(_ARCHIVE, 0)
    yield Bucket(
        component=component,
        name=resource.name,
        urn=resource.urn,
        holds="logs" if logs else "data",
        infrequent_access_days=infrequent,
        archive_days=archive,
        expiration_days=max((_stated(rule, "expiration.days") for rule in rules), default=0),
    )
    yield from billed(resource, dumps, infrequent_access_days=infrequent, archive_days=archive)


def _for_all(rule: Node) -> bool:
    return not any(rule.stated(path) for path in _NARROWER)


def _ages(rule: Node) -> Iterator[tuple[str, int]]:
    """Storage class -> days, of a rule for all objects."""
    for transition in rule.nodes("transitions"):
        if transition.given("date"):
            raise NotPriced("objects move on a day, not at an age")
        named = transition.text("storageClass")
        if named not in (_INFREQUENT_ACCESS, _ARCHIVE):
            raise NotPriced(
                f"objects move to {named}, and there are prices for "
                f"{_INFREQUENT_ACCESS} and {_ARCHIVE}"
            )
        yield named, transition.integer("days")


def access_log_buckets(graph: Graph) -> frozenset[str]:
    """URNs of the buckets that load balancers and other buckets write access logs to."""
    return frozenset(
        bucket.urn
        for writer, name in _WRITERS
        for one in graph.of(writer)
        for bucket in graph.referred(one, name, types.BUCKET, via=(types.BUCKET_POLICY,))
    )


def volume(resource: Resource) -> Iterator[Thing]:
    """A disk without a machine of its own."""
    found = disk(resource.root, "size", "type")
    yield Volumes(
        component="cluster",
        name=resource.name,
        urn=resource.urn,
        type=found.type,
        gib=Span.fixed(int(found.gib)),
    )


def key(resource: Resource) -> Iterator[Thing]:
    """An encryption key."""
    yield Keys(component="secrets", name=resource.name, urn=resource.urn, count=1)


def secret(resource: Resource) -> Iterator[Thing]:
    """An entry of the secret store."""
    if resource.root.stated("replicas"):
        raise NotPriced("it has copies in other regions")
    yield Secrets(component="secrets", name=resource.name, urn=resource.urn, count=1)


def parameter(resource: Resource) -> Iterable[Thing]:
    """An entry of the parameter store, of which only plain ones are free."""
    root = resource.root
    if root.stated("tier") and root.text("tier") != _FREE_PARAMETERS:
        raise NotPriced("only standard parameters are free")
    return ()


def queue(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """A queue."""
    require_own(graph, resource, "how much it is used")
    yield Queue(
        component="queue",
        name=resource.name,
        urn=resource.urn,
        fifo=resource.root.flag("fifoQueue"),
    )
