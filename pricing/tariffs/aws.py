"""What AWS bills for. Names of the rows are those of its price list.

Free allowances of an account (CloudWatch's first metrics and logs, SQS' first million requests and
the like) are left out: other stacks of the account may have used them up. Traffic's first 100 GB
are a step of the price list itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from infra.platforms import catalog
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ContainerMetrics,
    ControlPlane,
    CustomMetrics,
    Dashboards,
    DatabaseServer,
    EmbeddingModel,
    Firewall,
    Functions,
    Inventory,
    Keys,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, Terms, charge, reserved, stepped
from pricing.units import HOURS_A_MONTH
from pricing.usage import (
    CALLS_PER_KEY,
    DEPLOY_SECONDS,
    DEPLOYS_PER_MONTH,
    METRICS_LOG_GB_PER_SERVICE,
    READS_PER_SECRET,
    Usage,
)

_CATALOG = catalog("aws")

EGRESS = (
    ("internet-out-0-100GB", Decimal(100)),
    ("internet-out-first-10TB", Decimal(10 * 1024 - 100)),
    ("internet-out-next-40TB", Decimal(40 * 1024)),
    ("internet-out-next-100TB", Decimal(100 * 1024)),
    ("internet-out-over-150TB", None),
)
"""Steps of traffic to the internet, GB; the free 100 GB are part of the first 10 TB."""
S3_STANDARD = (
    ("standard-first-50TB", Decimal(50 * 1024)),
    ("standard-next-450TB", Decimal(450 * 1024)),
    ("standard-over-500TB", None),
)
"""Steps of what is kept in S3 Standard, GB."""

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

EKS_STANDARD_SUPPORT = {
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date.max,
}
"""Kubernetes version -> day on which EKS begins to bill extended support (endoflife.date,
"Amazon EKS"; that of 1.36 was not known there)."""
POSTGRES_STANDARD_SUPPORT = {
    "13": date(2026, 2, 28),
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
}
"""Major version of PostgreSQL -> day on which RDS begins to bill extended support (RDS user guide,
"Release calendar for RDS for PostgreSQL")."""


def charges(inventory: Inventory, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `usage` is billed by.

    Raises `ValueError` for a thing or a version without a tariff.
    """
    for thing in inventory.things:
        yield from _standing(thing, inventory.region, usage, terms)
    yield from _traffic(inventory, usage)
    yield from _backups(inventory, usage)
    yield from _logs(inventory, usage)
    yield from _requests(inventory, usage)
    yield from _container_metrics(inventory)


