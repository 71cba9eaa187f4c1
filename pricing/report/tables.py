"""The tables of a report, which every form prints alike: the bill, its three figures, a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from pricing.bill import Bill
from pricing.report.comparison import Comparison, by_component
from pricing.report.report import POINTS, Report
from pricing.report.words import age, change, fine, price, quantity, signed, usd

WEAK_MARK = "?"


@dataclass(frozen=True, kw_only=True)
class Column:
    """Heading of a column."""

    heading: str
    number: bool = False
    """Whether it is set to the right and never broken."""
    narrow: bool = False
    """Whether it is broken first where there is little room."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Cells of one line."""

    cells: tuple[str, ...]
    head: bool = False
    """Whether it stands over the rows that follow, or sums them up."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with a title."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


def columns(*headings: str, numbers: Iterable[str]) -> tuple[Column, ...]:
    """Columns by heading; `numbers`: those that hold numbers."""
    numeric = frozenset(numbers)
    return tuple(Column(heading=heading, number=heading in numeric) for heading in headings)


def lines(report: Report) -> Table:
    """Every line of the bill under its component."""
    bill = report.bill
    rows: list[Row] = []
    for component, members in by_component(bill.lines).items():
        subtotal = bill.by_component[members[0].component].expected
        rows.append(Row(cells=(component, "", "", "", usd(subtotal)), head=True))
        rows += (
            Row(
                cells=(
                    line.item,
                    quantity(line.quantity.expected),
                    line.unit,
                    price(line.unit_price_usd) + (WEAK_MARK if line.weak else ""),
                    usd(line.monthly_usd.expected),
                )
            )
            for line in members
        )
    return Table(
        title=f"{report.stack}, {bill.cloud} {bill.region}: a month as expected",
        columns=(
            Column(heading="Item"),
            Column(heading="Quantity", number=True),
            Column(heading="Unit", narrow=True),
            Column(heading="Unit price", number=True),
            Column(heading="USD a month", number=True),
        ),
        rows=tuple(rows),
    )


def figures(report: Report) -> Table:
    """Floor, expected and ceiling: of the whole, an agent and a message, and against the budget."""
    bill = report.bill
    spans = [getattr(bill.monthly_usd, point) for point in POINTS]
    rows = [Row(cells=("USD a month", *map(usd, spans)), head=True)]
    if report.comparison is not None:
        changes = report.comparison.monthly_usd
        label = f"change against {report.comparison.before_name}"
        rows.append(Row(cells=(label, *(change(changes[point]) for point in POINTS))))
    rows.append(Row(cells=("per agent", *(fine(amount / bill.agents) for amount in spans))))
    if bill.messages:
        each = (fine(amount / bill.messages) for amount in spans)
        rows.append(Row(cells=("per message", *each)))
    if report.budget_usd is not None:
        left = (signed(report.budget_usd - amount) for amount in spans)
        rows.append(Row(cells=("budget left", *left)))
    return Table(title="", columns=columns("", *POINTS, numbers=POINTS), rows=tuple(rows))


def sentences(report: Report) -> Iterator[str]:
    """What the figures rest on, and what is wrong with them."""
    bill = report.bill
    yield (
        f"{bill.cloud} {bill.region}; {quantity(Decimal(bill.agents))} agents, "
        f"{quantity(Decimal(bill.messages))} messages a month; "
        f"priced {len(bill.lines)}/{len(bill.lines)} lines by {age(bill, report.today)}."
    )
    if report.headroom_usd is not None and report.budget_usd is not None:
        over = report.headroom_usd < 0
        consequence = _consequence(bill, report.budget_usd) if over else ""
        yield (
            f"The ceiling is {usd(abs(report.headroom_usd))} USD {'over' if over else 'below'} "
            f"the budget of {usd(report.budget_usd)}{consequence}."
        )
    if report.weak_items:
        yield (
            f"{WEAK_MARK} Prices from memory or without a date, which nobody can check: "
            f"{'; '.join(report.weak_items)}."
        )
    for warning in bill.warnings:
        yield f"Warning: {warning}"


def _consequence(bill: Bill, budget_usd: Decimal) -> str:
    """What the policy on budgets does about a ceiling that is over."""
    if bill.overruns(budget_usd) == "perhaps":
        return ", but only by prices that nobody can check: a preview warns"
    return ": a preview refuses it"


def comparison(compared: Comparison) -> Table:
    """Components of either bill, the lines of each that differ, and the whole."""
    rows: list[Row] = []
    for component in compared.components:
        amounts = _amounts(component.before_usd, component.after_usd)
        rows.append(Row(cells=(component.component, *amounts), head=True))
        rows += (
            Row(cells=(line.item, *_amounts(line.before_usd, line.after_usd)))
            for line in compared.lines(component.component)
        )
    before, after = compared.before.monthly_usd, compared.after.monthly_usd
    rows += (
        Row(cells=(point, *_amounts(getattr(before, point), getattr(after, point))), head=True)
        for point in POINTS
    )
    names = (compared.before_name, compared.after_name, "Change")
    return Table(
        title=f"{compared.after_name} against {compared.before_name}, USD a month as expected",
        columns=(Column(heading="Item"), *(Column(heading=name, number=True) for name in names)),
        rows=tuple(rows),
    )


def _amounts(before: Decimal | None, after: Decimal | None) -> tuple[str, str, str]:
    return (
        "-" if before is None else usd(before),
        "-" if after is None else usd(after),
        change((after or Decimal(0)) - (before or Decimal(0))),
    )
