"""Alarm tables: every threshold that tells somebody, on one page (requirement O4).

The thresholds are choices of this project. Names of metrics and dimensions: CloudMonitor
documentation, "Appendix 1: Metrics", from memory where it does not name a page; an account has not
been asked.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from components.alicloud.alarm_spec import AlarmSpec, LogAlertSpec
from components.alicloud.log_streams import DUMP, SERVERS
from components.alicloud.ports import HTTPS_PORT
from components.args import DumpArgs
from components.letta.dump import STORED
from components.letta.server import REDIS_WARNING

if TYPE_CHECKING:
    import pulumi

    Name = pulumi.Input[str]

_RDS = "acs_rds_dashboard"
_REDIS = "acs_kvstore"
_ALB = "acs_alb"
_CLUSTER = "acs_k8s"
_QUEUE = "acs_mns_new"
BACKLOG = 1000
"""Messages that wait for a worker above which somebody is told."""


def database(instance: Name, *, max_connections: int, replica: bool) -> list[AlarmSpec]:
    """Alarms of one database server, the primary or a read-only instance, by its id."""
    of_instance = {"instanceId": instance}
    specs = [
        AlarmSpec(
            name=name,
            reason=reason,
            namespace=_RDS,
            metric=metric,
            dimensions=of_instance,
            statistic="Average",
            comparison=">",
            threshold=threshold,
        )
        for name, metric, threshold, reason in (
            (
                "cpu",
                "CpuUsage",
                80,
                "Archival search scans every passage: look at SQL Explorer, then choose a larger "
                "class.",
            ),
            (
                "memory",
                "MemoryUsage",
                95,
                "Connections hold the memory, or the class is too small.",
            ),
            (
                "storage",
                "DiskUsage",
                92,
                "The disk is fuller than automatic growth lets it become: it has reached its "
                "ceiling or cannot follow. Raise max_storage_gib.",
            ),
            (
                "connections",
                "ConnectionUsage",
                80,
                f"More than four fifths of {max_connections} connections are taken. Lower the pool "
                "or the copies, or choose a larger class.",
            ),
        )
    ]
    if replica:
        specs.append(
            AlarmSpec(
                name="lag",
                reason="The read-only instance is minutes behind: promoting it would lose them.",
                namespace=_RDS,
                metric="PG_RO_StreamingLag",
                dimensions=of_instance,
                statistic="Average",
                comparison=">",
                threshold=300,
            )
        )
    return specs


def cache(instance: Name) -> list[AlarmSpec]:
    """Alarms of a cache, by its id."""
    return [
        AlarmSpec(
            name=name,
            reason=reason,
            namespace=_REDIS,
            metric=metric,
            dimensions={"instanceId": instance},
            statistic="Average",
            comparison=">",
            threshold=threshold,
        )
        for name, metric, threshold, reason in (
            ("cpu", "StandardCpuUsage", 90, "Redis works on one core, and it is full."),
            (
                "memory",
                "StandardMemoryUsage",
                85,
                "The cache is nearly full and will evict: background streams and locks get lost. "
                "Choose a larger one.",
            ),
        )
    ]


def load_balancer(balancer: Name) -> list[AlarmSpec]:
    """Alarms of a load balancer, by its id. Answers are counted per second (ALB documentation,
    "Monitoring metrics"), so any are too many that last for some periods."""
    return [
        AlarmSpec(
            name=name,
            reason=reason,
            namespace=_ALB,
            metric=metric,
            dimensions={"loadBalancerId": balancer},
            statistic="Value",
            comparison=">",
            threshold=threshold,
        )
        for name, metric, threshold, reason in (
            (
                "server-5xx",
                "LoadBalancerHTTPCodeUpstream5XX",
                0,
                "Servers answer 5xx, as they do while the database or Redis is away. Look at the "
                "servers' log.",
            ),
            (
                "lb-5xx",
                "LoadBalancerHTTPCode5XX",
                0,
                "The load balancer answers 5xx: no server took the request, or one closed the "
                "connection early.",
            ),
            (
                "latency",
                "LoadBalancerUpstreamResponseTime",
                300_000,
                "Calls take longer than 300 s. Look at the model provider and the database.",
            ),
        )
    ]


def server_group(balancer: Name, group: Name) -> list[AlarmSpec]:
    """Alarms of the machines behind a load balancer, by the ids of both."""
    return [
        AlarmSpec(
            name="healthy",
            reason="No machine with a ready copy is left. Look at the events of the namespace.",
            namespace=_ALB,
            metric="ServerGroupHealthyHostCount",
            # All that the metric has: a group that only redirected callers reach too is seen once.
            dimensions={
                "loadBalancerId": balancer,
                "listenerProtocol": "HTTPS",
                "listenerPort": str(HTTPS_PORT),
                "serverGroupId": group,
            },
            statistic="Value",
            comparison="<",
            threshold=1,
        )
    ]


def cluster(cluster_id: Name) -> list[AlarmSpec]:
    """Alarms of the machines of a cluster, all together, by its id."""
    return [
        AlarmSpec(
            name=f"nodes-{resource}",
            reason=f"Machines are short of {resource}: raise the most machines of a role, or their "
            "size.",
            namespace=_CLUSTER,
            metric=f"cluster.{resource}.utilization",
            dimensions={"cluster": cluster_id},
            statistic="Average",
            comparison=">",
            threshold=85,
        )
        for resource in ("cpu", "memory")
    ]


def queue(region: str, name: Name, dead_letters: Name, *, max_receives: int) -> list[AlarmSpec]:
    """Alarms of a queue and its dead letters, by their names."""
    return [
        AlarmSpec(
            name="dead",
            reason=f"A message failed {max_receives} times. Read it from the queue of dead "
            "letters, mend the worker, then send it again.",
            namespace=_QUEUE,
            metric="ActiveMessages",
            dimensions={"region": region, "queue": dead_letters},
            statistic="Maximum",
            comparison=">",
            threshold=0,
            times=1,
        ),
        AlarmSpec(
            name="backlog",
            reason=f"More than {BACKLOG} messages wait: no worker reads the queue, or they are too "
            "few.",
            namespace=_QUEUE,
            metric="ActiveMessages",
            dimensions={"region": region, "queue": name},
            statistic="Maximum",
            comparison=">",
            threshold=BACKLOG,
        ),
    ]


REDIS_LOST = LogAlertSpec(
    name="redis-lost",
    reason="A server found no Redis when it started and does without for the rest of its life: "
    "background streams and locks fail there. Mend Redis, then start the servers anew.",
    stream=SERVERS,
    words=REDIS_WARNING,
    condition="present",
    look_back_minutes=5,
    interval_minutes=5,
)


def dump_missing(args: DumpArgs) -> LogAlertSpec:
    """Alert of dumps of the database that do not reach the bucket."""
    hours = ceil(args.max_age_hours)
    return LogAlertSpec(
        name="missing",
        reason=f"No dump of the database reached the bucket for {hours} hours. Read the log of the "
        "last run; RDS's own backups go on meanwhile.",
        stream=DUMP,
        words=STORED,
        condition="missing",
        look_back_minutes=hours * 60,
        interval_minutes=60,
    )
