"""Why a bill of the document and the bill of a deployed stack differ, to the cent.

From the document's total to the same architecture at current prices, line by line; from there to
the stack by topic (`topics.csv`): what only the stack has, the document leaves out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from typing import Final, Literal

from pricing.bill import Bill, Line
from pricing.book import Book
from pricing.references.architecture import (
    FOLDER,
    ROUNDING,
    Compared,
    architecture,
    compare,
    reference,
)

Cause = Literal[
    "rounding of the document",
    "what the document's prices give",
    "prices since",
    "left out by the document",
    "done otherwise",
    "not in the stack",
]
CAUSES: Final[tuple[Cause, ...]] = (
    "rounding of the document",
    "what the document's prices give",
    "prices since",
    "left out by the document",
    "done otherwise",
    "not in the stack",
)
STANDBY: Final = "standby in a second zone"

_MULTI_AZ: Final = ":multi-az"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One difference."""

    cause: Cause
    item: str
    """Line of the document, or topic."""
    usd: Decimal
    """Dollars a month; negative where it makes the bill smaller."""
    note: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All differences between a bill of the document and that of a stack."""

    tier: str
    document_usd: Decimal
    reference_usd: Decimal
    """The document's architecture at current prices."""
    stack_usd: Decimal
    """The stack's bill, as expected."""
    steps: tuple[Step, ...]
    """In the order of `CAUSES`, the largest of each first. They add up to the difference."""

    @property
    def by_cause(self) -> dict[Cause, Decimal]:
        """Cause -> what it adds."""
        sums = dict.fromkeys(CAUSES, Decimal(0))
        for step in self.steps:
            sums[step.cause] += step.usd
        return sums


@dataclass(frozen=True, kw_only=True)
class _Topic:
    component: str
    service: str
    sku: str
    topic: str
    note: str

    def has(self, line: Line) -> bool:
        return (
            self.component in ("", line.component)
            and self.service in ("", line.service)
            and line.sku.startswith(self.sku)
        )


def explain(tier: str, stack: Bill, source: Book, current: Book) -> Explanation:
    """Every difference between the document's bill of `tier` and that of a stack at `current`.

    `source`: the book of the document. Raises `ValueError` if the stack was priced by another book
    than `current`, and what `reference` raises.
    """
    if stack.book != current.name:
        raise ValueError(f"the stack was priced by book {stack.book}, not by {current.name}")
    today = reference(tier, current)
    steps = [*_to_today(tier, source, current), *_to_stack(today, stack)]
    steps.sort(key=lambda step: (CAUSES.index(step.cause), -abs(step.usd), step.item))
    return Explanation(
        tier=tier,
        document_usd=architecture(tier).usd,
        reference_usd=today.monthly_usd.expected,
        stack_usd=stack.monthly_usd.expected,
        steps=tuple(steps),
    )


def _to_today(tier: str, source: Book, current: Book) -> Iterator[Step]:
    for line in reference(tier, source).lines:
        if line.item == ROUNDING:
            usd = -line.monthly_usd.expected
            yield Step(cause="rounding of the document", item=tier, usd=usd, note=line.note)
    for compared in compare(tier, source, current):
        yield from _of_line(compared)


def _of_line(compared: Compared) -> Iterator[Step]:
    stated = compared.stated
    computed = stated.stated_usd if stated.computed_usd is None else stated.computed_usd
    if computed != stated.stated_usd:
        yield Step(
            cause="what the document's prices give",
            item=stated.item,
            usd=computed - stated.stated_usd,
            note=stated.note,
        )
    if compared.usd != computed:
        yield Step(
            cause="prices since",
            item=stated.item,
            usd=compared.usd - computed,
            note=compared.note,
        )


def _to_stack(today: Bill, stack: Bill) -> Iterator[Step]:
    before, after = _by_topic(today), _by_topic(stack)
    notes = {known.topic: known.note for known in _topics()}
    for topic in dict.fromkeys((*before, *after)):
        old, new = before.get(topic, Decimal(0)), after.get(topic, Decimal(0))
        if old == new:
            continue
        cause: Cause = (
            "left out by the document"
            if not old
            else ("done otherwise" if new else "not in the stack")
        )
        yield Step(cause=cause, item=topic, usd=new - old, note=notes.get(topic, ""))


def _by_topic(bill: Bill) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in bill.lines:
        for topic, usd in _shares(line):
            sums[topic] = sums.get(topic, Decimal(0)) + usd
    return sums


def _shares(line: Line) -> Iterator[tuple[str, Decimal]]:
    """A price for two zones is for the server and its standby in equal parts."""
    usd = line.monthly_usd.expected
    if line.sku.endswith(_MULTI_AZ):
        standby = (usd / 2).quantize(_CENT, rounding=ROUND_FLOOR)
        yield STANDBY, standby
        usd -= standby
    yield _topic(line), usd


def _topic(line: Line) -> str:
    for known in _topics():
        if known.has(line):
            return known.topic
    return f"{line.component}: {line.service}"


@cache
def _topics() -> tuple[_Topic, ...]:
    with (FOLDER / "topics.csv").open(encoding="utf-8", newline="") as text:
        return tuple(_Topic(**row) for row in csv.DictReader(text))
