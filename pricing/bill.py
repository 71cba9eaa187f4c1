"""The bill: charges times the prices of a book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from infra.tiers import Workload
from pricing.book import Book, Price, PriceMissing
from pricing.inventory import Component, Inventory
from pricing.span import ZERO, Span
from pricing.speeds import overload
from pricing.tariffs import Charge, Terms, charges
from pricing.tariffs.charge import SPOT_LEAST_SHARE, Biller
from pricing.usage import usage_of

_CENT = Decimal("0.01")
_RETIRES = re.compile(r"; retires (\d{4}-\d\d-\d\d)")
"""How the source of a price row says until when the thing can be had."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a bill."""

    component: Component
    item: str
    """What is billed, in words."""
    service: str
    sku: str
    """With `service`: the row of the price book."""
    quantity: Span
    """Of a month, in `unit`."""
    unit: str
    unit_price_usd: Decimal
    monthly_usd: Span
    """Rounded to cents, half up."""
    as_of: date | None
    """Date of the price; None: unknown."""
    source: str
    """Where the price is from."""
    trust: str
    """How far it can be trusted: `pricing.book.Trust`."""
    weak: bool
    """Whether nobody can check the price: it warns, and blocks by `least_usd` alone."""
    least_usd: Span = ZERO
    """Of a weak line: what it costs at least by a price that can be checked. Only spare capacity
    has one, a share of the regular price."""
    resources: tuple[str, ...] = ()
    """Logical names of the resources that cause it; empty where only the stack file is known."""
    urns: tuple[str, ...] = ()
    billed_by: Biller = "cloud"
    egress: bool = False
    """Whether it is traffic to the internet."""
    note: str = ""
    """What its reader must know."""

    @property
    def resource(self) -> str:
        """The resources, as a list in words."""
        return ", ".join(self.resources)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A price that a book does not have, and what needs it."""

    component: Component
    item: str
    service: str
    sku: str
    region: str
    unit: str
    resources: tuple[str, ...]
    urns: tuple[str, ...]
    reason: str
    """Why it could not be used, with what the book has instead."""

    def __str__(self) -> str:
        needed_by = f" (needed by {', '.join(self.resources)})" if self.resources else ""
        return f"{self.component}, {self.item}{needed_by}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a month costs."""

    book: str
    """Name of the price book."""
    cloud: str
    region: str
    lines: tuple[Line, ...]
    agents: int
    messages: int
    """Agents, and their messages of a month, of the declared workload."""
    warnings: tuple[str, ...] = ()

    @property
    def monthly_usd(self) -> Span:
        """Sum of the rounded lines."""
        return _sum(self.lines)

    @property
    def strong_monthly_usd(self) -> Span:
        """Lines whose price is not weak, and the least of those whose is: all that a budget may
        block on."""
        return sum((line.least_usd if line.weak else line.monthly_usd for line in self.lines), ZERO)

    def overruns(self, budget_usd: Decimal) -> Literal["no", "perhaps", "surely"]:
        """Whether the ceiling passes a budget: `surely` by prices that can be checked, which may
        block; `perhaps` only with those that nobody can check, which warn."""
        if self.monthly_usd.ceiling <= budget_usd:
            return "no"
        return "surely" if self.strong_monthly_usd.ceiling > budget_usd else "perhaps"

    @property
    def oldest(self) -> date | None:
        """Date of the oldest price in use; None where none has a date."""
        return min((line.as_of for line in self.lines if line.as_of), default=None)

    @property
    def by_component(self) -> dict[Component, Span]:
        """Component -> its part of the bill, in the order of the lines."""
        sums: dict[Component, Span] = {}
        for line in self.lines:
            sums[line.component] = sums.get(line.component, ZERO) + line.monthly_usd
        return sums

    @property
    def egress_usd(self) -> Span:
        """What traffic to the internet costs."""
        return _sum(line for line in self.lines if line.egress)

    @property
    def egress_share(self) -> Decimal:
        """Its share of the expected bill, 0 to 1."""
        total = self.monthly_usd.expected
        return self.egress_usd.expected / total if total else Decimal(0)

    @property
    def per_agent_usd(self) -> Decimal:
        """Expected cost of one agent a month."""
        return self.monthly_usd.expected / self.agents

    @property
    def per_message_usd(self) -> Decimal | None:
        """Expected cost of one message; None without messages."""
        return self.monthly_usd.expected / self.messages if self.messages else None


class Unpriced(ValueError):  # noqa: N818
    """Things without a price, each named. There is no bill without them."""

    def __init__(self, book: str, missing: tuple[Missing, ...], bill: Bill | None = None) -> None:
        self.missing = missing
        self.bill = bill
        """What the rest costs, where a whole inventory was priced: never more than the bill."""
        count = f"{len(missing)} prices are" if len(missing) > 1 else "a price is"
        entries = "\n".join(f"  - {entry}" for entry in missing)
        super().__init__(
            f"{count} missing, so there is no bill:\n{entries}\n"
            f"Add each row, with unit, date and source, to price book {book} (docs/prices.md), or "
            "choose a size, version, model or region that it has"
        )


