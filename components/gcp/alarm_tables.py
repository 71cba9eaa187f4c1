"""Alarm tables: every threshold that tells somebody, on one page (requirement O4).

The thresholds are choices of this project unless a docstring names a source. Names of metrics:
Cloud Monitoring documentation, "Google Cloud metrics".
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from components.args import DumpArgs, QueueArgs
from components.gcp.alarm_spec import AlarmSpec

if TYPE_CHECKING:
    import pulumi

    Name = pulumi.Input[str]

CONNECTION_SHARE = 0.8
"""Share of the connection limit above which the database counts as full; the connection
budget leaves the same reserve."""
STORAGE_SHARE = 0.92
"""Share of the disk in use. Cloud SQL adds storage before that (its documentation, "Automatic
storage increases"): above it, the disk has reached its ceiling or cannot follow."""
REDIS_WARNING = "Failed to initialize Redis"
"""What a server logs, once, when it does without Redis for the rest of its life (Letta 0.16.4,
`letta/data_sources/redis_client.py`); its health check stays green."""


def service(name: Name, *, max_replicas: int) -> list[AlarmSpec]:
    """Alarms of a Cloud Run service.

    The health path says 200 with the database down, so 5xx answers are the only sign of it.
    """
    resource, labels = "cloud_run_revision", {"resource.labels.service_name": name}
    saturation = (
        "above what the autoscaler holds: it has reached its most copies, or the copies are "
        "too small. Raise max_replicas or the size."
    )
    return [
        AlarmSpec(
            name="server-5xx",
            reason="Servers answer 5xx, as they do while the database or Redis is away. "
            "Look at the server's log.",
            metric="run.googleapis.com/request_count",
            resource=resource,
            labels={**labels, "metric.labels.response_code_class": "5xx"},
            statistic="sum",
            comparison="above",
            threshold=10,
        ),
        AlarmSpec(
            name="latency",
            reason="One call in ten takes longer than 300 s. Look at the model provider and the "
            "database.",
            metric="run.googleapis.com/request_latencies",
            resource=resource,
            labels={**labels, "metric.labels.response_code_class": "2xx"},
            statistic="p90",
            comparison="above",
            threshold=300_000,
        ),
        *(
            AlarmSpec(
                name=measure,
                reason=f"{measure} of the service is {saturation}",
                metric=f"run.googleapis.com/container/{measure}/utilizations",
                resource=resource,
                labels=labels,
                statistic="p90",
                comparison="above",
                threshold=0.9,
            )
            for measure in ("cpu", "memory")
        ),
        # A single copy is always at its most.
        *(
            []
            if max_replicas == 1
            else [
                AlarmSpec(
                    name="copies",
                    reason=f"The service has run at its most copies, {max_replicas}, for a quarter "
                    "of an hour. Raise max_replicas, or look for calls that hang.",
                    metric="run.googleapis.com/container/instance_count",
                    resource=resource,
                    labels={**labels, "metric.labels.state": "active"},
                    statistic="max",
                    comparison="above",
                    threshold=max_replicas - 0.5,
                )
            ]
        ),
    ]


def load_balancer(url_map: Name) -> list[AlarmSpec]:
    """Alarms of a load balancer, by the name of its URL map."""
    return [
        AlarmSpec(
            name="lb-5xx",
            reason="The load balancer answers 5xx: no copy took the request, or one closed the "
            "connection early. Look at the services' logs.",
            metric="loadbalancing.googleapis.com/https/request_count",
            resource="https_lb_rule",
            labels={
                "resource.labels.url_map_name": url_map,
                "metric.labels.response_code_class": "500",
            },
            statistic="sum",
            comparison="above",
            threshold=10,
        )
    ]


def database(
    database_id: Name, *, max_connections: int, max_storage_gib: int, replica: bool
) -> list[AlarmSpec]:
    """Alarms of one database server, the primary or a replica, by `project:instance`."""
    resource, labels = "cloudsql_database", {"resource.labels.database_id": database_id}
    specs = [
        AlarmSpec(
            name="cpu",
            reason="Archival search scans every passage: look at Query Insights, then choose a "
            "larger tier.",
            metric="cloudsql.googleapis.com/database/cpu/utilization",
            resource=resource,
            labels=labels,
            statistic="mean",
            comparison="above",
            threshold=0.8,
            silence=True,
        ),
        AlarmSpec(
            name="storage",
            reason="The disk is fuller than automatic growth lets it become: it has reached its "
            f"ceiling of {max_storage_gib} GiB or cannot follow. Raise max_storage_gib.",
            metric="cloudsql.googleapis.com/database/disk/utilization",
            resource=resource,
            labels=labels,
            statistic="max",
            comparison="above",
            threshold=STORAGE_SHARE,
            silence=True,
        ),
        AlarmSpec(
            name="memory",
            reason="Little memory is left beside the shared buffers: connections hold it, or "
            "the tier is too small.",
            metric="cloudsql.googleapis.com/database/memory/utilization",
            resource=resource,
            labels=labels,
            statistic="max",
            comparison="above",
            threshold=0.95,
            silence=True,
        ),
    ]
    if replica:
        return [
            *specs,
            AlarmSpec(
                name="lag",
                reason="The replica is minutes behind: promoting it would lose these minutes.",
                metric="cloudsql.googleapis.com/database/replication/replica_lag",
                resource=resource,
                labels=labels,
                statistic="mean",
                comparison="above",
                threshold=300,
                silence=True,
            ),
        ]
    return [
        *specs,
        AlarmSpec(
            name="connections",
            reason=f"More than {CONNECTION_SHARE:.0%} of {max_connections} connections are taken. "
            "Lower the pool or the copies, or choose a larger tier.",
            metric="cloudsql.googleapis.com/database/postgresql/num_backends",
            resource=resource,
            labels=labels,
            statistic="total",
            comparison="above",
            threshold=CONNECTION_SHARE * max_connections,
        ),
    ]


def cache(instance_id: Name) -> list[AlarmSpec]:
    """Alarms of a Memorystore instance, by its resource name."""
    resource, labels = "redis_instance", {"resource.labels.instance_id": instance_id}
    return [
        AlarmSpec(
            name="cpu",
            reason="Redis works on one core, and it is full. Choose a larger cache.",
            # Seconds of CPU, apart for what it did and for whom.
            metric="redis.googleapis.com/stats/cpu_utilization_main_thread",
            resource=resource,
            labels=labels,
            statistic="rate",
            each="resource.labels.node_id",
            comparison="above",
            threshold=0.9,
        ),
        AlarmSpec(
            name="memory",
            reason="The cache is nearly full and will evict. Choose a larger one.",
            metric="redis.googleapis.com/stats/memory/usage_ratio",
            resource=resource,
            labels=labels,
            statistic="max",
            comparison="above",
            threshold=0.85,
            silence=True,
        ),
        AlarmSpec(
            name="evictions",
            reason="Entries are evicted: background streams and locks get lost. Choose a "
            "larger cache.",
            metric="redis.googleapis.com/stats/evicted_keys",
            resource=resource,
            labels=labels,
            statistic="sum",
            comparison="above",
            threshold=0,
        ),
    ]


def queue(subscription: Name, dead_letters: Name, args: QueueArgs) -> list[AlarmSpec]:
    """Alarms of a queue and its dead letters, by the names of the subscriptions."""
    resource = "pubsub_subscription"
    return [
        AlarmSpec(
            name="dead",
            reason=f"A message failed {args.max_receives} times. Read it from the subscription of "
            "dead letters, mend the worker, then publish it again.",
            metric="pubsub.googleapis.com/subscription/num_undelivered_messages",
            resource=resource,
            labels={"resource.labels.subscription_id": dead_letters},
            statistic="max",
            comparison="above",
            threshold=0,
            duration_seconds=0,
        ),
        AlarmSpec(
            name="age",
            reason="The oldest message has waited for a tenth of the time that messages are kept: "
            "no worker reads the queue, or they are too few.",
            metric="pubsub.googleapis.com/subscription/oldest_unacked_message_age",
            resource=resource,
            labels={"resource.labels.subscription_id": subscription},
            statistic="max",
            comparison="above",
            threshold=args.retention_days * 86_400 / 10,
        ),
    ]


def redis_lost(metric: Name) -> AlarmSpec:
    """Alarm of servers that started without Redis, by the type of the metric that counts them."""
    return AlarmSpec(
        name="redis-lost",
        reason="A server found no Redis when it started and does without for the rest of its "
        "life: background streams and locks fail there. Mend Redis, then deploy a new revision.",
        metric=metric,
        resource="cloud_run_revision",
        labels={},
        statistic="sum",
        comparison="above",
        threshold=0,
        duration_seconds=0,
    )


def dump_failed(job: Name) -> AlarmSpec:
    """Alarm of a job, by its name, whose runs dump the database. A condition on what is missing
    knows only what has been there before: of a first dump that never comes, this one tells."""
    return AlarmSpec(
        name="failed",
        reason="A run that dumps the database ended without a dump in the bucket. Read the log of "
        "the job's last execution.",
        metric="run.googleapis.com/job/completed_execution_count",
        resource="cloud_run_job",
        labels={"resource.labels.job_name": job, "metric.labels.result": "failed"},
        statistic="sum",
        comparison="above",
        threshold=0,
        duration_seconds=0,
    )


def dump_missing(metric: Name, args: DumpArgs) -> AlarmSpec:
    """Alarm of a metric, by its type, that counts dumps of the database in the bucket."""
    hours = ceil(args.max_age_hours)
    return AlarmSpec(
        name="missing",
        reason=f"No dump of the database reached the bucket for {hours} hours. Read the log of the "
        "job's last execution; Cloud SQL's own backups go on meanwhile.",
        metric=metric,
        resource="cloud_run_job",
        labels={},
        statistic="sum",
        comparison="below",
        threshold=1,
        period_seconds=hours * 3600,
        duration_seconds=300,
        silence=True,
    )
