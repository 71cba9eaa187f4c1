"""What AWS bills for by use: traffic, backups, logs, requests, measurements."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import (
    ContainerMetrics,
    DatabaseServer,
    Firewall,
    Inventory,
    LoadBalancer,
    NatGateways,
    PrivateEndpoints,
    Queue,
)
from pricing.span import ZERO, Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, charge, stepped
from pricing.tariffs.logs import NAMES
from pricing.units import HOURS_A_MONTH
from pricing.usage import METRICS_LOG_GB_PER_SERVICE, Usage

FREE_EGRESS = "internet-out-0-100GB"
EGRESS = (
    (FREE_EGRESS, Decimal(100)),
    ("internet-out-first-10TB", Decimal(10 * 1024 - 100)),
    ("internet-out-next-40TB", Decimal(40 * 1024)),
    ("internet-out-next-100TB", Decimal(100 * 1024)),
    ("internet-out-over-150TB", None),
)
"""Steps of traffic to the internet, GB; the free 100 GB are part of the first 10 TB."""
LCU_CONNECTIONS_PER_SECOND = 25
LCU_ACTIVE_CONNECTIONS = 3000
LCU_GB_PER_HOUR = 1
"""What one capacity unit of a load balancer holds (Elastic Load Balancing pricing). Its fourth
measure, 1000 rule evaluations a second, counts rules beyond the tenth; a stack has fewer."""

LOG_STORAGE_SHARE = Decimal("0.15")
"""Bytes that CloudWatch keeps and bills for each byte written: its pricing page reckons with
compression to 15 %."""
CLUSTER_METRICS = 11
SERVICE_METRICS = 21
"""Metrics that Container Insights makes of an ECS cluster in which something runs, and of each
service in it: 13 of the service and 8 of its task definition (CloudWatch user guide, "Amazon
Elastic Container Service (Amazon ECS)", Container Insights metrics)."""
OBSERVATIONS_PER_MACHINE = (40 + 12 * 45 + 18 * 20) * 60 * HOURS_A_MONTH
"""Measurements of Container Insights with enhanced observability on one node in a month. An
estimate: each minute 40 of the node, 45 of each of 12 pods, 20 of each of 18 containers."""


def used(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """What `usage` makes the things of `inventory` cost."""
    yield from _traffic(inventory, usage)
    yield from _backups(inventory, usage)
    yield from _logs(inventory, usage)
    yield from _requests(inventory, usage)
    yield from _container_metrics(inventory)


def _traffic(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    flows = demand.traffic(inventory, usage)
    region = inventory.region
    if way_in := demand.way_in(inventory):
        for sku, amount in stepped(Span.fixed(flows.internet_out), EGRESS):
            row = ("data-transfer", sku, region)
            free = ", free share" if sku == FREE_EGRESS else ""
            item = f"traffic to the internet{free}"
            yield charge(way_in, item, row, "GB", amount, component="network", egress=True)
        # Billed where it leaves and where it enters; of a managed database only the side of EC2 is
        # (RDS pricing, "Data transfer"; ElastiCache likewise).
        if billed := flows.cross_zone * 2 + flows.database_cross_zone:
            row = ("data-transfer", "inter-az-each-way", region)
            amount = Span.fixed(billed)
            item = "traffic between zones"
            yield charge(way_in, item, row, "GB", amount, component="network")
    if gateway := demand.first_of(inventory, NatGateways):
        row = ("vpc", "nat-gateway:data", region)
        yield charge(gateway, "traffic through NAT", row, "GB", Span.fixed(flows.nat))
    if endpoint := demand.first_of(inventory, PrivateEndpoints):
        row = ("vpc", "interface-endpoint:data-first-1PB", region)
        amount = Span.fixed(flows.endpoint)
        yield charge(endpoint, "traffic through private endpoints", row, "GB", amount)


def _backups(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Backups as large as all database storage of a region together are free."""
    servers = demand.all_of(inventory, DatabaseServer)
    free = sum((server.storage_gib.floor for server in servers), Decimal(0))
    for server in servers:
        if days := server.backup_retention_days:
            held = usage.database_gib + usage.daily_backup_gib * days
            row = ("rds-postgres", "backup-beyond-free", inventory.region)
            amount = Span.fixed(max(held - free, Decimal(0)))
            yield charge(server, "database backups beyond the free share", row, "GB-month", amount)


def _logs(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    region = inventory.region
    for entry in demand.logged(inventory, usage):
        item = NAMES[entry.groups[0].holds]
        taken_in = Span.fixed(entry.ingested_gb)
        kept = taken_in * (LOG_STORAGE_SHARE * entry.months_kept)
        for group in entry.groups:
            row = ("cloudwatch", "logs-ingest", region)
            yield charge(group, f"{item}, taken in", row, "GB", taken_in)
            row = ("cloudwatch", "logs-storage", region)
            yield charge(group, f"{item}, kept", row, "GB-month", kept)
            # All of it stands with the first group; the others are there to be named.
            taken_in = kept = ZERO


def _requests(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    region = inventory.region
    if balancer := demand.first_of(inventory, LoadBalancer):
        hourly = usage.messages / HOURS_A_MONTH
        units = max(
            hourly / 3600 / LCU_CONNECTIONS_PER_SECOND,
            usage.busy_requests / LCU_ACTIVE_CONNECTIONS,
            usage.internet_out_gb / HOURS_A_MONTH / LCU_GB_PER_HOUR,
        )
        row = ("elb", "alb:lcu", region)
        yield charge(
            balancer, "load balancer capacity", row, "LCU-hour", Span.fixed(units * HOURS_A_MONTH)
        )
    if firewall := demand.first_of(inventory, Firewall):
        row = ("waf", "requests", region)
        count = Span.fixed(usage.messages / 10**6)
        yield charge(firewall, "requests through the web firewall", row, "1M requests", count)
    queues = demand.all_of(inventory, Queue)
    if queues:
        row = ("sqs", "fifo" if any(queue.fifo for queue in queues) else "standard", region)
        count = Span.fixed(usage.queue_requests / 10**6)
        yield charge(queues[0], "requests to the queue", row, "1M requests", count)


def _container_metrics(inventory: Inventory) -> Iterator[Charge]:
    region = inventory.region
    for thing in demand.all_of(inventory, ContainerMetrics):
        if thing.detailed:
            millions = demand.machine_count(inventory) * OBSERVATIONS_PER_MACHINE
            row = ("cloudwatch", "container-insights-observations", region)
            amount = millions.map(lambda count: count / 10**6)
            yield charge(thing, "measurements of containers", row, "1M observations", amount)
        elif thing.services:
            row = ("cloudwatch", "custom-metric-first-10k", region)
            count = Span.fixed(CLUSTER_METRICS + SERVICE_METRICS * thing.services)
            yield charge(thing, "metrics of containers", row, "metric-month", count)
            row = ("cloudwatch", "logs-ingest", region)
            amount = Span.fixed(METRICS_LOG_GB_PER_SERVICE * thing.services)
            yield charge(thing, "performance records, taken in", row, "GB", amount)
