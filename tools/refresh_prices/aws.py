"""AWS Price List: the bulk files of one service and region, as CSV.

As CSV because it can be read line by line; the file of EC2 is too large to be held whole. Names of
attributes are those of the JSON form, which the CSV headings spell with spaces and capitals.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TextIO

from pricing.book import Price
from tools.refresh_prices.aws_rules import RULES, Rule
from tools.refresh_prices.source import Fetch, Found, Kept, Unreadable, one_of

URL = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.csv"

HOURS_A_YEAR = 8760

_REGION = re.compile(r"^[A-Z]{2,4}\d?-")
"""What usage types of most regions begin with: `EUC1-BoxUsage:m5.large`."""


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A row of the book and what its entry looks like."""

    row: Price
    rule: Rule
    usage: str
    years: str | None
    """Of a reservation; None: on demand."""

    def is_in(self, entry: Mapping[str, str]) -> bool:
        term = {"termType": "OnDemand"}
        if self.years:
            term = {
                "termType": "Reserved",
                "leaseContractLength": f"{self.years}yr",
                "purchaseOption": self.rule.upfront[self.years],
            }
            if entry.get(_plain("offeringClass")) not in (None, "", "standard"):
                return False
        elif self.rule.begins is None:
            if not _usd(entry):
                return False
        elif entry["startingrange"] != str(self.rule.begins):
            return False
        asked = {**self.rule.where, **term}
        return all(entry.get(_plain(name)) == value for name, value in asked.items())


def find(rows: Sequence[Price], fetch: Fetch) -> dict[Price, Found | Kept]:
    """Every row that a rule covers, from the files of the services and regions it takes."""
    by_file: dict[tuple[str, str], list[_Wanted]] = defaultdict(list)
    for row in rows:
        if wanted := _wanted(row):
            by_file[wanted.rule.offer, row.region].append(wanted)
    answers: dict[Price, Found | Kept] = {}
    for (offer, region), asked in by_file.items():
        try:
            with fetch(URL.format(offer=offer, region=region), {}) as text:
                answers |= _read(text, asked)
        except Unreadable as error:
            answers |= {w.row: Kept(reason=str(error), unreadable=True) for w in asked}
    return answers


def covers(rule: Rule, row: Price) -> re.Match[str] | None:
    """Whether `rule` says where `row` stands in AWS' list, and what fills the rule."""
    return re.fullmatch(rule.sku, row.sku) if row.service == rule.service else None


def _wanted(row: Price) -> _Wanted | None:
    for rule in RULES:
        if found := covers(rule, row):
            groups = found.groupdict()
            return _Wanted(
                row=row, rule=rule, usage=rule.usage.format(**groups), years=groups.get("years")
            )
    return None


def _read(text: TextIO, asked: Sequence[_Wanted]) -> dict[Price, Found | Kept]:
    by_usage: dict[str, list[_Wanted]] = defaultdict(list)
    for wanted in asked:
        by_usage[wanted.usage].append(wanted)
    hourly: dict[Price, set[Decimal]] = defaultdict(set)
    upfront: dict[Price, set[Decimal]] = defaultdict(set)
    for entry in _entries(text):
        usage = entry["usagetype"]
        for name in {usage, _REGION.sub("", usage), ""}:
            for wanted in by_usage.get(name, ()):
                if wanted.is_in(entry):
                    paid = upfront if entry["unit"] == "Quantity" else hourly
                    paid[wanted.row].add(_usd(entry) * wanted.rule.per)
    return {
        wanted.row: _answer(wanted, hourly[wanted.row], upfront[wanted.row]) for wanted in asked
    }


def _answer(wanted: _Wanted, hourly: set[Decimal], upfront: set[Decimal]) -> Found | Kept:
    what = wanted.usage or ", ".join(wanted.rule.where.values())
    source = f"AWS Price List, {wanted.rule.offer} {wanted.row.region}, {what}"
    if wanted.years:
        hours = HOURS_A_YEAR * int(wanted.years)
        source += f", reserved {wanted.years} y, {wanted.rule.upfront[wanted.years].lower()}"
        if len(upfront) > 1 or (upfront and len(hourly) != 1):
            return one_of(hourly | upfront, source)
        in_advance = sum(upfront, Decimal(0)) / hours
        hourly = {round(price + in_advance, 8).normalize() for price in hourly}
    return one_of({price.normalize() for price in hourly}, source)


def _entries(text: TextIO) -> Iterator[dict[str, str]]:
    """The lines below the heading, which follows some lines about the file."""
    lines = csv.reader(text)
    heading = next((line for line in lines if line and line[0] == "SKU"), None)
    if heading is None:
        raise Unreadable("the price list of AWS has no heading that begins with SKU")
    names = [_plain(name) for name in heading]
    needed = {"termtype", "usagetype", "unit", "startingrange", "priceperunit", "currency"}
    if missing := needed - set(names):
        raise Unreadable(f"the price list of AWS has no column {', '.join(sorted(missing))}")
    for line in lines:
        entry = dict(zip(names, line, strict=False))
        if len(line) == len(names) and entry["currency"] == "USD":
            yield entry


def _usd(entry: Mapping[str, str]) -> Decimal:
    try:
        return Decimal(entry["priceperunit"])
    except InvalidOperation as error:
        raise Unreadable(
            f"the price list of AWS has {entry['priceperunit']!r} for a price"
        ) from error


def _plain(name: str) -> str:
    """`preInstalledSw`, `Pre Installed S/W` -> `preinstalledsw`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
