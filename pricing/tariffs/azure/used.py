"""What Azure bills for by use: traffic, backups, logs, requests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import (
    DatabaseServer,
    Dumps,
    InnerBalancers,
    Inventory,
    NatGateways,
    PrivateEndpoints,
    Queue,
    ServerlessCopies,
)
from pricing.span import Span
from pricing.tariffs import demand, logs
from pricing.tariffs.charge import Charge, charge, stepped
from pricing.usage import DAYS_PER_MONTH, FILE_MB, Usage

EGRESS = (
    ("internet-out-first-10TB", Decimal(10 * 1024)),
    ("internet-out-next-40TB", Decimal(40 * 1024)),
    ("internet-out-next-100TB", None),
)
"""Steps of traffic to the internet, GB."""
MESSAGES_INCLUDED = Decimal(13 * 10**6)
"""Operations a month that come with a namespace of the tier Standard (Service Bus pricing)."""
MONTHS_INCLUDED = 31 / DAYS_PER_MONTH
"""How long lines are kept for the price of taking them in (Azure Monitor pricing)."""
_MILLION = 10**6


def used(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """What `usage` makes the things of `inventory` cost."""
    yield from _traffic(inventory, usage)
    yield from _backups(inventory, usage)
    yield from _logs(inventory, usage)
    yield from _requests(inventory, usage)


def _traffic(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    flows = demand.traffic(inventory, usage)
    if way_in := demand.way_in(inventory):
        for sku, amount in stepped(Span.fixed(flows.internet_out), EGRESS):
            row = ("azure-data-transfer", sku, inventory.region)
            item = "traffic to the internet"
            yield charge(way_in, item, row, "GB", amount, component="network", egress=True)
    if balancer := demand.first_of(inventory, InnerBalancers):
        row = ("azure-load-balancer", "standard-data", inventory.region)
        item = "answers to callers through the load balancer before containers"
        yield charge(balancer, item, row, "GB", Span.fixed(usage.internet_out_gb))
    if endpoint := demand.first_of(inventory, PrivateEndpoints):
        row = ("azure-network", "private-endpoint-data", inventory.region)
        yield charge(
            endpoint, "data through private endpoints", row, "GB", _blobs(inventory, usage)
        )
    if gateway := demand.first_of(inventory, NatGateways):
        row = ("azure-nat-gateway", "data", "any")
        yield charge(gateway, "traffic through NAT", row, "GB", Span.fixed(flows.nat))


def _blobs(inventory: Inventory, usage: Usage) -> Span:
    """Files and dumps on their way to and from the bucket, GB: of what passes endpoints, secrets
    and cached values are next to nothing."""
    moved = (usage.file_writes + usage.file_reads) * FILE_MB / 1000
    for dumps in demand.all_of(inventory, Dumps):
        moved += demand.dump_gb(usage) * dumps.times_a_day * DAYS_PER_MONTH
    return Span.fixed(moved)


def _backups(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """As much as the disk holds is free."""
    for server in demand.all_of(inventory, DatabaseServer):
        if days := server.backup_retention_days:
            held = Span.fixed(usage.database_gib + usage.daily_backup_gib * days)
            beyond = Span.of(
                *(
                    max(kept - free, Decimal(0))
                    for kept, free in (
                        (held.floor, server.storage_gib.floor),
                        (held.expected, server.storage_gib.floor),
                        (held.ceiling, server.storage_gib.floor),
                    )
                )
            )
            row = ("postgres-flexible", "backup-beyond-free", inventory.region)
            yield charge(server, "database backups", row, "GB-month", beyond)


def _logs(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Lines are billed when they are taken in, with a month of keeping them."""
    return logs.charges(
        inventory,
        usage,
        service="log-analytics",
        taken_in="ingest-payg",
        kept=("retention-beyond-31-days", "GB-month"),
        months_included=MONTHS_INCLUDED,
    )


def _requests(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    if copies := demand.first_of(inventory, ServerlessCopies):
        row = ("container-apps", "requests", inventory.region)
        count = Span.fixed(usage.messages / _MILLION)
        yield charge(copies, "requests of the servers", row, "1M requests", count)
    if queue := demand.first_of(inventory, Queue):
        row = ("service-bus", "standard-operations", inventory.region)
        beyond = max(Decimal(usage.queue_requests) - MESSAGES_INCLUDED, Decimal(0))
        amount = Span.fixed(beyond / _MILLION)
        yield charge(queue, "operations of the queue", row, "1M requests", amount)
