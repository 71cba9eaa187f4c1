"""What runs of a stack in a cluster."""

from __future__ import annotations

from sandbox.kubernetes.live import cluster_services, databases, gateway, pods
from sandbox.live.reader import Reader

READER = Reader(
    servers=databases.servers,
    services=pods.services,
    runs=pods.runs,
    schedules=pods.scheduled,
    balancers=gateway.balancers,
    buckets=databases.buckets,
    hosts=cluster_services.hosts,
    not_run=pods.not_run,
)
