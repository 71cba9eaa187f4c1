"""Alarm tables: every threshold that tells somebody, on one page (requirement O4).

The thresholds are choices of this project unless a docstring names a source. Names of metrics:
Azure Monitor documentation, "Supported metrics".
"""

from __future__ import annotations

from math import floor

from components.args import DumpArgs, QueueArgs, TierArgs
from components.azure.alarm_spec import MetricSpec, QuerySpec
from components.letta.dump import STORED
from components.letta.server import REDIS_WARNING

CONNECTION_SHARE = 0.8
"""Share of the connection limit above which the database counts as full; the connection
budget leaves the same reserve."""
LOOK_HOURS = 1
"""Time from one look for a dump to the next."""
_GIB = 2**30

APP = "Microsoft.App/containerApps"
GATEWAY = "Microsoft.Network/applicationGateways"
POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
REDIS = "Microsoft.Cache/redisEnterprise"
QUEUES = "Microsoft.ServiceBus/namespaces"


def app(args: TierArgs) -> list[MetricSpec]:
    """Alarms of an app of Container Apps.

    The health path says 200 with the database down, so 5xx answers are the only sign of it.
    """
    saturation = (
        "above what the autoscaler holds: it has reached its most copies, or the copies are "
        "too small. Raise max_replicas or the size."
    )
    specs = [
        MetricSpec(
            name="server-5xx",
            reason="Servers answer 5xx, as they do while the database or Redis is away. "
            "Look at the server's log.",
            metric="Requests",
            namespace=APP,
            aggregation="Total",
            operator="GreaterThan",
            threshold=10,
            dimensions={"statusCodeCategory": ("5xx",)},
        ),
        MetricSpec(
            name="latency",
            reason="Calls take longer than 300 s on average. Look at the model provider and the "
            "database.",
            metric="ResponseTime",
            namespace=APP,
            aggregation="Average",
            operator="GreaterThan",
            threshold=300_000,
        ),
        *(
            MetricSpec(
                name=name,
                reason=f"{metric} of the app is {saturation}",
                metric=metric,
                namespace=APP,
                aggregation="Average",
                operator="GreaterThan",
                threshold=90,
            )
            for name, metric in (("cpu", "CpuPercentage"), ("memory", "MemoryPercentage"))
        ),
    ]
    if args.min_replicas == args.max_replicas:
        return specs
    return [
        *specs,
        MetricSpec(
            name="copies",
            reason=f"The app has run at its most copies, {args.max_replicas}, for a quarter of an "
            "hour. Raise max_replicas, or look for calls that hang.",
            metric="Replicas",
            namespace=APP,
            aggregation="Minimum",
            operator="GreaterThan",
            threshold=args.max_replicas - 0.5,
        ),
    ]


def load_balancer() -> list[MetricSpec]:
    """Alarms of an application gateway."""
    return [
        MetricSpec(
            name="lb-5xx",
            reason="The load balancer answers 5xx: no copy took the request, or one closed the "
            "connection early. Look at the servers' logs.",
            metric="ResponseStatus",
            namespace=GATEWAY,
            aggregation="Total",
            operator="GreaterThan",
            threshold=10,
            dimensions={"HttpStatusGroup": ("5xx",)},
        ),
        MetricSpec(
            name="unhealthy",
            reason="The load balancer finds no healthy server in one of its pools. Look at the "
            "servers' logs, and at the environment's private address.",
            metric="UnhealthyHostCount",
            namespace=GATEWAY,
            aggregation="Average",
            operator="GreaterThan",
            threshold=0,
        ),
    ]


def database(*, max_connections: int, max_storage_gib: int, replica: bool) -> list[MetricSpec]:
    """Alarms of one database server, the primary or a replica."""
    specs = [
        MetricSpec(
            name="cpu",
            reason="Archival search scans every passage: look at Query Store, then choose a "
            "larger class.",
            metric="cpu_percent",
            namespace=POSTGRES,
            aggregation="Average",
            operator="GreaterThan",
            threshold=80,
        ),
        MetricSpec(
            name="memory",
            reason="Little memory is left beside the shared buffers: connections hold it, or "
            "the class is too small.",
            metric="memory_percent",
            namespace=POSTGRES,
            aggregation="Average",
            operator="GreaterThan",
            threshold=95,
        ),
        MetricSpec(
            name="storage",
            reason=f"More is stored than max_storage_gib, {max_storage_gib} GiB, says. The disk "
            "goes on growing by itself, and so does the bill: raise max_storage_gib, or find out "
            "what fills it. Set storage_gib to what the disk has become before the next change of "
            "the server (`az postgres flexible-server show --query storage.storageSizeGb`): a "
            "disk never shrinks.",
            metric="storage_used",
            namespace=POSTGRES,
            aggregation="Average",
            operator="GreaterThan",
            threshold=float(max_storage_gib * _GIB),
        ),
        MetricSpec(
            name="away",
            reason="The server does not answer. Look at its resource health.",
            metric="is_db_alive",
            namespace=POSTGRES,
            aggregation="Maximum",
            operator="LessThan",
            threshold=1,
        ),
    ]
    if replica:
        return [
            *specs,
            MetricSpec(
                name="lag",
                reason="The replica is minutes behind: promoting it would lose these minutes.",
                metric="physical_replication_delay_in_seconds",
                namespace=POSTGRES,
                aggregation="Average",
                operator="GreaterThan",
                threshold=300,
            ),
        ]
    return [
        *specs,
        MetricSpec(
            name="connections",
            reason=f"More than {CONNECTION_SHARE:.0%} of {max_connections} connections are taken. "
            "Lower the pool or the copies, or choose a larger class.",
            metric="active_connections",
            namespace=POSTGRES,
            aggregation="Maximum",
            operator="GreaterThan",
            threshold=CONNECTION_SHARE * max_connections,
        ),
    ]