def _standing(thing: Thing, region: str, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What is billed because the thing is there."""
    match thing:
        case Machines():
            yield from _machines(thing, region, terms)
        case ServerlessCopies():
            yield from _serverless(thing, region)
        case DatabaseServer():
            yield from _database(thing, region, terms)
        case CacheNodes():
            yield from _cache(thing, region, terms)
        case Bucket():
            yield from _bucket(thing, region, usage)
        case LoadBalancer():
            row = ("elb", "alb:hour", region)
            yield charge(thing, "load balancer", row, "hour", _hours(1))
            yield _addresses(thing, region, Span.fixed(thing.zones))
        case PublicAddresses():
            yield _addresses(thing, region, Span.fixed(thing.count))
        case NatGateways():
            row = ("vpc", "nat-gateway:hour", region)
            yield charge(thing, "NAT gateway", row, "hour", _hours(thing.count))
        case PrivateEndpoints():
            row = ("vpc", "interface-endpoint:hour", region)
            yield charge(thing, "private endpoint", row, "endpoint-AZ-hour", _hours(thing.count))
        case ControlPlane():
            yield _control_plane(thing, region, terms)
        case Firewall():
            yield from _firewall(thing, region)
        case Volumes():
            yield _disk(thing, thing.type, region, thing.gib)
        case Alarms():
            kind = "alarm-high-resolution" if thing.high_resolution else "alarm-standard"
            row = ("cloudwatch", kind, region)
            yield charge(thing, "alarm", row, "alarm-month", Span.fixed(thing.count))
        case CustomMetrics():
            yield _metrics(thing, region, thing.count)
        case Dashboards():
            row = ("cloudwatch", "dashboard", region)
            yield charge(thing, "dashboard", row, "dashboard-month", Span.fixed(thing.count))
        case Secrets():
            yield from _secrets(thing, region)
        case Keys():
            yield from _keys(thing, region)
        case Functions():
            yield from _functions(thing, region)
        case LogGroups() | Queue() | ContainerMetrics() | LanguageModel() | EmbeddingModel():
            return  # billed by use alone
        case _:
            raise ValueError(f"AWS has no tariff for {type(thing).__name__} {thing.name}".rstrip())


def _hours(count: Span | int) -> Span:
    return (count if isinstance(count, Span) else Span.fixed(count)) * HOURS_A_MONTH


def _terms(
    thing: Thing, item: str, row: tuple[str, str, str], unit: str, count: Span, terms: Terms
) -> Iterator[Charge]:
    """Hours of something that can be reserved."""
    always, on_demand = reserved(count, terms)
    service, sku, region = row
    years = terms.reserved_years
    if always.ceiling:
        item_reserved = f"{item}, reserved for {years} year{'s' if years > 1 else ''}"
        row_reserved = (service, f"{sku}:reserved-{years}y", region)
        yield charge(thing, item_reserved, row_reserved, unit, _hours(always))
    if on_demand.ceiling or not always.ceiling:
        yield charge(thing, item, row, unit, _hours(on_demand))


def _machines(thing: Machines, region: str, terms: Terms) -> Iterator[Charge]:
    if thing.spot:
        item = f"spot machine {thing.type}"
        yield charge(thing, item, ("ec2-spot", thing.type, region), "hour", _hours(thing.count))
    else:
        row = ("ec2", thing.type, region)
        yield from _terms(thing, f"machine {thing.type}", row, "hour", thing.count, terms)
    if thing.disk_gib:
        yield _disk(thing, thing.disk_type, region, thing.count * thing.disk_gib)
    if thing.public_addresses:
        yield _addresses(thing, region, thing.count * thing.public_addresses)


def _serverless(thing: ServerlessCopies, region: str) -> Iterator[Charge]:
    kind = ("spot-" if thing.spot else "") + ("arm" if thing.arm else "x86")
    hours = _hours(thing.count)
    for item, sku, unit, size in (
        ("vCPUs of containers without machines", "vcpu", "vCPU-hour", thing.vcpus),
        ("memory of containers without machines", "memory", "GB-hour", thing.memory_gib),
    ):
        row = ("fargate", f"{kind}:{sku}", region)
        yield charge(thing, item, row, unit, hours * Decimal(str(size)))
    if thing.public_addresses:
        yield _addresses(thing, region, thing.count * thing.public_addresses)


def _addresses(thing: Thing, region: str, count: Span) -> Charge:
    row = ("vpc", "public-ipv4", region)
    return charge(thing, "public IPv4 address", row, "hour", _hours(count))


def _disk(thing: Thing, kind: str, region: str, gib: Span) -> Charge:
    return charge(thing, f"disk {kind}", ("ebs", kind, region), "GB-month", gib)


def _database(thing: DatabaseServer, region: str, terms: Terms) -> Iterator[Charge]:
    service = "rds-postgres"
    zones = "multi-az" if thing.high_availability else "single-az"
    standby = " with standby" if thing.high_availability else ""
    row = (service, f"{thing.type}:{zones}", region)
    yield from _terms(thing, f"database {thing.type}{standby}", row, "hour", Span.fixed(1), terms)
    yield charge(
        thing,
        f"database storage {thing.storage_type}{standby}",
        (service, f"storage-{thing.storage_type}:{zones}", region),
        "GB-month",
        thing.storage_gib,
    )
    vcpus, _ = _CATALOG.database_size(thing.type)
    if thing.insights_months:
        row = (service, f"performance-insights-long-term:{thing.type}", region)
        yield charge(thing, "kept performance data", row, "vCPU-month", Span.fixed(vcpus))
    if thing.version and _past(POSTGRES_STANDARD_SUPPORT, "PostgreSQL", thing.version, terms.on):
        servers = 2 if thing.high_availability else 1
        row = (service, "extended-support-year-1-2", region)
        item = f"extended support of PostgreSQL {thing.version}"
        yield charge(thing, item, row, "vCPU-hour", _hours(vcpus * servers))


def _cache(thing: CacheNodes, region: str, terms: Terms) -> Iterator[Charge]:
    row = (f"elasticache-{thing.engine}", thing.type, region)
    yield from _terms(thing, f"cache {thing.type}", row, "node-hour", thing.count, terms)
    # One snapshot of a cache is free.
    if paid := max(thing.snapshot_retention_days - 1, 0):
        gib = Decimal(str(_CATALOG.cache_size(thing.type))) * paid
        row = ("elasticache-redis", "backup-storage", region)
        yield charge(thing, "cache snapshots", row, "GB-month", Span.fixed(gib))


def _bucket(thing: Bucket, region: str, usage: Usage) -> Iterator[Charge]:
    what = "files" if thing.holds == "data" else "access logs"
    objects = demand.kept(thing, usage)
    for sku, amount in stepped(objects.standard, S3_STANDARD):
        yield charge(thing, what, ("s3", sku, region), "GB-month", amount)
    cooled, archived = objects.infrequent, objects.archive
    thousands = Span.fixed(usage.file_writes / 1000)
    if cooled.ceiling:
        row = ("s3", "standard-ia", region)
        yield charge(thing, f"{what}, infrequently accessed", row, "GB-month", cooled)
    if archived.ceiling:
        row = ("s3", "glacier-flexible", region)
        yield charge(thing, f"{what}, archived", row, "GB-month", archived)
    if thing.holds == "logs":
        return  # Few objects: the load balancer writes one every five minutes.
    row = ("s3", "put-standard", region)
    yield charge(thing, "writes of files", row, "1k requests", thousands)
    row = ("s3", "get-standard", region)
    yield charge(thing, "reads of files", row, "1k requests", Span.fixed(usage.file_reads / 1000))
    if cooled.ceiling:
        row = ("s3", "lifecycle-to-standard-ia", region)
        yield charge(thing, "files moved to infrequent access", row, "1k requests", thousands)
    if archived.ceiling:
        row = ("s3", "lifecycle-to-glacier-flexible", region)
        yield charge(thing, "files moved to the archive", row, "1k requests", thousands)


def _control_plane(thing: ControlPlane, region: str, terms: Terms) -> Charge:
    if _past(EKS_STANDARD_SUPPORT, "Kubernetes", thing.version, terms.on):
        return charge(
            thing,
            f"control plane {thing.version} in extended support",
            ("eks", "control-plane-extended-support", region),
            "hour",
            _hours(1),
            warning=f"Kubernetes {thing.version} is in extended support; a newer one costs a sixth",
        )
    return charge(thing, "control plane", ("eks", "control-plane", region), "hour", _hours(1))


def _past(ends: dict[str, date], what: str, version: str, on: date) -> bool:
    if version not in ends:
        raise ValueError(
            f"what AWS bills for {what} {version} is not known; versions with a known price are "
            f"{', '.join(ends)}"
        )
    return on >= ends[version]


def _firewall(thing: Firewall, region: str) -> Iterator[Charge]:
    yield charge(thing, "web firewall", ("waf", "web-acl", region), "month", Span.fixed(1))
    row = ("waf", "rule", region)
    yield charge(thing, "web firewall rule", row, "rule-month", Span.fixed(thing.rules))
    if thing.managed_groups:
        row = ("waf", "managed-rule-group", region)
        count = Span.fixed(thing.managed_groups)
        yield charge(thing, "paid group of web firewall rules", row, "group-month", count)


def _secrets(thing: Secrets, region: str) -> Iterator[Charge]:
    row = ("secretsmanager", "secret", region)
    yield charge(thing, "secret", row, "secret-month", Span.fixed(thing.count))
    calls = Span.fixed(Decimal(thing.count * READS_PER_SECRET) / 10_000)
    row = ("secretsmanager", "api", region)
    yield charge(thing, "reads of secrets", row, "10k calls", calls)


def _keys(thing: Keys, region: str) -> Iterator[Charge]:
    row = ("kms", "customer-key", region)
    yield charge(thing, "encryption key", row, "key-month", Span.fixed(thing.count))
    calls = Span.fixed(Decimal(thing.count * CALLS_PER_KEY) / 10_000)
    yield charge(thing, "uses of keys", ("kms", "requests", region), "10k requests", calls)


def _functions(thing: Functions, region: str) -> Iterator[Charge]:
    calls = Decimal(thing.count * DEPLOYS_PER_MONTH)
    row = ("lambda", "requests", region)
    yield charge(thing, "calls of functions", row, "1M requests", Span.fixed(calls / 10**6))
    seconds = calls * DEPLOY_SECONDS * thing.memory_mib / 1024
    row = ("lambda", "duration-x86", region)
    yield charge(thing, "running functions", row, "GB-second", Span.fixed(seconds))


def _metrics(thing: Thing, region: str, count: int) -> Charge:
    row = ("cloudwatch", "custom-metric-first-10k", region)
    return charge(thing, "metric", row, "metric-month", Span.fixed(count))


def _traffic(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    flows = demand.traffic(inventory, usage)
    region = inventory.region
    if way_in := demand.way_in(inventory):
        for sku, amount in stepped(Span.fixed(flows.internet_out), EGRESS):
            row = ("data-transfer", sku, region)
            item = "traffic to the internet"
            yield charge(way_in, item, row, "GB", amount, component="network", egress=True)
        if flows.cross_zone:
            row = ("data-transfer", "inter-az-each-way", region)
            amount = Span.fixed(flows.cross_zone * 2)  # billed where it leaves and where it enters
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
    names = {
        "servers": "logs of the servers",
        "bootstrap": "logs of the bootstrap",
        "flows": "logs of network flows",
        "control_plane": "logs of the control plane",
        "firewall": "logs of the web firewall",
        "other": "other logs",
    }
    for entry in demand.logged(inventory, usage):
        item = names[entry.thing.holds]
        row = ("cloudwatch", "logs-ingest", inventory.region)
        yield charge(entry.thing, f"{item}, taken in", row, "GB", Span.fixed(entry.ingested_gb))
        held = entry.ingested_gb * LOG_STORAGE_SHARE * entry.months_kept
        row = ("cloudwatch", "logs-storage", inventory.region)
        yield charge(entry.thing, f"{item}, kept", row, "GB-month", Span.fixed(held))


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
        yield charge(balancer, "load balancer capacity", row, "LCU-hour", _hours(Span.fixed(units)))
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
            yield _metrics(thing, region, CLUSTER_METRICS + SERVICE_METRICS * thing.services)
            row = ("cloudwatch", "logs-ingest", region)
            amount = Span.fixed(METRICS_LOG_GB_PER_SERVICE * thing.services)
            yield charge(thing, "performance records, taken in", row, "GB", amount)
