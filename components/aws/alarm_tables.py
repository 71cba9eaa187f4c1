"""Alarm tables: every threshold that tells somebody, on one page (requirement O4).

The thresholds are choices of this project unless a docstring names a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

from components.args import DatabaseArgs, DumpArgs, QueueArgs
from components.aws.alarm_spec import AlarmSpec

if TYPE_CHECKING:
    import pulumi

_GIB = 2**30
_SECONDS_PER_DAY = 86_400

CONNECTION_SHARE = 0.8
"""Share of the connection limit above which somebody should look. The connection budget lets
servers come nearer to it only when a deploy meets the autoscaler's ceiling."""
ERRORS_A_MINUTE = 5
"""A stack that takes ten requests a minute has so many when half of them fail. Counted by the
minute, two in three: a database's failover lasts one to two minutes (RDS user guide, "Failing over
a Multi-AZ DB instance"), and by five minutes it would be over unseen."""
FREE_STORAGE_SHARE = 0.09
"""Share of the first allocation. RDS adds storage when less than 10 % of the present
allocation is free for five minutes (RDS user guide, "storage autoscaling"), and that is never
less than the first: so below 9 % of it, autoscaling has failed."""
FREE_MEMORY_SHARE = 0.05
"""Share of the class's memory."""
REDIS_WARNING = "Failed to initialize Redis"
"""What a server logs, once, when it does without Redis for the rest of its life (Letta 0.16.4,
`letta/data_sources/redis_client.py`); its health check stays green."""


def load_balancer(
    load_balancer: pulumi.Input[str], target_groups: Mapping[str, pulumi.Input[str]]
) -> list[AlarmSpec]:
    """Alarms of a load balancer and its target groups, all by ARN suffix.

    The health path says 200 with the database down, so 5xx answers are the only sign of it.
    """
    namespace = "AWS/ApplicationELB"
    whole = {"LoadBalancer": load_balancer}
    specs = [
        AlarmSpec(
            name="lb-5xx",
            reason="The load balancer itself answers 5xx: no healthy server, or one that "
            "closes connections early. Look at the targets' health.",
            namespace=namespace,
            metric="HTTPCode_ELB_5XX_Count",
            dimensions=whole,
            statistic="Sum",
            comparison="at_least",
            threshold=ERRORS_A_MINUTE,
            period_seconds=60,
            datapoints=2,
            missing_data="notBreaching",
        ),
        AlarmSpec(
            name="server-5xx",
            reason="Servers answer 5xx, as they do while the database or Redis is away. "
            "Look at the server's log.",
            namespace=namespace,
            metric="HTTPCode_Target_5XX_Count",
            dimensions=whole,
            statistic="Sum",
            comparison="at_least",
            threshold=ERRORS_A_MINUTE,
            period_seconds=60,
            datapoints=2,
            missing_data="notBreaching",
        ),
        AlarmSpec(
            name="latency",
            reason="One call in ten waits longer than 60 s for its first byte, the server's "
            "time limit for one model call. Look at the model provider and the database.",
            namespace=namespace,
            metric="TargetResponseTime",
            dimensions=whole,
            statistic="p90",
            comparison="above",
            threshold=60,
            missing_data="notBreaching",
        ),
    ]
    return [
        *specs,
        *(
            unhealthy(load_balancer, role, target_group)
            for role, target_group in target_groups.items()
        ),
    ]


def firewall(acl: pulumi.Input[str], region: str, *, rate_rule: str) -> list[AlarmSpec]:
    """Alarms of a web ACL, by the metric names of it and of its rate limit (WAF developer guide,
    "AWS WAF metrics and dimensions")."""
    return [
        AlarmSpec(
            name="rate-limited",
            reason="Clients are refused for sending too many requests. An attack, or users who "
            "share an address: look at the firewall's log; raise ingress.waf if they are yours.",
            namespace="AWS/WAFV2",
            metric="BlockedRequests",
            dimensions={"WebACL": acl, "Region": region, "Rule": rate_rule},
            statistic="Sum",
            comparison="at_least",
            threshold=100,
            periods=1,
            missing_data="notBreaching",
        )
    ]


