"""What Azure bills for because it is there: by the hour, the gigabyte kept, the piece."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from components.azure.fixed import GATEWAY_CAPACITY
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ControlPlane,
    DatabaseServer,
    DnsZones,
    DumpRuns,
    Dumps,
    EmbeddingModel,
    Firewall,
    Functions,
    InnerBalancers,
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
from pricing.tariffs.charge import Charge, Terms, charge
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

CAPACITY_UNITS_PER_INSTANCE = 10
"""What an instance of an application gateway counts as (Application Gateway documentation,
"Understanding pricing")."""
GATEWAY_HOUR = "hour-price-page"
"""Row of the hours of an application gateway: two prices are known, and this is the higher."""
DEDICATED = {f"D{cores}": (cores, cores * 4) for cores in (4, 8, 16, 32)}
"""Machine of a workload profile -> vCPUs, GiB (Container Apps documentation, "Workload
profiles")."""
DISK_STEPS = (("p4", 32), ("p6", 64), ("p10", 128), ("p15", 256), ("p20", 512), ("p30", 1024))
"""Premium SSDs by size, GiB (Managed Disks documentation, "Disk types")."""
BY_SIZE = {"PremiumV2_LRS": "premium-ssd-v2-capacity"}
"""Kinds of volumes that are billed by the GiB -> their row."""
FILES_PER_DUMP = 2
"""The dump and its manifest, each one upload whatever its size."""
MIB_PER_VCPU = 2048
"""Memory that comes with a core of a container (Container Apps documentation, "Containers")."""
_ANY = "any"
_PLACES = 10_000


def standing(thing: Thing, inventory: Inventory, usage: Usage, _terms: Terms) -> Iterator[Charge]:
    """What a month of `thing` is billed by, whatever is asked of it.

    Raises `ValueError` for a thing without a tariff.
    """
    region = inventory.region
    match thing:
        case ServerlessCopies():
            yield from _containers(
                thing,
                "containers without machines",
                thing.count * SECONDS_PER_MONTH,
                (Decimal(str(thing.vcpus)), Decimal(str(thing.memory_gib))),
                region,
            )
        case Functions():
            yield from _once(thing, region)
        case DumpRuns():
            seconds = Span.fixed(demand.dump_run_hours(thing, usage) * 3600)
            size = (Decimal(str(thing.vcpus)), Decimal(str(thing.memory_gib)))
            yield from _containers(thing, "runs that dump the database", seconds, size, region)
        case Machines() if thing.type in DEDICATED:
            yield from _dedicated(thing, region)
        case Machines():
            yield from _machines(thing, region)
        case ControlPlane():
            row = ("aks", "standard-tier-control-plane", region)
            yield charge(thing, "control plane", row, "hour", _hours(1))
        case Volumes():
            yield _volumes(thing, region)
        case DatabaseServer():
            yield from _database(thing, region)
        case CacheNodes():
            row = ("managed-redis", thing.type, region)
            yield charge(thing, f"cache {thing.type}", row, "node-hour", _hours(thing.count))
        case Bucket():
            yield from _bucket(thing, region, usage)
        case Dumps():
            yield from _dumps(thing, region, usage)
        case LoadBalancer():
            yield from _gateway(thing, inventory)
        case InnerBalancers():
            row = ("azure-load-balancer", "standard-first-5-rules-together", region)
            yield charge(thing, "load balancer before containers", row, "hour", _hours(thing.count))
        case NatGateways():
            row = ("azure-nat-gateway", "hour", _ANY)
            yield charge(thing, "NAT gateway", row, "hour", _hours(thing.count))
        case PublicAddresses():
            row = ("azure-network", "public-ip-standard", region)
            yield charge(thing, "public IPv4 address", row, "hour", _hours(thing.count))
        case PrivateEndpoints():
            row = ("azure-network", "private-endpoint", region)
            yield charge(thing, "private endpoint", row, "hour", _hours(thing.count))
        case DnsZones():
            row = ("azure-network", "dns-zone", _ANY)
            yield charge(thing, "zone of names", row, "zone-month", Span.fixed(thing.count))
        case Secrets():
            calls = Span.fixed(Decimal(thing.count * READS_PER_SECRET) / _PLACES)
            row = ("key-vault", "secret-operations", _ANY)
            yield charge(thing, "reads of secrets", row, "10k operations", calls)
        case Keys():
            calls = Span.fixed(Decimal(thing.count * CALLS_PER_KEY) / _PLACES)
            row = ("key-vault", "rsa-3072-operations", _ANY)
            yield charge(thing, "uses of keys", row, "10k operations", calls)
        case Alarms():
            sku = "log-alert-5-minutes" if thing.on_logs else "metric-alert"
            what = "alarm on lines of the log" if thing.on_logs else "alarm"
            row = ("azure-monitor", sku, region)
            yield charge(thing, what, row, "alarm-month", Span.fixed(thing.count))
        case Queue():
            row = ("service-bus", "standard-base", region)
            yield charge(thing, "namespace of the queue", row, "hour", _hours(1))
        case Firewall() | LogGroups() | LanguageModel() | EmbeddingModel():
            return  # billed with the load balancer, or by use alone
        case _:
            raise ValueError(
                f"Azure has no tariff for {type(thing).__name__} {thing.name}".rstrip()
            )


def _hours(count: Span | int) -> Span:
    return (count if isinstance(count, Span) else Span.fixed(count)) * HOURS_A_MONTH


def _containers(
    thing: Thing, what: str, seconds: Span, size: tuple[Decimal, Decimal], region: str
) -> Iterator[Charge]:
    """All of it at the price of containers that work: one that waits costs less."""
    for item, sku, unit, amount in (
        (f"vCPUs of {what}", "vcpu-active", "vCPU-second", size[0]),
        (f"memory of {what}", "memory-active", "GiB-second", size[1]),
    ):
        yield charge(thing, item, ("container-apps", sku, region), unit, seconds * amount)


def _once(thing: Functions, region: str) -> Iterator[Charge]:
    seconds = Span.fixed(Decimal(thing.count * DEPLOYS_PER_MONTH * DEPLOY_SECONDS))
    size = (Decimal(thing.memory_mib) / MIB_PER_VCPU, Decimal(thing.memory_mib) / 1024)
    yield from _containers(thing, "what runs at a deployment", seconds, size, region)


def _dedicated(thing: Machines, region: str) -> Iterator[Charge]:
    """Machines of an environment, and what managing them costs whatever their number."""
    vcpus, memory_gib = DEDICATED[thing.type]
    row = ("container-apps", "dedicated-management", region)
    yield charge(thing, "managing machines of containers", row, "hour", _hours(1))
    for item, sku, unit, size in (
        ("vCPUs", "dedicated-vcpu", "vCPU-hour", vcpus),
        ("memory", "dedicated-memory", "GiB-hour", memory_gib),
    ):
        row = ("container-apps", sku, region)
        yield charge(thing, f"machine {thing.type}, {item}", row, unit, _hours(thing.count) * size)


def _machines(thing: Machines, region: str) -> Iterator[Charge]:
    hours = _hours(thing.count)
    if thing.spot:
        item, row = f"spot machine {thing.type}", ("azure-vm-spot", thing.type, region)
        yield charge(thing, item, row, "hour", hours, spot_of=f"azure-vm {thing.type}")
    else:
        yield charge(
            thing, f"machine {thing.type}", ("azure-vm", thing.type, region), "hour", hours
        )
    if thing.disk_gib:
        step, gib = _disk_step(thing.disk_gib)
        row = ("managed-disk", f"premium-ssd-{step}-{gib}GiB-lrs", region)
        yield charge(thing, f"disk {step} of {thing.type}", row, "disk-month", thing.count)


def _disk_step(gib: int) -> tuple[str, int]:
    """The step of a Premium SSD that holds as much. Raises `ValueError` where none does."""
    for step, holds in DISK_STEPS:
        if gib <= holds:
            return step, holds
    raise ValueError(f"the disk of a node has {DISK_STEPS[-1][1]} GiB at most here, not {gib}")


def _volumes(thing: Volumes, region: str) -> Charge:
    """Of the kinds that are billed by what they hold. Raises `ValueError` for another."""
    if thing.type not in BY_SIZE:
        raise ValueError(
            f"volumes of {thing.type} are billed by the disk, and how large each is the stack does "
            f"not say; kinds with a price: {', '.join(BY_SIZE)}"
        )
    row = ("managed-disk", BY_SIZE[thing.type], region)
    return charge(thing, f"volumes, {thing.type}", row, "GiB-month", thing.gib)


def _database(thing: DatabaseServer, region: str) -> Iterator[Charge]:
    """A standby is a second server with a disk of its own."""
    service = "postgres-flexible"
    servers = 2 if thing.high_availability else 1
    standby = " with standby" if thing.high_availability else ""
    row = (service, thing.type.removeprefix("Standard_"), region)
    yield charge(thing, f"database {thing.type}{standby}", row, "hour", _hours(servers))
    row = (service, "storage", region)
    amount = thing.storage_gib * servers
    yield charge(thing, f"database storage{standby}", row, "GB-month", amount)


def _bucket(thing: Bucket, region: str, usage: Usage) -> Iterator[Charge]:
    kept = demand.kept(thing, usage)
    yield from _objects(thing, "files", kept, thing.redundancy, region)
    kind = _kind(thing.redundancy)
    row = ("blob", f"write-hot-{kind}", region)
    writes = Span.fixed(usage.file_writes / _PLACES)
    yield charge(thing, "writes of files", row, "10k operations", writes)
    row = ("blob", f"read-hot-{kind}", region)
    reads = Span.fixed(usage.file_reads / _PLACES)
    yield charge(thing, "reads of files", row, "10k operations", reads)


def _dumps(thing: Dumps, region: str, usage: Usage) -> Iterator[Charge]:
    what = "dumps of the database"
    yield from _objects(thing, what, demand.dumps_kept(thing, usage), thing.redundancy, region)
    writes = Span.fixed(FILES_PER_DUMP * thing.times_a_day * DAYS_PER_MONTH / _PLACES)
    row = ("blob", f"write-hot-{_kind(thing.redundancy)}", region)
    yield charge(thing, f"uploads of {what}", row, "10k operations", writes)


def _kind(redundancy: str) -> str:
    """`zrs` of `Standard_ZRS`."""
    return redundancy.rpartition("_")[2].lower()


def _objects(
    thing: Thing, what: str, kept: demand.Kept, redundancy: str, region: str
) -> Iterator[Charge]:
    kind = _kind(redundancy)
    last = "cold" if "z" in kind else "archive"
    for item, tier, amount in (
        (what, "hot", kept.standard),
        (f"{what}, infrequently accessed", "cool", kept.infrequent),
        (f"{what}, archived", last, kept.archive),
    ):
        if amount.ceiling:
            yield charge(thing, item, ("blob", f"{tier}-{kind}", region), "GB-month", amount)


def _gateway(thing: LoadBalancer, inventory: Inventory) -> Iterator[Charge]:
    """With a firewall it is of another kind, and costs more in both."""
    kind = "waf-v2" if demand.first_of(inventory, Firewall) else "standard-v2"
    row = ("application-gateway", f"{kind}:{GATEWAY_HOUR}", inventory.region)
    yield charge(thing, "load balancer", row, "hour", _hours(1))
    least, most = (each * CAPACITY_UNITS_PER_INSTANCE for each in GATEWAY_CAPACITY)
    row = ("application-gateway", f"{kind}:cu", inventory.region)
    units = Span.of(least, least, most)
    yield charge(thing, "capacity of the load balancer", row, "CU-hour", _hours(units))
