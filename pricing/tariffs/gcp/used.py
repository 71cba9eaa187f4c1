"""What Google bills for by use: traffic, backups, logs, requests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import (
    CustomMetrics,
    DatabaseServer,
    Firewall,
    Inventory,
    LoadBalancer,
    NatGateways,
    Queue,
    ServerlessCopies,
)
from pricing.span import Span
from pricing.tariffs import demand, logs
from pricing.tariffs.charge import Charge, charge, stepped
from pricing.tariffs.gcp.regions import egress_region
from pricing.units import HOURS_A_MONTH
from pricing.usage import DAYS_PER_MONTH, SECONDS_PER_MONTH, Usage

EGRESS = (
    ("internet-out-first-1TB", Decimal(1024)),
    ("internet-out-1-10TB", Decimal(9 * 1024)),
    ("internet-out-over-10TB", None),
)
"""Steps of traffic to the internet, GB."""
MOST_NAT_MACHINES = 32
"""Copies and machines from which on a NAT gateway costs no more by the hour (Cloud NAT pricing)."""
QUEUE_KB_PER_REQUEST = 1
"""The least that Pub/Sub bills a message for, kB (Pub/Sub pricing)."""
MONTHS_INCLUDED = 30 / DAYS_PER_MONTH
"""How long lines are kept for the price of taking them in (Google Cloud Observability pricing)."""
METRIC_POINT_BYTES = 8
METRIC_PERIOD_SECONDS = 60
"""A measure of lines is a number each minute (Cloud Monitoring pricing, "Metric data size")."""

_KB_PER_TIB = Decimal(2**30)


def used(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """What `usage` makes the things of `inventory` cost."""
    yield from _traffic(inventory, usage)
    yield from _backups(inventory, usage)
    yield from _logs(inventory, usage)
    yield from _requests(inventory, usage)


def _traffic(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    flows = demand.traffic(inventory, usage)
    region = inventory.region
    if way_in := demand.way_in(inventory):
        for sku, amount in stepped(Span.fixed(flows.internet_out), EGRESS):
            row = ("gcp-data-transfer", sku, egress_region(region))
            item = "traffic to the internet"
            yield charge(way_in, item, row, "GB", amount, component="network", egress=True)
    if gateway := demand.first_of(inventory, NatGateways):
        copies = sum(
            (each.count for each in demand.all_of(inventory, ServerlessCopies)),
            demand.machine_count(inventory),
        )
        machines = copies.map(lambda count: min(count, Decimal(MOST_NAT_MACHINES)))
        row = ("cloud-nat", "vm-hour-up-to-32", region)
        yield charge(gateway, "NAT gateway", row, "VM-hour", machines * HOURS_A_MONTH)
        row = ("cloud-nat", "data", region)
        yield charge(gateway, "traffic through NAT", row, "GB", Span.fixed(flows.nat))


def _backups(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    for server in demand.all_of(inventory, DatabaseServer):
        if days := server.backup_retention_days:
            held = usage.database_gib + usage.daily_backup_gib * days
            row = ("cloudsql-postgres", "backup", inventory.region)
            yield charge(server, "database backups", row, "GB-month", Span.fixed(held))


def _logs(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Lines are billed when they are taken in, with 30 days of keeping them."""
    return logs.charges(
        inventory,
        usage,
        service="cloud-logging",
        taken_in="ingest-over-50GB",
        kept=("retention-over-30-days", "GiB-month"),
        months_included=MONTHS_INCLUDED,
    )


def _requests(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    region = inventory.region
    if balancer := demand.first_of(inventory, LoadBalancer):
        row = ("load-balancing", "data-in", region)
        amount = Span.fixed(usage.internet_out_gb)
        yield charge(balancer, "data through the load balancer", row, "GB", amount)
    if firewall := demand.first_of(inventory, Firewall):
        row = ("cloud-armor", "requests", region)
        count = Span.fixed(usage.messages / 10**6)
        yield charge(firewall, "requests through the web firewall", row, "1M requests", count)
    if queue := demand.first_of(inventory, Queue):
        row = ("pubsub", "ingest", region)
        amount = Span.fixed(usage.queue_requests * QUEUE_KB_PER_REQUEST / _KB_PER_TIB)
        yield charge(queue, "messages of the queue", row, "TiB", amount)
    for metrics in demand.all_of(inventory, CustomMetrics):
        points = Decimal(SECONDS_PER_MONTH) / METRIC_PERIOD_SECONDS * metrics.count
        row = ("cloud-monitoring", "custom-metric-data", region)
        amount = Span.fixed(points * METRIC_POINT_BYTES / 10**6)
        yield charge(metrics, "measures of lines", row, "MB", amount)
