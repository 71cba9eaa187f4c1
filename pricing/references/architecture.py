"""The three architectures of the requirements document, section 9, and what they cost.

`tiers.csv` has load and total of each, `lines.csv` the lines with their amounts, `charges.csv` what
each line is made of: `source` in the document's own prices, `check` what its unit prices give where
it states another amount, `list` the same thing as it is billed today.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

from pricing.bill import Bill, Line, lines
from pricing.book import Book
from pricing.inventory import Component
from pricing.span import Span
from pricing.tariffs import Charge
from pricing.tariffs.charge import Biller

SOURCE: Final = "source-2025"
"""Book of the document's own prices."""
CLOUD: Final = "aws"
REGION: Final = "us-east-1"
"""The document names no region; its prices are those of this one."""
TIERS: Final = ("small", "medium", "large")
ROUNDING: Final = "rounding of the document"
DATE: Final = date(2025, 2, 12)
"""Of the document."""

Role = Literal["source", "check", "list"]

_BILLERS: Final[dict[str, Biller]] = {
    "openai": "models",
    "anthropic": "models",
    "pinecone": "services",
    "datadog": "services",
    "new-relic": "services",
    "grafana-cloud": "services",
}
"""Service of a price row -> who sends the bill, where it is not the cloud."""

FOLDER: Final = Path(__file__).parent
_DOLLAR: Final = Decimal(1)


class BadReferenceError(ValueError):
    """The lines of an architecture do not come to what the document says."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a bill of the document."""

    section: str
    name: str
    """Unique within the tier."""
    component: Component
    item: str
    usd: Decimal
    """The document's amount, dollars a month."""
    stated: str
    """Why the amount is not a quantity times a price of the document; empty where it is."""
    list_note: str
    """How the line differs as it is billed today."""
    charges: Mapping[Role, tuple[Charge, ...]]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One of the document's three."""

    tier: str
    agents: int
    messages: int
    """Of all agents in a month."""
    usd: Decimal
    """The document's total, in whole dollars a month."""
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Stated:
    """An amount of the document beside what its own prices give."""

    section: str
    name: str
    component: Component
    item: str
    stated_usd: Decimal
    computed_usd: Decimal | None
    """None where it has no price of it."""
    basis: Literal["priced", "stated"]
    """`priced`: a quantity times a price. `stated`: nothing but the amount, or another one."""
    note: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A line of the document beside the same thing at another book."""

    stated: Stated
    usd: Decimal
    note: str


@cache
def architectures() -> dict[str, Architecture]:
    """Tier -> its architecture, in the order of the document."""
    charges: dict[tuple[str, str, Role], list[Charge]] = {}
    items = {(row["tier"], row["line"]): row for row in _rows("lines.csv")}
    for row in _rows("charges.csv"):
        line = items[row["tier"], row["line"]]
        role = cast("Role", row["role"])
        charges.setdefault((row["tier"], row["line"], role), []).append(_charge(row, line))
    return {
        row["tier"]: Architecture(
            tier=row["tier"],
            agents=int(row["agents"]),
            messages=int(row["agents"]) * int(row["messages_per_agent"]),
            usd=Decimal(row["usd"]),
            items=tuple(
                _item(line, charges) for (tier, _), line in items.items() if tier == row["tier"]
            ),
        )
        for row in _rows("tiers.csv")
    }


def architecture(tier: str) -> Architecture:
    """Raise `ValueError` for a tier that the document does not have."""
    if tier not in architectures():
        raise ValueError(f"the document has no architecture {tier!r}; it has {', '.join(TIERS)}")
    return architectures()[tier]


def reference(tier: str, book: Book) -> Bill:
    """The bill of the document's architecture at the prices of `book`, in the document's order.

    At `source-2025` it is the document's own, line by line, with its rounding to whole dollars as
    the last line. Raises `ValueError` for an unknown tier, `Unpriced` where prices are missing, and
    `BadReferenceError` where the document's prices no longer come to its total.
    """
    found = architecture(tier)
    if book.name == SOURCE:
        priced = tuple(line for item in found.items for line in _document_lines(item, book))
        priced += _rounding(found, priced)
    else:
        priced = tuple(line for item in found.items for line in _list_lines(item, book))
    return Bill(
        book=book.name,
        cloud=CLOUD,
        region=REGION,
        lines=priced,
        agents=found.agents,
        messages=found.messages,
    )


def statement(tier: str, source: Book) -> tuple[Stated, ...]:
    """Each amount of the document beside what its prices, the book `source`, give."""
    return tuple(_stated(item, source) for item in architecture(tier).items)


def compare(tier: str, source: Book, other: Book) -> tuple[Compared, ...]:
    """Each line of the document beside the same thing at the prices of `other`."""
    return tuple(
        Compared(
            stated=_stated(item, source),
            usd=_sum(_list_lines(item, other)),
            note=item.list_note,
        )
        for item in architecture(tier).items
    )


def amounts(tier: str, book: Book) -> dict[str, Decimal]:
    """Name of a line -> what it costs a month: the document's amount, or that at current prices."""
    if book.name == SOURCE:
        return {item.name: item.usd for item in architecture(tier).items}
    return {item.name: _sum(_list_lines(item, book)) for item in architecture(tier).items}


