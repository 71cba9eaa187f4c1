"""From what the price lists answer to the rows that are written, or to a refusal."""

from __future__ import annotations

import csv
import dataclasses
import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path

from pricing.book import COLUMNS, Price
from tools.refresh_prices.source import Answers, Found, Kept

LARGEST_CHANGE = Decimal("0.25")
"""Share by which a price may change unseen. More is more often a wrong entry than a new price."""


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What the price lists make of a book."""

    rows: Mapping[tuple[str, str, str], Price]
    """Service, sku and region -> the row as of today, of every row that a list has."""
    jumps: tuple[str, ...]
    """Changes that somebody must look at, a sentence each."""
    kept: tuple[str, ...]
    """Rows that a list should have and has not, or that no list covers: a sentence each."""
    unreadable: bool
    """Whether a list could not be read."""


def refreshed(rows: Sequence[Price], answers: Answers, today: datetime.date) -> Refresh:
    """Nothing is written here."""
    new: dict[tuple[str, str, str], Price] = {}
    jumps: list[str] = []
    kept: list[str] = []
    uncovered: Counter[str] = Counter()
    for row in rows:
        match answers.get(row):
            case Found(usd=usd, source=source):
                new[_key(row)] = dataclasses.replace(
                    row, usd=usd, as_of=today, source=source, trust="api"
                )
                if _is_jump(row.usd, usd):
                    jumps.append(f"{_name(row)}: {row.usd} -> {usd} a {row.unit}")
            case Kept(reason=reason):
                kept.append(f"{_name(row)}: {reason}")
            case None:
                uncovered[row.service] += 1
    kept.extend(
        f"{service}: no price list is read for {count} of its rows"
        for service, count in sorted(uncovered.items())
    )
    return Refresh(
        rows=new,
        jumps=tuple(jumps),
        kept=tuple(kept),
        unreadable=any(isinstance(a, Kept) and a.unreadable for a in answers.values()),
    )


def elsewhere(rows: Sequence[Price], home: str, regions: Sequence[str]) -> tuple[Price, ...]:
    """What the book has for `home` and lacks for `regions`, as rows to ask for, not to believe."""
    have = {_key(row) for row in rows}
    asked = [
        dataclasses.replace(row, region=region)
        for region in regions
        for row in rows
        if row.region == home
    ]
    return tuple(row for row in asked if _key(row) not in have)


def added(asked: Sequence[Price], answers: Answers, today: datetime.date) -> tuple[Price, ...]:
    """Those of `asked` that a list has, with its price."""
    found = [(row, answers.get(row)) for row in asked]
    return tuple(
        dataclasses.replace(row, usd=answer.usd, as_of=today, source=answer.source, trust="api")
        for row, answer in found
        if isinstance(answer, Found)
    )


def lacking(asked: Sequence[Price], answers: Answers) -> tuple[str, ...]:
    """Why some of `asked` are not added, a sentence each."""
    return tuple(
        f"{_name(row)}: {answer.reason}"
        for row in asked
        if isinstance(answer := answers.get(row), Kept)
    )


def write(
    folder: Path, rows: Mapping[tuple[str, str, str], Price], more: Sequence[Price] = ()
) -> None:
    """Put `rows` in the place of those of the same key; all others stay, and so does the order.

    `more` stand behind the last row of the same service.
    """
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            _, *lines = csv.reader(text)
        out = StringIO()
        table = csv.writer(out, lineterminator="\n")
        table.writerow(COLUMNS)
        last = {cells[0]: number for number, cells in enumerate(lines)}
        for number, cells in enumerate(lines):
            new = rows.get((cells[0], cells[1], cells[2]))
            table.writerow(_cells(new) if new else cells)
            if last[cells[0]] == number:
                table.writerows(_cells(row) for row in more if row.service == cells[0])
        file.write_text(out.getvalue(), encoding="utf-8")


def _is_jump(old: Decimal, new: Decimal) -> bool:
    return abs(new - old) > LARGEST_CHANGE * old


def _cells(row: Price) -> list[str]:
    values = {**dataclasses.asdict(row), "usd": f"{row.usd:f}"}
    return [str(values[column]) for column in COLUMNS]


def _key(row: Price) -> tuple[str, str, str]:
    return row.service, row.sku, row.region


def _name(row: Price) -> str:
    return " ".join(_key(row))