def cache() -> list[MetricSpec]:
    """Alarms of Azure Managed Redis."""
    usual = (
        ("cpu", "percentProcessorTime", "Maximum", 90, "Redis is short of CPU."),
        (
            "memory",
            "usedmemorypercentage",
            "Maximum",
            85,
            "The cache is nearly full and will evict.",
        ),
        (
            "evictions",
            "evictedkeys",
            "Total",
            0,
            "Entries are evicted: background streams and locks get lost.",
        ),
    )
    return [
        MetricSpec(
            name=name,
            reason=f"{reason} Choose a larger cache.",
            metric=metric,
            namespace=REDIS,
            aggregation="Total" if aggregation == "Total" else "Maximum",
            operator="GreaterThan",
            threshold=threshold,
        )
        for name, metric, aggregation, threshold, reason in usual
    ]


def queue(name: str, args: QueueArgs) -> list[MetricSpec]:
    """Alarms of a queue and its dead letters, by the queue's name."""
    dimensions = {"EntityName": (name,)}
    return [
        MetricSpec(
            name="dead",
            reason=f"A message failed {args.max_receives} times. Read it from the dead letters of "
            "the queue, mend the worker, then send it again.",
            metric="DeadletteredMessages",
            namespace=QUEUES,
            aggregation="Maximum",
            operator="GreaterThan",
            threshold=0,
            dimensions=dimensions,
        ),
        MetricSpec(
            name="waiting",
            reason="The queue has not been empty for six hours: no worker reads it, or they are "
            "too few.",
            metric="ActiveMessages",
            namespace=QUEUES,
            aggregation="Minimum",
            operator="GreaterThan",
            threshold=0,
            window="PT6H",
            dimensions=dimensions,
        ),
    ]


def redis_lost(lines: str = "ContainerAppConsoleLogs") -> QuerySpec:
    """Alarm of servers that started without Redis. `lines`: query for what they print, as `Log`."""
    return QuerySpec(
        name="redis-lost",
        reason="A server found no Redis when it started and does without for the rest of its "
        "life: background streams and locks fail there. Mend Redis, then deploy a new revision.",
        query=f"{lines}\n| where Log has '{REDIS_WARNING}'",
        operator="GreaterThan",
        threshold=0,
        window="PT15M",
        frequency="PT5M",
        mute="PT15M",
    )


def restarts() -> QuerySpec:
    """Alarm of containers that start again and again. The metric of restarts counts from a copy's
    beginning and never falls: an alarm on it would not end."""
    return QuerySpec(
        name="restarts",
        reason="Containers start again and again: they crash, or their probes fail. Look at the "
        "system log of the environment (`ContainerAppSystemLogs`), then at the app's own.",
        query="ContainerAppSystemLogs\n| where Reason contains 'BackOff'",
        operator="GreaterThan",
        threshold=3,
        window="PT15M",
        frequency="PT5M",
        mute="PT1H",
    )


def dump_missing(lines: str, args: DumpArgs) -> QuerySpec:
    """Alarm of a job that puts dumps of the database into the bucket. `lines`: query for what it
    prints, as `Log`."""
    # A look comes up to an hour after the last dump is too old.
    hours = floor(args.max_age_hours) - LOOK_HOURS
    return QuerySpec(
        name="missing",
        reason=f"No dump of the database reached the bucket for {hours} hours. Read the log of the "
        "job's last execution; the database's own backups go on meanwhile.",
        query=f"{lines}\n| where TimeGenerated > ago({hours}h)\n| where Log has '{STORED}'",
        operator="LessThan",
        threshold=1,
        window="P2D",
        frequency=f"PT{LOOK_HOURS}H",
        mute="P1D",
    )
