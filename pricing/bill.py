"""The bill: charges times the prices of a book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from infra.tiers import Workload
from pricing.book import Book, Price, PriceMissing
from pricing.inventory import Component, Inventory
from pricing.span import ZERO, Span
from pricing.tariffs import Charge, Terms, charges

_CENT = Decimal("0.01")


class Unpriced(ValueError):  # noqa: N818
    """Things without a price. `missing`: one entry a price row, each with who needs it."""

    def __init__(self, book: str, missing: tuple[str, ...]) -> None:
        self.missing = missing
        count = f"{len(missing)} prices are" if len(missing) > 1 else "a price is"
        lines = "\n".join(f"- {entry}" for entry in missing)
        super().__init__(f"{count} missing in book {book!r}, so there is no bill:\n{lines}")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a bill."""

    component: Component
    item: str
    """What is billed, in words."""
    service: str
    sku: str
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
    weak: bool
    """Whether the price is from memory or without a date: it warns and never blocks."""
    resources: tuple[str, ...] = ()
    """Logical names of the resources that cause it; empty where only the stack file is known."""
    urns: tuple[str, ...] = ()
    note: str = ""
    """What the reader must know about it."""

    @property
    def resource(self) -> str:
        """The resources, as a list in words."""
        return ", ".join(self.resources)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a month costs."""

    book: str
    cloud: str
    region: str
    lines: tuple[Line, ...]
    """Dearest first by expectation."""
    agents: int
    messages: int
    """Agents and their messages of a month, of the declared workload."""
    warnings: tuple[str, ...] = ()

    @property
    def monthly_usd(self) -> Span:
        """Sum of the rounded lines."""
        return sum((line.monthly_usd for line in self.lines), ZERO)

    @property
    def strong_monthly_usd(self) -> Span:
        """Sum of the lines whose price is not weak: all that a budget may block on."""
        return sum((line.monthly_usd for line in self.lines if not line.weak), ZERO)

    @property
    def oldest(self) -> date | None:
        """Date of the oldest price in use; None where none has a date."""
        return min((line.as_of for line in self.lines if line.as_of), default=None)

    @property
    def by_component(self) -> dict[Component, Span]:
        """Component -> its share of the bill, in the order of the lines."""
        sums: dict[Component, Span] = {}
        for line in self.lines:
            sums[line.component] = sums.get(line.component, ZERO) + line.monthly_usd
        return sums

    @property
    def egress_usd(self) -> Span:
        """What traffic to the internet costs."""
        return sum(
            (line.monthly_usd for line in self.lines if line.service == "data-transfer"), ZERO
        )

    @property
    def egress_share(self) -> Decimal:
        """Its share of the expected bill."""
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


def price(inventory: Inventory, workload: Workload, book: Book, terms: Terms | None = None) -> Bill:
    """The bill of a month of `inventory` under `workload`. Default terms: all on demand.

    Raises `Unpriced` with every price that is missing and the resources that need it, and
    `ValueError` for a cloud without a tariff.
    """
    found: dict[tuple[str, str, str, str, str], list[Charge]] = {}
    for charge in charges(inventory, workload, terms or Terms()):
        key = (charge.component, charge.item, charge.service, charge.sku, charge.region)
        found.setdefault(key, []).append(charge)
    lines: list[Line] = []
    missing: list[str] = []
    for group in found.values():
        first = group[0]
        try:
            row = book.price(first.service, first.sku, first.region)
        except PriceMissing as error:
            missing.append(f"{first.component}: {first.item}: {error}")
            continue
        lines.append(_line(group, row))
    if missing:
        raise Unpriced(book.name, tuple(missing))
    return Bill(
        book=book.name,
        cloud=inventory.cloud,
        region=inventory.region,
        lines=tuple(sorted(lines, key=lambda line: -line.monthly_usd.expected)),
        agents=workload.agents,
        messages=workload.agents * workload.messages_per_agent,
    )


def _line(group: list[Charge], row: Price) -> Line:
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
        resources=tuple(dict.fromkeys(charge.resource for charge in group if charge.resource)),
        note=first.note,
        urns=tuple(dict.fromkeys(charge.urn for charge in group if charge.urn)),
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
