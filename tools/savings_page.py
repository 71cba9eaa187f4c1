"""The tables of docs/savings.md, from the code: `python tools/savings_page.py` rewrites them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pricing import book, savings, stack
from pricing.references import TIERS
from pricing.savings import Saving
from pricing.switches import SWITCHES, Switch
from tools import tables
from tools.tables import table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "savings.md"
KINDS = {
    "deployment": "built",
    "billing": "billed",
    "default": "default",
    "none": "none",
}
_NOT_HERE = "–"


def _key(way: Switch) -> str:
    return f"`{way.role}.{way.key}`" if way.key else ""


def _ways() -> str:
    head = ("way", "", "key", "claim", "what it changes, or why it is not offered")
    rows = ((way.title, KINDS[way.kind], _key(way), way.claim, way.about) for way in SWITCHES)
    return table(head, rows)


@cache
def _ranking(tier: str) -> dict[str, Saving]:
    file = stack.read(ROOT / f"Pulumi.{tier}.yaml")
    ranked = savings.ranked(
        file.values,
        lambda values: stack.load(values, file.secret_keys, file.written),
        book.load(book.CURRENT),
    )
    return {one.switch.name: one for one in ranked}


def _worth() -> str:
    def cell(one: Saving) -> str:
        if one.state not in ("off", "on"):
            return _NOT_HERE
        share = one.saves_usd / one.before.expected * 100
        amount = f"{one.saves_usd:,.2f} ({share:.1f} %)"
        return amount if one.state == "off" else f"[{amount}]"

    def rows() -> Iterator[tuple[str, ...]]:
        largest = _ranking(TIERS[-1])
        ways = sorted(SWITCHES, key=lambda way: -largest[way.name].saves_usd)
        for way in ways:
            cells = [cell(_ranking(tier)[way.name]) for tier in TIERS]
            if any(text != _NOT_HERE for text in cells):
                yield (way.title, *cells)

    return table(("way", *TIERS), rows())


TABLES: dict[str, Callable[[], str]] = {"ways": _ways, "worth": _worth}


def rendered(text: str) -> str:
    """The page's text with the tables of today's code in it."""
    return tables.rendered(text, TABLES, Path(__file__).name)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: tables written\n")
