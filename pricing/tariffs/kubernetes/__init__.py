"""What room in a cluster is counted by: what pods have set aside, whether they use it or not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import (
    Bucket,
    DumpRuns,
    Dumps,
    EmbeddingModel,
    Inventory,
    LanguageModel,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, Terms, charge
from pricing.tariffs.demand import Kept
from pricing.units import HOURS_A_MONTH
from pricing.usage import Usage

_SERVICE = "kubernetes"


def charges(inventory: Inventory, usage: Usage, _terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `usage` is counted by.

    Raises `ValueError` for a thing without a tariff.
    """
    for thing in inventory.things:
        yield from _standing(thing, inventory.region, usage)
    if way_in := demand.way_in(inventory):
        flows = demand.traffic(inventory, usage)
        amount = Span.fixed(flows.internet_out)
        row = (_SERVICE, "egress", inventory.region)
        item = "traffic to the internet"
        yield charge(way_in, item, row, "GB", amount, component="network", egress=True)


def _standing(thing: Thing, region: str, usage: Usage) -> Iterator[Charge]:
    if isinstance(thing, ServerlessCopies):
        yield from _pods(thing, region, thing.count * HOURS_A_MONTH, "pods")
    elif isinstance(thing, DumpRuns):
        hours = Span.fixed(demand.dump_run_hours(thing, usage))
        yield from _pods(thing, region, hours, "runs that dump the database")
    elif isinstance(thing, Volumes):
        yield charge(thing, "volumes", (_SERVICE, thing.type, region), "GiB-month", thing.gib)
    elif isinstance(thing, Bucket):
        yield _objects(thing, "files in object storage", demand.kept(thing, usage), region)
    elif isinstance(thing, Dumps):
        yield _objects(thing, "dumps of the database", demand.dumps_kept(thing, usage), region)
    elif not isinstance(thing, LanguageModel | EmbeddingModel):
        raise ValueError(f"there is no tariff for {type(thing).__name__} on Kubernetes")


def _pods(
    thing: ServerlessCopies | DumpRuns, region: str, hours: Span, what: str
) -> Iterator[Charge]:
    for item, sku, unit, size in (
        (f"vCPUs set aside for {what}", "vcpu", "vCPU-hour", thing.vcpus),
        (f"memory set aside for {what}", "memory", "GiB-hour", thing.memory_gib),
    ):
        quantity = hours * Decimal(str(size))
        yield charge(thing, item, (_SERVICE, sku, region), unit, quantity)


def _objects(thing: Thing, item: str, kept: Kept, region: str) -> Charge:
    quantity = kept.standard + kept.infrequent + kept.archive
    return charge(thing, item, (_SERVICE, "object", region), "GB-month", quantity)
