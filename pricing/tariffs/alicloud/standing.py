"""What Alibaba Cloud bills for because it is there: by the hour, the gigabyte kept, the piece."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import (
    Bucket,
    CacheNodes,
    ControlPlane,
    DatabaseServer,
    Dumps,
    EmbeddingModel,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PublicAddresses,
    Queue,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, Terms, charge
from pricing.units import HOURS_A_MONTH
from pricing.usage import DAYS_PER_MONTH, Usage

FILES_PER_DUMP = 2
"""The dump and its manifest. A large one comes in parts, each a request; they are left out."""
_PER_OPERATIONS = 10_000


def standing(thing: Thing, region: str, usage: Usage, _terms: Terms) -> Iterator[Charge]:
    """What a month of `thing` is billed by, whatever is asked of it.

    Raises `ValueError` for a thing without a tariff.
    """
    match thing:
        case Machines():
            yield from _machines(thing, region)
        case Volumes():
            yield _disk(thing, thing.type, region, thing.gib)
        case ControlPlane():
            row = ("ack", "managed-pro-cluster-fee", region)
            yield charge(thing, "control plane", row, "hour", _hours(1))
        case DatabaseServer():
            yield from _database(thing, region)
        case CacheNodes():
            row = ("tair-redis", thing.type, region)
            item = f"cache {thing.type} with standby"
            yield charge(thing, item, row, "hour", _hours(thing.count))
        case Bucket():
            yield from _bucket(thing, region, usage)
        case Dumps():
            yield from _dumps(thing, region, usage)
        case LoadBalancer():
            row = ("alicloud-alb", "instance-standard", region)
            yield charge(thing, "load balancer", row, "hour", _hours(1))
            # It has an address in each of its zones, which is paid for like any other.
            row = ("alicloud-eip", "retention", region)
            item = "addresses of the load balancer"
            yield charge(thing, item, row, "hour", _hours(thing.zones))
        case NatGateways():
            row = ("alicloud-nat-gateway", "internet-nat-instance", region)
            yield charge(thing, "NAT gateway", row, "hour", _hours(thing.count))
        case PublicAddresses():
            row = ("alicloud-eip", "retention", region)
            yield charge(thing, "public IPv4 address", row, "hour", _hours(thing.count))
        case LogGroups() | Queue() | LanguageModel() | EmbeddingModel():
            return  # billed by use alone
        case _:
            kind = type(thing).__name__
            raise ValueError(f"Alibaba Cloud has no tariff for {kind} {thing.name}".rstrip())


def _hours(count: Span | int) -> Span:
    return (count if isinstance(count, Span) else Span.fixed(count)) * HOURS_A_MONTH


def _machines(thing: Machines, region: str) -> Iterator[Charge]:
    hours = _hours(thing.count)
    if thing.spot:
        row = ("ecs-spot", thing.type, region)
        item, regular = f"spot machine {thing.type}", f"ecs {thing.type}"
        yield charge(thing, item, row, "hour", hours, spot_of=regular)
    else:
        row = ("ecs", thing.type, region)
        yield charge(thing, f"machine {thing.type}", row, "hour", hours)
    if thing.disk_gib:
        yield _disk(thing, thing.disk_type, region, thing.count * thing.disk_gib)


def _disk(thing: Thing, kind: str, region: str, gib: Span) -> Charge:
    return charge(thing, f"disk {kind}", ("alicloud-ebs", kind, region), "GB-month", gib)


def _database(thing: DatabaseServer, region: str) -> Iterator[Charge]:
    """The price of a primary's class has the standby in it; storage is billed for each node."""
    service = "alicloud-rds-postgres"
    standby = " with standby" if thing.high_availability else ""
    row = (service, thing.type, region)
    yield charge(thing, f"database {thing.type}{standby}", row, "hour", _hours(1))
    nodes = 2 if thing.high_availability else 1
    row = (service, f"storage-{thing.storage_type}", region)
    amount = thing.storage_gib * nodes * HOURS_A_MONTH
    yield charge(thing, f"database storage{standby}", row, "GB-hour", amount)


def _bucket(thing: Bucket, region: str, usage: Usage) -> Iterator[Charge]:
    yield from _objects(thing, "files", demand.kept(thing, usage), region)
    for item, sku, count in (
        ("writes of files", "put", usage.file_writes),
        ("reads of files", "get", usage.file_reads),
    ):
        amount = Span.fixed(count / _PER_OPERATIONS)
        yield charge(thing, item, ("oss", f"requests-{sku}", region), "10k requests", amount)


def _dumps(thing: Dumps, region: str, usage: Usage) -> Iterator[Charge]:
    what = "dumps of the database"
    yield from _objects(thing, what, demand.dumps_kept(thing, usage), region)
    uploads = FILES_PER_DUMP * thing.times_a_day * DAYS_PER_MONTH
    row = ("oss", "requests-put", region)
    amount = Span.fixed(uploads / _PER_OPERATIONS)
    yield charge(thing, f"uploads of {what}", row, "10k requests", amount)


def _objects(thing: Thing, what: str, kept: demand.Kept, region: str) -> Iterator[Charge]:
    """Copies in several zones, as the bucket has them."""
    for item, sku, amount in (
        (what, "standard-zrs", kept.standard),
        (f"{what}, infrequently accessed", "ia-zrs", kept.infrequent),
        (f"{what}, archived", "archive-zrs", kept.archive),
    ):
        if amount.ceiling:
            yield charge(thing, item, ("oss", sku, region), "GB-month", amount)
