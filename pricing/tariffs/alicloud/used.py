"""What Alibaba Cloud bills for by use: traffic, backups, logs, requests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import DatabaseServer, Inventory, LoadBalancer, NatGateways, Queue
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, charge
from pricing.usage import Usage

GB_PER_CU = 1
"""Traffic that a capacity unit of a NAT gateway stands for, GB (NAT Gateway billing page)."""
GB_PER_LCU = 1
"""Traffic that a capacity unit of a load balancer stands for, GB (ALB billing page). Connections
and rules stay within it: of the measures, the largest counts."""
BACKUPS_INCLUDED = 2
"""Backups that are free, as a multiple of the storage (RDS billing page, "Backup storage")."""
_MILLION = 10**6


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
        row = ("alicloud-data-transfer", "internet-out-pay-by-traffic", region)
        amount = Span.fixed(flows.internet_out)
        yield charge(
            way_in, "traffic to the internet", row, "GB", amount, component="network", egress=True
        )
    if gateway := demand.first_of(inventory, NatGateways):
        row = ("alicloud-nat-gateway", "internet-nat-cu", region)
        amount = Span.fixed(flows.nat / GB_PER_CU)
        yield charge(gateway, "traffic through NAT", row, "CU-hour", amount)


def _backups(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    for server in demand.all_of(inventory, DatabaseServer):
        if days := server.backup_retention_days:
            held = usage.database_gib + usage.daily_backup_gib * days
            row = ("alicloud-rds-postgres", "backup-beyond-quota", inventory.region)
            # What the disk includes grows with it; by what it has at first, nothing is too little.
            paid = max(held - server.storage_gib.floor * BACKUPS_INCLUDED, Decimal(0))
            yield charge(server, "database backups", row, "GB-month", Span.fixed(paid))


def _logs(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Lines are billed when they are taken in and indexed, and for as long as they are kept."""
    names = {
        "servers": "logs of the servers",
        "bootstrap": "logs of jobs",
        "flows": "logs of network flows",
        "control_plane": "logs of the control plane",
        "firewall": "logs of the web firewall",
        "requests": "log of requests",
        "other": "other logs",
    }
    for entry in demand.logged(inventory, usage):
        taken_in = Span.fixed(entry.ingested_gb)
        for group in entry.groups:
            what = names[group.holds]
            for item, sku, unit, amount in (
                (f"{what}, taken in", "write-traffic", "GB", taken_in),
                (f"{what}, indexed", "index-traffic", "GB", taken_in),
                (f"{what}, kept", "storage", "GB-month", taken_in * entry.months_kept),
            ):
                yield charge(group, item, ("sls", sku, inventory.region), unit, amount)
            # All of it stands with the first group; the others are there to be named.
            taken_in = Span.fixed(0)


def _requests(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    region = inventory.region
    if balancer := demand.first_of(inventory, LoadBalancer):
        row = ("alicloud-alb", "lcu", region)
        amount = Span.fixed(usage.internet_out_gb / GB_PER_LCU)
        yield charge(balancer, "work of the load balancer", row, "LCU-hour", amount)
    if queue := demand.first_of(inventory, Queue):
        row = ("alicloud-mns", "requests", region)
        amount = Span.fixed(usage.queue_requests / _MILLION)
        yield charge(queue, "requests of the queue", row, "1M requests", amount)
