"""A quantity that a price list bills for, and the terms that were agreed with the cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal

from pricing.inventory import Component, Thing
from pricing.span import Span

Biller = Literal["cloud", "models", "services"]
"""Who sends the invoice: the cloud, a provider of models, or another service."""

SPOT_LEAST_SHARE = Decimal("0.3")
"""Share of the regular price that spare capacity costs at least. Its own prices move daily and
carry no date; the requirements document claims 60 to 70 % off (section 9.5.1), so that this much
stays by the boldest claim."""


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
    billed_by: Biller = "cloud"
    egress: bool = False
    """Whether it is traffic to the internet."""
    note: str = ""
    """What the reader of its line must know."""
    spot_of: str = ""
    """Spare capacity: `service sku` of the same thing at the regular price."""
    warning: str = ""
    """What the reader of the whole bill must know."""


def charge(
    thing: Thing,
    item: str,
    row: tuple[str, str, str],
    unit: str,
    quantity: Span,
    *,
    component: Component | None = None,
    billed_by: Biller = "cloud",
    egress: bool = False,
    note: str = "",
    spot_of: str = "",
    warning: str = "",
) -> Charge:
    """A charge that `thing` causes. `row`: service, sku and region."""
    service, sku, region = row
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
        billed_by=billed_by,
        egress=egress,
        note=note,
        spot_of=spot_of,
        warning=warning,
    )


def reserved(count: Span, terms: Terms) -> tuple[Span, Span]:
    """What of `count` is paid for by reservation and what on demand. What is reserved is what
    always runs, and it is paid whether it runs or not."""
    if not terms.reserved_years:
        return Span.fixed(0), count
    return Span.fixed(count.floor), count.map(lambda number: number - count.floor)


def stepped(
    quantity: Span, steps: tuple[tuple[str, Decimal | None], ...]
) -> Iterator[tuple[str, Span]]:
    """`quantity` cut at the steps of a price list: sku -> what falls into it.

    `steps`: sku and width of each; the last has no end. The first is always there, those that
    even the ceiling does not reach are left out.
    """
    start = Decimal(0)
    for number, (sku, width) in enumerate(steps):
        if number and quantity.ceiling <= start:
            return
        yield sku, quantity.map(partial(_within, start, width))
        start += width or 0


def _within(start: Decimal, width: Decimal | None, total: Decimal) -> Decimal:
    rest = max(total - start, Decimal(0))
    return rest if width is None else min(rest, width)
