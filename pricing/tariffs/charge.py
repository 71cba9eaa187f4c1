"""A quantity that a price list bills for, and the terms that were agreed with the cloud."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pricing.inventory import Component, Thing
from pricing.span import Span


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was agreed with the cloud, and the day the bill is for."""

    reserved_years: Literal[0, 1, 3] = 0
    """Years for which what always runs is reserved: machines, databases and cache nodes at their
    floor. 0: all on demand."""
    on: date = field(default_factory=date.today)
    """Day for which surcharges on old versions are looked up."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A quantity of one month in the unit of its price row."""

    component: Component
    item: str
    """What is billed, in words."""
    service: str
    sku: str
    """With `service` and `region`: the row of a price book."""
    region: str
    unit: str
    """Unit of `quantity`; it must be the row's."""
    quantity: Span
    resource: str = ""
    """Logical name of the resource that causes it; empty where only the stack file is known."""
    urn: str = ""
    note: str = ""
    """What the reader of a bill must know about it."""


def charge(
    thing: Thing,
    item: str,
    *,
    row: tuple[str, str],
    region: str,
    unit: str,
    quantity: Span,
    component: Component | None = None,
    note: str = "",
) -> Charge:
    """A charge that `thing` causes. `row`: service and sku."""
    service, sku = row
    return Charge(
        component=component or thing.component,
        item=item,
        service=service,
        sku=sku,
        region=region,
        unit=unit,
        quantity=quantity,
        resource=thing.name,
        urn=thing.urn,
        note=note,
    )