def unhealthy(
    load_balancer: pulumi.Input[str], role: str, target_group: pulumi.Input[str]
) -> AlarmSpec:
    """Alarm of a target group, by ARN suffix; `role` is the tier behind it."""
    return AlarmSpec(
        name=f"{role}-unhealthy",
        reason=f"A target of {role} fails its health check. Look at its last log lines.",
        namespace="AWS/ApplicationELB",
        metric="UnHealthyHostCount",
        dimensions={"LoadBalancer": load_balancer, "TargetGroup": target_group},
        statistic="Maximum",
        comparison="at_least",
        threshold=1,
        period_seconds=60,
        periods=5,
        missing_data="notBreaching",
    )


def service(
    cluster: pulumi.Input[str], service: pulumi.Input[str], *, min_replicas: int
) -> list[AlarmSpec]:
    """Alarms of an ECS service; its running tasks are counted by Container Insights."""
    dimensions = {"ClusterName": cluster, "ServiceName": service}
    saturation = (
        "above what the autoscaler holds: it has reached its most copies, or the copies are "
        "too small. Raise max_replicas or the size."
    )
    return [
        *(
            AlarmSpec(
                name=resource.lower(),
                reason=f"{resource} of the service is {saturation}",
                namespace="AWS/ECS",
                metric=f"{resource}Utilization",
                dimensions=dimensions,
                statistic="Average",
                comparison="above",
                threshold=90,
                missing_data="notBreaching",
            )
            for resource in ("CPU", "Memory")
        ),
        AlarmSpec(
            name="running",
            reason=f"Fewer than {min_replicas} copies run. Look at the service's events.",
            namespace="ECS/ContainerInsights",
            metric="RunningTaskCount",
            dimensions=dimensions,
            statistic="Minimum",
            comparison="below",
            threshold=min_replicas,
            period_seconds=60,
            periods=10,
            missing_data="breaching",
        ),
    ]


def machines(group: pulumi.Input[str], *, instance_type: str) -> list[AlarmSpec]:
    """Alarms of an Auto Scaling group, by name."""
    if not is_burstable(instance_type):
        return []
    return [_credits("AWS/EC2", {"AutoScalingGroupName": group})]


def database(
    identifier: pulumi.Input[str],
    args: DatabaseArgs,
    *,
    instance_class: str,
    max_connections: int,
    replica: bool,
) -> list[AlarmSpec]:
    """Alarms of one database server, the primary or a replica."""
    namespace = "AWS/RDS"
    dimensions = {"DBInstanceIdentifier": identifier}
    specs = [
        AlarmSpec(
            name="cpu",
            reason="Archival search scans every passage: look at Performance Insights, then "
            "choose a larger class.",
            namespace=namespace,
            metric="CPUUtilization",
            dimensions=dimensions,
            statistic="Average",
            comparison="above",
            threshold=80,
            missing_data="breaching",
        ),
        AlarmSpec(
            name="storage",
            reason="Free storage is below what autoscaling keeps free: it has reached its "
            f"ceiling of {args.max_storage_gib} GiB or cannot follow. Raise max_storage_gib.",
            namespace=namespace,
            metric="FreeStorageSpace",
            dimensions=dimensions,
            statistic="Minimum",
            comparison="below",
            threshold=FREE_STORAGE_SHARE * args.storage_gib * _GIB,
            periods=6,
            missing_data="breaching",
        ),
        AlarmSpec(
            name="memory",
            reason="Little memory is left beside the shared buffers: connections hold it, or "
            "the class is too small.",
            namespace=namespace,
            metric="FreeableMemory",
            dimensions=dimensions,
            statistic="Minimum",
            comparison="below",
            threshold=FREE_MEMORY_SHARE * args.memory_gib * _GIB,
            missing_data="breaching",
        ),
    ]
    if replica:
        specs.append(
            AlarmSpec(
                name="lag",
                reason="The replica is minutes behind: promoting it would lose these minutes.",
                namespace=namespace,
                metric="ReplicaLag",
                dimensions=dimensions,
                statistic="Average",
                comparison="above",
                threshold=300,
                missing_data="breaching",
            )
        )
    else:
        specs.append(
            AlarmSpec(
                name="connections",
                reason=f"More than {CONNECTION_SHARE:.0%} of {max_connections} "
                "connections are taken. Lower the pool or the copies, or choose a larger class.",
                namespace=namespace,
                metric="DatabaseConnections",
                dimensions=dimensions,
                statistic="Maximum",
                comparison="above",
                threshold=CONNECTION_SHARE * max_connections,
                missing_data="breaching",
            )
        )
    if is_burstable(instance_class):
        specs.append(_credits(namespace, dimensions))
    return specs


