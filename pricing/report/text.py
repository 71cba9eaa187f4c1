"""The report for people at a terminal, as narrow as it may be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from pricing.report import extras, tables
from pricing.report.report import Report
from pricing.report.tables import Table

PIPED_COLUMNS = 120
"""Width of what no terminal limits: nothing of a bill needs a second line."""
ROOM_COLUMNS = 100
NARROW_COLUMNS = 14
"""Below `ROOM_COLUMNS`, what a narrow column may take."""


class _Console(Console):
    """A console that leaves it to the program what a reader's leaving means."""

    def on_broken_pipe(self) -> None:
        """Called while the error is handled."""
        raise BrokenPipeError


def show(report: Report, stream: TextIO) -> None:
    """Print the report, as wide as the terminal is, in colour where that is wanted."""
    limited = stream.isatty() or "COLUMNS" in os.environ
    _print(report, _Console(file=stream, width=None if limited else PIPED_COLUMNS, highlight=False))


def render(report: Report, columns: int) -> str:
    """The report as plain text of a width."""
    text = StringIO()
    _print(report, Console(file=text, width=columns, highlight=False))
    return text.getvalue()


def _print(report: Report, console: Console) -> None:
    little_room = console.width < ROOM_COLUMNS
    for part in _parts(report):
        console.print(_drawn(part, little_room) if isinstance(part, Table) else Text(part))
        console.print()


def _parts(report: Report) -> Iterator[Table | str]:
    yield tables.lines(report)
    yield tables.figures(report)
    yield "\n".join(tables.sentences(report))
    yield from extras.tables(report)


def _drawn(table: Table, little_room: bool) -> RichTable:
    drawn = RichTable(
        title=Text(table.title, style="bold") if table.title else None,
        title_justify="left",
        caption=Text(table.note) if table.note else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=0,
        pad_edge=False,
    )
    for column in table.columns:
        drawn.add_column(
            Text(column.heading),
            justify="right" if column.number else "left",
            no_wrap=column.number,
            overflow="fold",
            max_width=NARROW_COLUMNS if column.narrow and little_room else None,
        )
    grouped = any(row.head for row in table.rows)
    for row in table.rows:
        first, *others = map(Text, row.cells)
        indented = Padding(first, (0, 0, 0, 2)) if grouped and not row.head else first
        drawn.add_row(indented, *others, style="bold" if row.head else None)
    return drawn
