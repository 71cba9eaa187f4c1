"""What Google bills for because it is there: by the hour, the gigabyte kept, the piece."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from infra.platforms import catalog
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ControlPlane,
    CustomMetrics,
    DatabaseServer,
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
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, Terms, charge
from pricing.tariffs.gcp.regions import run_region, run_tier
from pricing.units import HOURS_A_MONTH
from pricing.usage import (
    CALLS_PER_KEY,
    DAYS_PER_MONTH,
    DEPLOY_SECONDS,
    DEPLOYS_PER_MONTH,
    READS_PER_SECRET,
    SECONDS_PER_MONTH,
    Usage,
)

_CATALOG = catalog("gcp")

CACHE_CAPACITIES = ((4, "m1"), (10, "m2"), (35, "m3"), (100, "m4"), (300, "m5"))
"""Most GiB of a cache -> the tier of its price (Memorystore for Redis pricing)."""
FILES_PER_DUMP = 2
"""The dump and its manifest, each one upload whatever its size."""
JOB_VCPUS = 1
"""Cores of the bootstrap (`components/letta/bootstrap.py`)."""


def standing(thing: Thing, region: str, usage: Usage, _terms: Terms) -> Iterator[Charge]:
    """What a month of `thing` is billed by, whatever is asked of it.

    Raises `ValueError` for a thing without a tariff.
    """
    match thing:
        case ServerlessCopies():
            yield from _serverless(thing, region)
        case Machines():
            yield from _machines(thing, region)
        case ControlPlane():
            yield charge(thing, "control plane", ("gke", "cluster-fee", region), "hour", _hours(1))
        case Volumes():
            yield _disk(thing, thing.type, region, thing.gib)
        case Functions():
            yield from _job(thing, region)
        case DatabaseServer():
            yield from _database(thing, region)
        case CacheNodes():
            yield _cache(thing, region)
        case Bucket():
            yield from _bucket(thing, region, usage)
        case Dumps():
            yield from _dumps(thing, region, usage)
        case DumpRuns():
            yield from _dump_runs(thing, region, usage)
        case LoadBalancer():
            row = ("load-balancing", "forwarding-rules-first-5-together", region)
            yield charge(thing, "load balancer", row, "hour", _hours(1))
        case PublicAddresses():
            row = ("gcp-vpc", "ip-on-standard-vm", region)
            yield charge(thing, "public IPv4 address", row, "hour", _hours(thing.count))
        case Firewall():
            row = ("cloud-armor", "policy", region)
            yield charge(thing, "web firewall", row, "policy-month", Span.fixed(1))
            row = ("cloud-armor", "rule", region)
            yield charge(thing, "web firewall rule", row, "rule-month", Span.fixed(thing.rules))
        case Secrets():
            yield from _secrets(thing, region)
        case Keys():
            yield from _keys(thing, region)
        case Alarms():
            row = ("cloud-monitoring", "alert-condition", region)
            yield charge(thing, "alarm", row, "alarm-month", Span.fixed(thing.count))
        case (
            LogGroups()
            | NatGateways()
            | Queue()
            | CustomMetrics()
            | LanguageModel()
            | EmbeddingModel()
        ):
            return  # billed by use alone
        case _:
            raise ValueError(
                f"Google Cloud has no tariff for {type(thing).__name__} {thing.name}".rstrip()
            )


def _hours(count: Span | int) -> Span:
    return (count if isinstance(count, Span) else Span.fixed(count)) * HOURS_A_MONTH


def _machines(thing: Machines, region: str) -> Iterator[Charge]:
    machine, _, attached = thing.type.partition("+")
    hours = _hours(thing.count)
    if thing.spot:
        item, row = f"spot machine {machine}", ("gce-spot", machine, region)
        yield charge(thing, item, row, "hour", hours, spot_of=f"gce {machine}")
    else:
        yield charge(thing, f"machine {machine}", ("gce", machine, region), "hour", hours)
    if attached:
        # Those that belong to a machine are in its price.
        row = ("gce-gpu", f"nvidia-{attached}", region)
        yield charge(thing, f"GPU {attached} of {machine}", row, "GPU-hour", hours)
    if thing.disk_gib:
        yield _disk(thing, thing.disk_type, region, thing.count * thing.disk_gib)


def _disk(thing: Thing, kind: str, region: str, gib: Span) -> Charge:
    row = ("persistent-disk", kind, region)
    return charge(thing, f"disk {kind}", row, "GB-month", gib)


def _serverless(thing: ServerlessCopies, region: str) -> Iterator[Charge]:
    seconds = thing.count * SECONDS_PER_MONTH
    yield from _run(thing, region, seconds, "containers without machines")


def _run(
    thing: ServerlessCopies | DumpRuns, region: str, seconds: Span, what: str
) -> Iterator[Charge]:
    tier, place = run_tier(region), run_region(region)
    for item, sku, unit, size in (
        (f"vCPUs of {what}", "cpu", "vCPU-second", thing.vcpus),
        (f"memory of {what}", "memory", "GiB-second", thing.memory_gib),
    ):
        row = ("cloud-run", f"{sku}-instance-based:{tier}", place)
        yield charge(thing, item, row, unit, seconds * Decimal(str(size)))


def _dump_runs(thing: DumpRuns, region: str, usage: Usage) -> Iterator[Charge]:
    seconds = Span.fixed(demand.dump_run_hours(thing, usage) * 3600)
    yield from _run(thing, region, seconds, "runs that dump the database")


def _job(thing: Functions, region: str) -> Iterator[Charge]:
    tier, place = run_tier(region), run_region(region)
    seconds = Decimal(thing.count * DEPLOYS_PER_MONTH * DEPLOY_SECONDS)
    row = ("cloud-run", f"cpu-instance-based:{tier}", place)
    amount = Span.fixed(seconds * JOB_VCPUS)
    yield charge(thing, "running the bootstrap, vCPU", row, "vCPU-second", amount)
    row = ("cloud-run", f"memory-instance-based:{tier}", place)
    amount = Span.fixed(seconds * thing.memory_mib / 1024)
    yield charge(thing, "running the bootstrap, memory", row, "GiB-second", amount)


def _database(thing: DatabaseServer, region: str) -> Iterator[Charge]:
    service = "cloudsql-postgres"
    kind = "regional-ha" if thing.high_availability else "zonal"
    standby = " with standby" if thing.high_availability else ""
    vcpus, memory_gib = _CATALOG.database_size(thing.type)
    for item, sku, unit, size in (
        ("vCPUs", "enterprise-vcpu", "vCPU-hour", vcpus),
        ("memory", "enterprise-memory", "GB-hour", memory_gib),
    ):
        row = (service, f"{sku}:{kind}", region)
        amount = _hours(1) * Decimal(str(size))
        yield charge(thing, f"database {thing.type}{standby}, {item}", row, unit, amount)
    row = (service, f"storage-ssd:{kind}", region)
    yield charge(thing, f"database storage{standby}", row, "GB-month", thing.storage_gib)


def _cache(thing: CacheNodes, region: str) -> Charge:
    gib = int(_CATALOG.cache_size(thing.type))
    tier = "basic" if thing.count.ceiling == 1 else "standard"
    capacity = next(name for most, name in CACHE_CAPACITIES if gib <= most)
    row = ("memorystore-redis", f"{tier}-{capacity}", region)
    # The price of the standard tier has both nodes in it; read replicas are nodes of their own.
    copies = max(int(thing.count.ceiling) - 1, 1)
    return charge(thing, f"cache {thing.type}", row, "GB-hour", _hours(gib * copies))


def _bucket(thing: Bucket, region: str, usage: Usage) -> Iterator[Charge]:
    yield from _objects(thing, "files", demand.kept(thing, usage), region)
    row = ("gcs", "class-a:standard", region)
    writes = Span.fixed(usage.file_writes / 10_000)
    yield charge(thing, "writes of files", row, "10k operations", writes)
    row = ("gcs", "class-b:standard", region)
    reads = Span.fixed(usage.file_reads / 10_000)
    yield charge(thing, "reads of files", row, "10k operations", reads)


def _dumps(thing: Dumps, region: str, usage: Usage) -> Iterator[Charge]:
    what = "dumps of the database"
    yield from _objects(thing, what, demand.dumps_kept(thing, usage), region)
    writes = Span.fixed(FILES_PER_DUMP * thing.times_a_day * DAYS_PER_MONTH / 10_000)
    row = ("gcs", "class-a:standard", region)
    yield charge(thing, f"uploads of {what}", row, "10k operations", writes)


def _objects(thing: Thing, what: str, kept: demand.Kept, region: str) -> Iterator[Charge]:
    for item, sku, amount in (
        (what, "standard", kept.standard),
        (f"{what}, infrequently accessed", "nearline", kept.infrequent),
        (f"{what}, archived", "coldline", kept.archive),
    ):
        if amount.ceiling:
            yield charge(thing, item, ("gcs", sku, region), "GB-month", amount)


def _secrets(thing: Secrets, region: str) -> Iterator[Charge]:
    row = ("secret-manager", "active-version", region)
    yield charge(thing, "secret", row, "version-month", Span.fixed(thing.count))
    calls = Span.fixed(Decimal(thing.count * READS_PER_SECRET) / 10_000)
    row = ("secret-manager", "access", region)
    yield charge(thing, "reads of secrets", row, "10k operations", calls)


def _keys(thing: Keys, region: str) -> Iterator[Charge]:
    row = ("gcp-kms", "software-key-version", region)
    yield charge(thing, "encryption key", row, "version-month", Span.fixed(thing.count))
    calls = Span.fixed(Decimal(thing.count * CALLS_PER_KEY) / 10_000)
    yield charge(thing, "uses of keys", ("gcp-kms", "operations", region), "10k operations", calls)