def cache(node: pulumi.Input[str], *, node_type: str) -> list[AlarmSpec]:
    """Alarms of one cache node, by the id of its cache cluster."""
    namespace = "AWS/ElastiCache"
    dimensions = {"CacheClusterId": node}
    specs = [
        AlarmSpec(
            name="cpu",
            reason="Redis works on one core, and it is full. Choose a faster node type.",
            namespace=namespace,
            metric="EngineCPUUtilization",
            dimensions=dimensions,
            statistic="Average",
            comparison="above",
            threshold=90,
            missing_data="breaching",
        ),
        AlarmSpec(
            name="memory",
            reason="The cache is nearly full and will evict. Choose a larger node type.",
            namespace=namespace,
            metric="DatabaseMemoryUsagePercentage",
            dimensions=dimensions,
            statistic="Maximum",
            comparison="above",
            threshold=85,
            missing_data="breaching",
        ),
        AlarmSpec(
            name="evictions",
            reason="Entries are evicted: background streams and locks get lost. Choose a "
            "larger node type.",
            namespace=namespace,
            metric="Evictions",
            dimensions=dimensions,
            statistic="Sum",
            comparison="above",
            threshold=0,
            missing_data="notBreaching",
        ),
    ]
    if is_burstable(node_type):
        specs.append(_credits(namespace, dimensions))
    return specs


def queue(
    queue: pulumi.Input[str], dead_letters: pulumi.Input[str], args: QueueArgs
) -> list[AlarmSpec]:
    """Alarms of a queue and its dead-letter queue, by name."""
    return [
        AlarmSpec(
            name="dead",
            reason=f"A message failed {args.max_receives} times. Read it in the dead-letter "
            "queue, mend the worker, then redrive it.",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": dead_letters},
            statistic="Maximum",
            comparison="above",
            threshold=0,
            periods=1,
            missing_data="notBreaching",
        ),
        AlarmSpec(
            name="age",
            reason=f"A message has waited half of the {args.retention_days} days after which "
            "it is lost. Look whether workers run.",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue},
            statistic="Maximum",
            comparison="above",
            threshold=args.retention_days * _SECONDS_PER_DAY / 2,
            missing_data="notBreaching",
        ),
    ]


def redis_lost(namespace: str, metric: str) -> AlarmSpec:
    """Alarm of a metric that counts `REDIS_WARNING` in a log."""
    return AlarmSpec(
        name="redis",
        reason="A server started without Redis: cancelling, background streams and locks do "
        "not work in it until it is restarted. Mend the cache, then redeploy the service.",
        namespace=namespace,
        metric=metric,
        dimensions={},
        statistic="Sum",
        comparison="at_least",
        threshold=1,
        periods=1,
        missing_data="notBreaching",
    )


def dump_missing(namespace: str, metric: str, args: DumpArgs) -> AlarmSpec:
    """Alarm of a metric that counts dumps of the database that reached the bucket."""
    hours = ceil(args.max_age_hours)
    return AlarmSpec(
        name="missing",
        reason=f"No dump of the database reached the bucket for {hours} hours. Read the log of the "
        "run that failed; the cloud's own backups go on meanwhile.",
        namespace=namespace,
        metric=metric,
        dimensions={},
        statistic="Sum",
        comparison="below",
        threshold=1,
        period_seconds=3600,
        periods=hours,
        # A metric of log lines says nothing while there are none.
        missing_data="breaching",
    )


def is_burstable(instance_type: str) -> bool:
    """Whether a machine, database or cache type works on CPU credits: the t families."""
    return instance_type.removeprefix("db.").removeprefix("cache.").startswith("t")


def _credits(namespace: str, dimensions: Mapping[str, pulumi.Input[str]]) -> AlarmSpec:
    return AlarmSpec(
        name="credits",
        reason="CPU credits run out: from then on the surplus is billed, or CPU falls to the "
        "baseline. Choose a class that is not burstable.",
        namespace=namespace,
        metric="CPUCreditBalance",
        dimensions=dimensions,
        statistic="Minimum",
        comparison="below",
        threshold=20,
        missing_data="notBreaching",
    )
