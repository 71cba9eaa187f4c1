"""Prices, each with where it was read, when, and how far it can be trusted.

A book is a table of rows. `source-2025` holds the prices that the requirements document itself
states; `list` holds list prices of clouds, services and language models. What a row means and how
to add one: docs/prices.md.
"""

from __future__ import annotations

import csv
import datetime
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from pricing.regions import EVERYWHERE, REGIONS
from pricing.units import UNITS

FOLDER: Final = Path(__file__).parent / "books"
BOOKS: Final = ("source-2025", "list")
CURRENT: Final = "list"
"""By which a stack is counted where no book is named."""
COLUMNS: Final = ("service", "sku", "region", "unit", "usd", "as_of", "source", "trust")

Trust = Literal["api", "quoted", "third-party", "derived", "memory"]
"""Best first. `api`: generated from a cloud's price API. `quoted`: the vendor's own page.
`third-party`: somebody else's table. `derived`: arithmetic on other rows. `memory`: nothing."""

_TRUSTS: Final = frozenset(get_args(Trust))


class BadBook(ValueError):  # noqa: N818  (states what the book is)
    """A book that cannot be used; names every bad row of it by file and line."""


class PriceMissing(ValueError):  # noqa: N818  (states what the book lacks)
    """A book has no row for what is asked."""

    def __init__(self, book: str, service: str, sku: str, region: str, instead: str) -> None:
        super().__init__(f"book {book} has no price of {service} {sku} in {region}: {instead}")
        self.book = book
        self.service = service
        self.sku = sku
        self.region = region


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What one unit of something costs, before tax."""

    service: str
    sku: str
    """What of the service; a variant follows a colon: `db.r5.large:multi-az`."""
    region: str
    """The cloud's name of the region; `any` or `global` where it costs the same in every one."""
    unit: str
    """One of `pricing.units.UNITS`; a month is 730 hours."""
    usd: Decimal
    """US dollars a unit; for the units `share` and `multiplier`, a plain number."""
    as_of: datetime.date | None
    """Day on which the source held the price; None where the source does not tell."""
    source: str
    trust: Trust

    @property
    def weak(self) -> bool:
        """Whether nobody can check it. Such a price warns; by itself it never blocks."""
        return self.trust == "memory" or self.as_of is None


@dataclass(frozen=True, kw_only=True)
class Book:
    """Prices of one origin."""

    name: str
    rows: tuple[Price, ...]

    def price(self, service: str, sku: str, region: str) -> Price:
        """Raise `PriceMissing`, which names the nearest sku or region, rather than guess."""
        for place in (region, *EVERYWHERE):
            if found := self._by_key.get((service, sku, place)):
                return found
        raise PriceMissing(self.name, service, sku, region, self._instead(service, sku, region))

    @cached_property
    def _by_key(self) -> MappingProxyType[tuple[str, str, str], Price]:
        return MappingProxyType({(row.service, row.sku, row.region): row for row in self.rows})

    def _instead(self, service: str, sku: str, region: str) -> str:
        if elsewhere := [r.region for r in self.rows if (r.service, r.sku) == (service, sku)]:
            near = sorted(elsewhere, key=lambda other: _far(region, other))
            return f"the nearest region with one is {near[0]}" + _others(near[1:])
        skus = [
            r.sku for r in self.rows if r.service == service and r.region in (region, *EVERYWHERE)
        ]
        if skus or (skus := [r.sku for r in self.rows if r.service == service]):
            same = _nearest(sku, skus)
            return (
                f"the nearest sku of {service} is {same}"
                if same
                else f"no sku of {service} is near"
            )
        other = _nearest(service, {row.service for row in self.rows})
        return f"it knows no {service}" + (f"; the nearest service is {other}" if other else "")


def load(name: str, folder: Path = FOLDER) -> Book:
    """The book of that name, every row of it checked.

    Raises `BadBook` with every problem at once, or if there is no such book.
    """
    whole = folder / name
    files = sorted(whole.glob("*.csv")) if whole.is_dir() else [folder / f"{name}.csv"]
    if (
        not name
        or Path(name).name != name
        or not files
        or not all(file.is_file() for file in files)
    ):
        raise BadBook(f"no price book is called {name!r}; there are {', '.join(BOOKS)}")
    today = datetime.datetime.now(tz=datetime.UTC).date()
    rows: list[Price] = []
    problems: list[str] = []
    places: dict[tuple[str, str, str], str] = {}
    for file in files:
        for place, cells in _cells(file, problems):
            key = (cells[0], cells[1], cells[2])
            if key in places:
                problems.append(f"{place}: {' '.join(key)} stands already in {places[key]}")
            places[key] = place
            row = _row(cells, today)
            if isinstance(row, Price):
                rows.append(row)
            else:
                problems.extend(f"{place}: {problem}" for problem in row)
    if problems:
        raise BadBook(f"price book {name} has bad rows:\n" + "\n".join(problems))
    return Book(name=name, rows=tuple(rows))


def _cells(file: Path, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Every line below the heading that has the right number of cells, with its place."""
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        heading = tuple(next(reader, ()))
        if heading != COLUMNS:
            problems.append(f"{file.name}:1: the columns must be {','.join(COLUMNS)}")
            return
        for cells in reader:
            place = f"{file.name}:{reader.line_num}"
            if len(cells) == len(COLUMNS):
                yield place, cells
            else:
                problems.append(f"{place}: {len(cells)} cells, not {len(COLUMNS)}")


def _row(cells: list[str], today: datetime.date) -> Price | list[str]:
    """The row, or all that is wrong with it."""
    service, sku, region, unit, usd, as_of, source, trust = cells
    problems = []
    if [cell.strip() for cell in cells] != cells or not (service and sku and source):
        problems.append("every cell but as_of must be filled, without spaces around what it says")
    if region not in REGIONS:
        problems.append(
            f"region {region!r} is not in pricing/regions.py{_perhaps(region, REGIONS)}"
        )
    if unit not in UNITS:
        problems.append(f"unit {unit!r} is not in pricing/units.py{_perhaps(unit, UNITS)}")
    if trust not in _TRUSTS:
        problems.append(f"trust {trust!r} is none of {', '.join(get_args(Trust))}")
    amount, date = Decimal(0), None
    try:
        amount = Decimal(usd)
        if not amount.is_finite() or amount < 0:
            problems.append(f"usd {usd} must be a finite number that is not negative")
    except InvalidOperation:
        problems.append(f"usd {usd!r} is no number")
    try:
        date = _date(as_of) if as_of else None
        if date and date > today:
            problems.append(f"as_of {as_of} lies in the future (today is {today})")
    except ValueError:
        problems.append(f"as_of {as_of!r} is no date, year-month-day")
    return problems or Price(
        service=service,
        sku=sku,
        region=region,
        unit=unit,
        usd=amount,
        as_of=date,
        source=source,
        trust=cast("Trust", trust),
    )


@cache
def _date(text: str) -> datetime.date:
    date = datetime.date.fromisoformat(text)
    if date.isoformat() != text:
        raise ValueError(text)
    return date


def _far(region: str, other: str) -> tuple[bool, str]:
    """Regions of the same part of the world come first."""
    return REGIONS.get(region) != REGIONS[other], other


def _others(regions: list[str]) -> str:
    return f", then {', '.join(regions)}" if regions else ""


def _perhaps(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; is it {close[0]}?" if close else ""


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that may be meant; None where no one shares half of its letters."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)), None)
