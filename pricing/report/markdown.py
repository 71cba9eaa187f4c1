"""The report as a comment for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pricing.report import extras, tables
from pricing.report.report import Report
from pricing.report.tables import Table
from pricing.report.words import usd

# What Markdown or HTML would take for its own, and `@`, which would call somebody.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|#@~&]")


def render(report: Report) -> str:
    """A summary that is read at a glance, and what is behind it folded away."""
    return "\n".join(_lines(report)) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def _lines(report: Report) -> Iterator[str]:
    bill = report.bill
    yield f"### Cost of {plain(report.stack)}: {usd(bill.monthly_usd.expected)} USD a month"
    yield ""
    yield from _table(tables.figures(report))
    for sentence in tables.sentences(report):
        yield from ("", plain(sentence))
    yield from _folded(tables.lines(report))
    for extra in extras.tables(report):
        yield from _folded(extra)


def _folded(table: Table) -> Iterator[str]:
    # Markdown inside of HTML needs the empty lines around it.
    yield from ("", "<details>", f"<summary>{plain(table.title)}</summary>", "")
    yield from _table(table)
    if table.note:
        yield from ("", plain(table.note))
    yield from ("", "</details>")


def _table(table: Table) -> Iterator[str]:
    yield _row(plain(column.heading) for column in table.columns)
    yield _row("--:" if column.number else "---" for column in table.columns)
    for row in table.rows:
        cells = map(plain, row.cells)
        yield _row(f"**{cell}**" if cell and row.head else cell for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
