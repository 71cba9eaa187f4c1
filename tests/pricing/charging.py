"""What AWS bills for some things, for tests that work out the quantities by hand."""

from __future__ import annotations

from datetime import date

from infra.tiers import Workload
from pricing.inventory import (
    DatabaseServer,
    Inventory,
    Machines,
    Thing,
)
from pricing.span import Span
from pricing.tariffs import Charge, Terms, charges

TODAY = date(2026, 11, 23)
ON_DEMAND = Terms(on=TODAY)
MONTH = 730
WORKLOAD = Workload(agents=1000, messages_per_agent=1000)
"""A million messages: 25 GB of traffic, 14.4 GB of prompts, 1.2 GB of answers, 25 GB of logs."""


def bill_of(
    *things: Thing, workload: Workload = WORKLOAD, terms: Terms = ON_DEMAND
) -> dict[tuple[str, str], Charge]:
    """Service and sku -> the charge, of those that are there once."""
    inventory = Inventory(cloud="aws", region="us-east-1", things=things)
    found: dict[tuple[str, str], Charge] = {}
    for charge in charges(inventory, workload, terms):
        assert (charge.service, charge.sku) not in found
        found[charge.service, charge.sku] = charge
    return found


def quantity(found: dict[tuple[str, str], Charge], service: str, sku: str) -> Span:
    return found[service, sku].quantity


SERVER = Machines(
    component="api", type="m5.large", count=Span.of(2, 3, 10), disk_gib=200, disk_type="gp3"
)


def database(
    *,
    high_availability: bool = False,
    version: str = "16",
    storage: int = 200,
    backup_days: int = 7,
    kind: str = "db.r5.large",
) -> DatabaseServer:
    return DatabaseServer(
        component="database",
        type=kind,
        high_availability=high_availability,
        storage_gib=Span.of(storage, storage, storage * 2),
        storage_type="gp3",
        backup_retention_days=backup_days,
        version=version,
    )