def _stated(item: Item, source: Book) -> Stated:
    if not item.stated:
        computed: Decimal | None = _sum(lines(item.charges["source"], source))
    else:
        check = item.charges.get("check")
        computed = _sum(lines(check, source)) if check else None
    return Stated(
        section=item.section,
        name=item.name,
        component=item.component,
        item=item.item,
        stated_usd=item.usd,
        computed_usd=computed,
        basis="stated" if item.stated else "priced",
        note=item.stated,
    )


def _document_lines(item: Item, source: Book) -> tuple[Line, ...]:
    if not item.stated:
        priced = lines(item.charges["source"], source)
        if _sum(priced) != item.usd:
            raise BadReferenceError(
                f"book {SOURCE} gives {_sum(priced)} for {item.item!r}, for which section "
                f"{item.section} of its document has {item.usd}"
            )
        return priced
    beside = _stated(item, source).computed_usd
    given = "" if beside is None else f"; the document's own prices give {beside}"
    return (
        _amount(
            item.component,
            item.item,
            item.usd,
            f"requirements document, section {item.section}: stated",
            f"stated: {item.stated}{given}",
        ),
    )


def _list_lines(item: Item, book: Book) -> tuple[Line, ...]:
    return lines(item.charges.get("list", ()), book)


def _rounding(found: Architecture, priced: tuple[Line, ...]) -> tuple[Line, ...]:
    total = _sum(priced)
    rounded = total.quantize(_DOLLAR, rounding=ROUND_HALF_UP)
    if rounded != found.usd or rounded < total:
        raise BadReferenceError(
            f"the lines of {found.tier} come to {total}, which the document cannot have rounded to "
            f"{found.usd}; compare book {SOURCE} with its section 9"
        )
    if rounded == total:
        return ()
    source = "requirements document, section 9: its total"
    note = f"the lines come to {total}, the document's total is {found.usd}"
    return (_amount("rounding", ROUNDING, rounded - total, source, note),)


def _amount(component: Component, item: str, usd: Decimal, source: str, note: str) -> Line:
    """A line of which nothing but the amount is known."""
    return Line(
        component=component,
        item=item,
        service="requirements",
        sku="stated",
        quantity=Span.fixed(1),
        unit="month",
        unit_price_usd=usd,
        monthly_usd=Span.fixed(usd),
        as_of=DATE,
        source=source,
        trust="third-party",
        weak=False,
        note=note,
    )


def _sum(priced: tuple[Line, ...]) -> Decimal:
    return sum((line.monthly_usd.expected for line in priced), Decimal(0))


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def _item(row: dict[str, str], charges: dict[tuple[str, str, Role], list[Charge]]) -> Item:
    own: dict[Role, tuple[Charge, ...]] = {
        role: tuple(of)
        for (tier, line, role), of in charges.items()
        if (tier, line) == (row["tier"], row["line"])
    }
    return Item(
        section=row["section"],
        name=row["line"],
        component=cast("Component", row["component"]),
        item=row["item"],
        usd=Decimal(row["usd"]),
        stated=row["stated"],
        list_note=row["list_note"],
        charges=own,
    )


def _charge(row: dict[str, str], line: dict[str, str]) -> Charge:
    quantity = Decimal(row["count"]) * Decimal(row["each"])
    return Charge(
        component=cast("Component", line["component"]),
        item=f"{line['item']}: {row['item']}" if row["item"] else line["item"],
        service=row["service"],
        sku=row["sku"],
        region=REGION,
        unit=row["unit"],
        quantity=Span.fixed(quantity),
        billed_by=_BILLERS.get(row["service"], "cloud"),
        egress=row["sku"].startswith("internet-out"),
        note=line["list_note"] if row["role"] == "list" else "",
    )