def price(inventory: Inventory, workload: Workload, book: Book, terms: Terms | None = None) -> Bill:
    """The bill of a month of `inventory` under `workload`, dearest line first by expectation.
    Default terms: all on demand.

    Raises `Unpriced` with every price that is missing and the resources that need it, and
    `ValueError` for a cloud or a thing without a tariff.
    """
    found = tuple(charges(inventory, workload, terms or Terms()))
    priced, missing = _matched(found, book)
    told = (*(charge.warning for charge in found), overload(inventory, usage_of(workload)))
    notes = tuple(dict.fromkeys(warning for warning in told if warning))
    bill = Bill(
        book=book.name,
        cloud=inventory.cloud,
        region=inventory.region,
        lines=tuple(sorted(priced, key=_dearest)),
        agents=workload.agents,
        messages=workload.agents * workload.messages_per_agent,
        warnings=(*notes, *_retiring(priced), *_weak(priced)),
    )
    if missing:
        raise Unpriced(book.name, missing, bill)
    return bill


def lines(found: Iterable[Charge], book: Book) -> tuple[Line, ...]:
    """Charges times prices, in the order in which they come; equal ones are one line.

    Raises `Unpriced` with every price that is missing.
    """
    priced, missing = _matched(found, book)
    if missing:
        raise Unpriced(book.name, missing)
    return priced


def _matched(found: Iterable[Charge], book: Book) -> tuple[tuple[Line, ...], tuple[Missing, ...]]:
    groups: dict[tuple[str, ...], list[Charge]] = {}
    for charge in found:
        key = (
            *(charge.component, charge.item, charge.service, charge.sku, charge.region),
            charge.unit,
        )
        groups.setdefault(key, []).append(charge)
    priced: list[Line] = []
    missing: list[Missing] = []
    for group in groups.values():
        first = group[0]
        try:
            row = book.price(first.service, first.sku, first.region)
        except PriceMissing as error:
            missing.append(_missing(group, str(error)))
            continue
        if row.unit == first.unit:
            priced.append(_line(group, row, book))
        else:
            missing.append(
                _missing(
                    group,
                    f"book {book.name} has {first.service} {first.sku} in {first.region} by the "
                    f"unit {row.unit!r}, and the bill counts {first.unit!r}",
                )
            )
    return tuple(priced), tuple(missing)


def _line(group: list[Charge], row: Price, book: Book) -> Line:
    first = group[0]
    quantity = sum((charge.quantity for charge in group), ZERO)
    return Line(
        component=first.component,
        item=first.item,
        service=first.service,
        sku=first.sku,
        quantity=quantity,
        unit=row.unit,
        unit_price_usd=row.usd,
        monthly_usd=(quantity * row.usd).map(_cents),
        as_of=row.as_of,
        source=row.source,
        trust=row.trust,
        weak=row.weak,
        least_usd=(quantity * _least(first, row, book)).map(_cents),
        resources=_names(charge.resource for charge in group),
        urns=_names(charge.urn for charge in group),
        billed_by=first.billed_by,
        egress=first.egress,
        note=first.note,
    )


def _least(charge: Charge, row: Price, book: Book) -> Decimal:
    """What a unit of `charge` costs at least where its row is weak; 0 where nothing is known."""
    if not row.weak or not charge.spot_of:
        return Decimal(0)
    service, _, sku = charge.spot_of.partition(" ")
    try:
        regular = book.price(service, sku, charge.region)
    except PriceMissing:
        return Decimal(0)
    return Decimal(0) if regular.weak else min(regular.usd * SPOT_LEAST_SHARE, row.usd)


def _missing(group: list[Charge], reason: str) -> Missing:
    first = group[0]
    return Missing(
        component=first.component,
        item=first.item,
        service=first.service,
        sku=first.sku,
        region=first.region,
        unit=first.unit,
        resources=_names(charge.resource for charge in group),
        urns=_names(charge.urn for charge in group),
        reason=reason,
    )


def _names(all_names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in all_names if name))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def _sum(of: Iterable[Line]) -> Span:
    return sum((line.monthly_usd for line in of), ZERO)


def _dearest(line: Line) -> tuple[Decimal, str, str, str]:
    return -line.monthly_usd.expected, line.component, line.item, line.sku


def _retiring(priced: tuple[Line, ...]) -> Iterator[str]:
    """One warning for each thing that is about to be withdrawn, or is."""
    ends = {
        f"{line.service}/{line.sku.partition(':')[0]}": found[1]
        for line in priced
        if (found := _RETIRES.search(line.source))
    }
    for name, end in ends.items():
        yield f"{name} can be had until {end}; choose its successor before"


def _weak(priced: tuple[Line, ...]) -> tuple[str, ...]:
    """One warning for all prices that nobody can check."""
    weak = [line for line in priced if line.weak]
    if not weak:
        return ()
    rows = ", ".join(dict.fromkeys(f"{line.service} {line.sku}" for line in weak))
    total = _sum(weak)
    return (
        f"{len(weak)} of {len(priced)} lines rest on prices from memory or without a date, "
        f"together {total.expected:,.2f} USD of what is expected: {rows}",
    )
