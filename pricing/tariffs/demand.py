"""What a workload asks of the things of one deployment: which traffic goes which way, what is
logged where, how old files are. The same on every cloud; a tariff only names the prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from infra.capacity import HORIZON_MONTHS
from pricing.inventory import (
    Bucket,
    DumpRuns,
    Dumps,
    EmbeddingModel,
    Inventory,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PrivateEndpoints,
    ServerlessCopies,
    Thing,
)
from pricing.span import Span
from pricing.usage import (
    CONTROL_PLANE_LOG_GB,
    DAYS_PER_MONTH,
    DUMP_GIB_PER_HOUR,
    DUMP_SHARE,
    DUMP_START_HOURS,
    JOB_LOG_GB,
    OTHER_LOG_GB,
    Usage,
)

ThingT = TypeVar("ThingT", bound=Thing)


def all_of(inventory: Inventory, kind: type[ThingT]) -> tuple[ThingT, ...]:
    """Things of one kind."""
    return tuple(thing for thing in inventory.things if isinstance(thing, kind))


def first_of(inventory: Inventory, kind: type[ThingT]) -> ThingT | None:
    """The first thing of one kind."""
    return next(iter(all_of(inventory, kind)), None)


def way_in(inventory: Inventory) -> Thing | None:
    """What callers reach: the load balancer, or the server itself."""
    servers = (
        thing
        for thing in inventory.things
        if isinstance(thing, Machines | ServerlessCopies) and thing.component == "api"
    )
    return first_of(inventory, LoadBalancer) or next(servers, None)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Traffic of a month by the way it takes, GB."""

    internet_out: Decimal
    """To callers and to providers of models; what they send is free."""
    nat: Decimal
    """Through NAT gateways, in both directions."""
    endpoint: Decimal
    """Through private endpoints."""
    cross_zone: Decimal
    """From one zone into another, between machines, gateways and load balancers."""
    database_cross_zone: Decimal
    """From one zone into another, to and from the database."""


def traffic(inventory: Inventory, usage: Usage) -> Traffic:
    """How the traffic of `usage` leaves the servers of `inventory`.

    Left out, because it depends on how often one deploys and not on the load: images that new
    machines pull. A machine that starts takes some 2 GB through NAT.
    """
    providers_out = providers_in = Decimal(0)
    if first_of(inventory, LanguageModel):
        providers_out += usage.llm_out_gb
        providers_in += usage.llm_in_gb
    if first_of(inventory, EmbeddingModel):
        providers_out += usage.embedding_out_gb
        providers_in += usage.embedding_in_gb
    logs = usage.application_log_gb
    endpoint = any(each.carries_logs for each in all_of(inventory, PrivateEndpoints))
    gateways = sum(each.count for each in all_of(inventory, NatGateways))
    nat = providers_out + providers_in + (Decimal(0) if endpoint else logs)
    if not gateways:
        nat = Decimal(0)
    # A load balancer whose subnets nobody knows yet stands in one zone at least.
    zones = max((1, *(each.zones for each in all_of(inventory, LoadBalancer))))
    return Traffic(
        internet_out=usage.internet_out_gb + providers_out,
        nat=nat,
        endpoint=logs if endpoint else Decimal(0),
        # Servers are spread over all zones; the database answers from one, and zones without a
        # gateway of their own use another's.
        cross_zone=nat * max(zones - gateways, 0) / zones,
        database_cross_zone=usage.database_transfer_gb * (zones - 1) / zones,
    )


@dataclass(frozen=True, kw_only=True)
class Logged:
    """What log groups of one purpose and one retention take in a month."""

    groups: tuple[LogGroups, ...]
    """The groups."""
    ingested_gb: Decimal
    """Written in a month."""
    months_kept: Decimal
    """Months of it that are there at once."""


def logged(inventory: Inventory, usage: Usage) -> Iterator[Logged]:
    """What is written to the log groups of `inventory`. Groups of one purpose share its lines."""
    groups: dict[tuple[str, int], list[LogGroups]] = {}
    for thing in all_of(inventory, LogGroups):
        groups.setdefault((thing.holds, thing.retention_days), []).append(thing)
    totals: dict[str, int] = {}
    for (holds, _), members in groups.items():
        totals[holds] = totals.get(holds, 0) + sum(member.count for member in members)
    for (holds, retention_days), members in groups.items():
        count = sum(member.count for member in members)
        shared = {
            "servers": usage.application_log_gb,
            "flows": usage.flow_log_gb,
            "firewall": usage.firewall_log_gb,
            "requests": usage.access_log_gb,
        }
        each = {
            "control_plane": CONTROL_PLANE_LOG_GB,
            "bootstrap": JOB_LOG_GB,
            "other": OTHER_LOG_GB,
        }
        yield Logged(
            groups=tuple(members),
            ingested_gb=(
                shared[holds] * count / totals[holds] if holds in shared else each[holds] * count
            ),
            months_kept=(
                retention_days / DAYS_PER_MONTH if retention_days else Decimal(HORIZON_MONTHS)
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Objects in a bucket by class, GB."""

    standard: Span
    infrequent: Span
    archive: Span


def kept(bucket: Bucket, usage: Usage) -> Kept:
    """What is in `bucket` after a year in which as much arrived every day."""
    arrived = (
        usage.files_gb
        if bucket.holds == "data"
        else Span.fixed(usage.access_log_gb * HORIZON_MONTHS)
    )
    return _aged(
        arrived,
        infrequent_access_days=bucket.infrequent_access_days,
        archive_days=bucket.archive_days,
        expiration_days=bucket.expiration_days,
    )


def dump_gb(usage: Usage) -> Decimal:
    """Size of one dump of the database after a year, GB."""
    return usage.database_gib * Decimal(2**30) / 10**9 * DUMP_SHARE


def dump_run_hours(runs: DumpRuns, usage: Usage) -> Decimal:
    """Hours a month in which dumps are made."""
    each = DUMP_START_HOURS + usage.database_gib / DUMP_GIB_PER_HOUR
    return each * runs.times_a_day * DAYS_PER_MONTH


def dumps_kept(dumps: Dumps, usage: Usage) -> Kept:
    """The dumps that are there after a year, each as large as the last."""
    a_year = dumps.times_a_day * HORIZON_MONTHS * DAYS_PER_MONTH
    return _aged(
        Span.fixed(dump_gb(usage) * a_year),
        infrequent_access_days=dumps.infrequent_access_days,
        archive_days=dumps.archive_days,
        expiration_days=dumps.billed_days,
    )


def _aged(
    arrived: Span, *, infrequent_access_days: int, archive_days: int, expiration_days: int
) -> Kept:
    """What arrived in a year, by its age. 0 days: never."""
    year = Decimal(HORIZON_MONTHS) * DAYS_PER_MONTH
    deleted = min(Decimal(expiration_days or year), year)
    archived = min(Decimal(archive_days or deleted), deleted)
    cooled = min(Decimal(infrequent_access_days or archived), archived)
    return Kept(
        standard=arrived * (cooled / year),
        infrequent=arrived * ((archived - cooled) / year),
        archive=arrived * ((deleted - archived) / year),
    )


def machine_count(inventory: Inventory) -> Span:
    """Machines of all kinds."""
    return sum((each.count for each in all_of(inventory, Machines)), Span.fixed(0))
