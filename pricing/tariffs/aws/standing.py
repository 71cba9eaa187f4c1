"""What AWS bills for because it is there: by the hour, the gigabyte kept, the piece."""

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
    DnsZones,
    DumpRuns,
    Dumps,
    EmbeddingModel,
    Firewall,
    Functions,
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
    DAYS_PER_MONTH,
    DEPLOY_SECONDS,
    DEPLOYS_PER_MONTH,
    DUMP_PART_MB,
    READS_PER_SECRET,
    Usage,
)

_CATALOG = catalog("aws")

S3_STANDARD = (
    ("standard-first-50TB", Decimal(50 * 1024)),
    ("standard-next-450TB", Decimal(450 * 1024)),
    ("standard-over-500TB", None),
)
"""Steps of what is kept in S3 Standard, GB."""

EKS_EXTENDED_SUPPORT = {
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date.max,
}
"""Kubernetes version -> day on which EKS begins to bill extended support (endoflife.date,
"Amazon EKS"; that of 1.36 was not known there)."""
POSTGRES_EXTENDED_SUPPORT = {
    "13": date(2026, 2, 28),
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
}
"""Major version of PostgreSQL -> day on which RDS begins to bill extended support (RDS user guide,
"Release calendar for RDS for PostgreSQL")."""


def standing(thing: Thing, region: str, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `thing` is billed by, whatever is asked of it.

    Raises `ValueError` for a thing without a tariff.
    """
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
        case Dumps():
            yield from _dumps(thing, region, usage)
        case DumpRuns():
            yield from _dump_runs(thing, region, usage)
        case LoadBalancer():
            row = ("elb", "alb:hour", region)
            yield charge(thing, "load balancer", row, "hour", _hours(1))
            yield _addresses(thing, region, Span.fixed(thing.zones))
        case PublicAddresses():
            yield _addresses(thing, region, Span.fixed(thing.count))
        case DnsZones():
            row = ("route53", "hosted-zone", region)
            yield charge(thing, "DNS zone", row, "zone-month", Span.fixed(thing.count))
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
            row = ("cloudwatch", "custom-metric-first-10k", region)
            yield charge(thing, "metric", row, "metric-month", Span.fixed(thing.count))
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
        item, row = f"spot machine {thing.type}", ("ec2-spot", thing.type, region)
        hours = _hours(thing.count)
        yield charge(thing, item, row, "hour", hours, spot_of=f"ec2 {thing.type}")
    else:
        row = ("ec2", thing.type, region)
        yield from _terms(thing, f"machine {thing.type}", row, "hour", thing.count, terms)
    if thing.disk_gib:
        yield _disk(thing, thing.disk_type, region, thing.count * thing.disk_gib)
    if thing.public_addresses:
        yield _addresses(thing, region, thing.count * thing.public_addresses)


def _serverless(thing: ServerlessCopies, region: str) -> Iterator[Charge]:
    regular = "arm" if thing.arm else "x86"
    hours = _hours(thing.count)
    yield from _fargate(
        thing, region, hours, regular=regular, spot=thing.spot, what="containers without machines"
    )
    if thing.public_addresses:
        yield _addresses(thing, region, thing.count * thing.public_addresses)


def _fargate(
    thing: ServerlessCopies | DumpRuns,
    region: str,
    hours: Span,
    *,
    what: str,
    regular: str = "x86",
    spot: bool = False,
) -> Iterator[Charge]:
    kind = f"spot-{regular}" if spot else regular
    for item, sku, unit, size in (
        (f"vCPUs of {what}", "vcpu", "vCPU-hour", thing.vcpus),
        (f"memory of {what}", "memory", "GB-hour", thing.memory_gib),
    ):
        row = ("fargate", f"{kind}:{sku}", region)
        spot_of = f"fargate {regular}:{sku}" if spot else ""
        yield charge(thing, item, row, unit, hours * Decimal(str(size)), spot_of=spot_of)


def _dump_runs(thing: DumpRuns, region: str, usage: Usage) -> Iterator[Charge]:
    hours = Span.fixed(demand.dump_run_hours(thing, usage))
    yield from _fargate(thing, region, hours, what="runs that dump the database")
    if thing.public_addresses:
        row = ("vpc", "public-ipv4", region)
        yield charge(thing, "public IPv4 address", row, "hour", hours * thing.public_addresses)
    if thing.storage_gib:
        row = ("fargate", "ephemeral-storage-beyond-20GB", region)
        amount = hours * (Decimal(thing.storage_gib) / HOURS_A_MONTH)
        yield charge(thing, "storage of runs that dump the database", row, "GB-month", amount)


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
    if thing.insights_months:
        row = (service, f"performance-insights-long-term:{thing.type}", region)
        vcpus, _ = _CATALOG.database_size(thing.type)
        yield charge(thing, "kept performance data", row, "vCPU-month", Span.fixed(vcpus))
    if thing.version:
        yield from _extended_support(thing, region, terms)


def _extended_support(thing: DatabaseServer, region: str, terms: Terms) -> Iterator[Charge]:
    begins = POSTGRES_EXTENDED_SUPPORT.get(thing.version)
    if begins and terms.on < begins:
        return
    # A version that nobody here knows is a price that is missing.
    sku = "extended-support-year-1-2" if begins else f"extended-support:{thing.version}"
    vcpus, _ = _CATALOG.database_size(thing.type)
    servers = 2 if thing.high_availability else 1
    item = f"extended support of PostgreSQL {thing.version}"
    row = ("rds-postgres", sku, region)
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


def _dumps(thing: Dumps, region: str, usage: Usage) -> Iterator[Charge]:
    what = "dumps of the database"
    objects = demand.dumps_kept(thing, usage)
    for sku, amount in stepped(objects.standard, S3_STANDARD):
        yield charge(thing, what, ("s3", sku, region), "GB-month", amount)
    for amount, sku, item in (
        (objects.infrequent, "standard-ia", f"{what}, infrequently accessed"),
        (objects.archive, "glacier-flexible", f"{what}, archived"),
    ):
        if amount.ceiling:
            yield charge(thing, item, ("s3", sku, region), "GB-month", amount)
    parts = demand.dump_gb(usage) * 1000 / DUMP_PART_MB + 1
    thousands = Span.fixed(parts * thing.times_a_day * DAYS_PER_MONTH / 1000)
    row = ("s3", "put-standard", region)
    yield charge(thing, "uploads of dumps", row, "1k requests", thousands)


def _control_plane(thing: ControlPlane, region: str, terms: Terms) -> Charge:
    begins = EKS_EXTENDED_SUPPORT.get(thing.version)
    item, warning = "control plane", ""
    if begins is None:
        sku = f"control-plane:{thing.version}"  # nobody here knows it: a price that is missing
    elif terms.on < begins:
        sku = "control-plane"
    else:
        sku, item = "control-plane-extended-support", "control plane in extended support"
        warning = f"Kubernetes {thing.version} is in extended support; a newer one costs a sixth"
    return charge(thing, item, ("eks", sku, region), "hour", _hours(1), warning=warning)


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
