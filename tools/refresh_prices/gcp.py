"""Google's Cloud Billing Catalog: all of Compute Engine, page by page, with an API key.

A machine has no entry of its own: it costs its cores and its memory.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from pricing.book import Price
from tools.refresh_prices.source import Fetch, Found, Kept, Unreadable, one_of

KEY = "GOOGLE_API_KEY"
"""Environment variable with the key; it travels in a header."""

URL = "https://cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus"
"""The service is Compute Engine."""

_FAMILIES = {
    "e2": ("E2 Instance", Decimal(4)),
    "n1": ("N1 Predefined Instance", Decimal("3.75")),
    "n2": ("N2 Instance", Decimal(4)),
    "n2d": ("N2D AMD Instance", Decimal(4)),
    "t2d": ("T2D AMD Instance", Decimal(4)),
    "c2": ("Compute optimized", Decimal(4)),
    "c3": ("C3 Instance", Decimal(4)),
    "c4": ("C4 Instance", Decimal("3.75")),
}
"""Family -> what its entries are called, and GB of a core of its standard machines."""

_DISKS = {
    "pd-standard": "Storage PD Capacity",
    "pd-balanced": "Balanced PD Capacity",
    "pd-ssd": "SSD backed PD Capacity",
}

_PARTS = tuple[tuple[str, str, Decimal], ...]
"""Kind of usage, what the entry is called, how much of it."""


def find(rows: Sequence[Price], fetch: Fetch) -> dict[Price, Found | Kept]:
    """Standard machines on demand and on Spot, and disks."""
    covered = {row: parts for row in rows if (parts := _parts(row))}
    if not covered:
        return {}
    if not (key := os.environ.get(KEY)):
        reason = Kept(reason=f"the environment variable {KEY} is not set", unreadable=True)
        return dict.fromkeys(covered, reason)
    regions = {row.region for row in covered}
    names = {(usage, name) for parts in covered.values() for usage, name, _ in parts}
    try:
        catalog = _catalog(_skus(fetch, key), regions, names)
    except Unreadable as error:
        return dict.fromkeys(covered, Kept(reason=str(error), unreadable=True))
    return {row: _price(row, parts, catalog) for row, parts in covered.items()}


def _parts(row: Price) -> _PARTS:
    if row.service == "persistent-disk" and row.sku in _DISKS:
        return (("OnDemand", _DISKS[row.sku], Decimal(1)),)
    machine = re.fullmatch(r"([a-z0-9]+)-standard-(\d+)", row.sku)
    if row.service not in ("gce", "gce-spot") or not machine or machine[1] not in _FAMILIES:
        return ()
    name, gb_a_core = _FAMILIES[machine[1]]
    usage = "OnDemand"
    if row.service == "gce-spot":
        usage, name = "Preemptible", f"Spot Preemptible {name}"
    cores = Decimal(machine[2])
    return ((usage, f"{name} Core", cores), (usage, f"{name} Ram", cores * gb_a_core))


def _price(
    row: Price, parts: _PARTS, catalog: Mapping[tuple[str, str, str], set[Decimal]]
) -> Found | Kept:
    source = f"Cloud Billing Catalog, {row.region}, {' + '.join(name for _, name, _ in parts)}"
    total = Decimal(0)
    for usage, name, amount in parts:
        answer = one_of(catalog[usage, name, row.region], source)
        if isinstance(answer, Kept):
            return Kept(reason=f"{name}: {answer.reason}")
        total += answer.usd * amount
    return Found(usd=total.normalize(), source=source)


def _catalog(
    skus: Iterator[Mapping[str, Any]], regions: set[str], names: set[tuple[str, str]]
) -> Mapping[tuple[str, str, str], set[Decimal]]:
    """(kind of usage, name, region) -> prices."""
    catalog: dict[tuple[str, str, str], set[Decimal]] = defaultdict(set)
    for sku in skus:
        try:
            # `N2 Instance Core running in Americas`; a disk's name may have no place.
            name = re.split(r" (?:running )?in ", sku["description"])[0]
            usage = sku["category"]["usageType"]
            if (usage, name) in names:
                for region in regions & set(sku["serviceRegions"]):
                    catalog[usage, name, region].add(_first_that_costs(sku))
        except (KeyError, TypeError, IndexError) as error:
            raise Unreadable("Google's catalog is not in the documented form") from error
    return catalog


def _first_that_costs(sku: Mapping[str, Any]) -> Decimal:
    """Dollars a unit, of the first step that is not free."""
    rates = sku["pricingInfo"][-1]["pricingExpression"]["tieredRates"]
    prices = [_usd(rate["unitPrice"]) for rate in rates]
    return next((price for price in prices if price), Decimal(0))


def _usd(money: Mapping[str, Any]) -> Decimal:
    if money["currencyCode"] != "USD":
        raise Unreadable(f"Google's catalog has prices in {money['currencyCode']}")
    # Whole dollars are a string, and absent or "0" for most prices.
    return Decimal(money.get("units", "0")) + Decimal(money.get("nanos", 0)).scaleb(-9)


def _skus(fetch: Fetch, key: str) -> Iterator[Mapping[str, Any]]:
    token = ""
    while True:
        asked = {"currencyCode": "USD", "pageSize": "5000"}
        if token:
            asked["pageToken"] = token
        with fetch(f"{URL}?{urlencode(asked)}", {"X-Goog-Api-Key": key}) as text:
            try:
                answer = json.load(text)
                yield from answer["skus"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise Unreadable("Google's catalog is not in the documented form") from error
        token = answer.get("nextPageToken", "")
        if not token:
            return
