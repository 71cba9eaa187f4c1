"""Azure Retail Prices: one query for each machine, page by page. No key is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from pricing.book import Price
from tools.refresh_prices.source import Fetch, Found, Kept, Unreadable, one_of

URL = "https://prices.azure.com/api/retail/prices"

_SERVICES = {"azure-vm": "Virtual Machines"}
"""Service of the book -> Azure's name of it."""

_OTHER_KINDS = ("Windows", "Spot", "Low Priority", "CloudServices", "Cloud Services")
"""Words in the names of an entry that is not a plain Linux machine on demand."""


def find(rows: Sequence[Price], fetch: Fetch) -> dict[Price, Found | Kept]:
    """Every machine of the book."""
    answers: dict[Price, Found | Kept] = {}
    for row in rows:
        if row.service in _SERVICES:
            try:
                prices = {_usd(item) for item in _items(row, fetch) if _is_plain(item, row)}
            except Unreadable as error:
                answers[row] = Kept(reason=str(error), unreadable=True)
            else:
                answers[row] = one_of(prices, f"Azure Retail Prices, {row.region}, {row.sku}")
    return answers


def _items(row: Price, fetch: Fetch) -> Iterator[Mapping[str, Any]]:
    asked = {
        "serviceName": _SERVICES[row.service],
        "armRegionName": row.region,
        "armSkuName": row.sku,
        "priceType": "Consumption",
    }
    condition = " and ".join(f"{name} eq '{value}'" for name, value in asked.items())
    page: str | None = f"{URL}?{urlencode({'currencyCode': 'USD', '$filter': condition})}"
    while page:
        if urlsplit(page).hostname != urlsplit(URL).hostname:
            raise Unreadable("the next page of Azure's prices is on another host")
        with fetch(page, {}) as text:
            try:
                answer = json.load(text, parse_float=Decimal, parse_int=Decimal)
                yield from answer["Items"]
                page = answer["NextPageLink"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise Unreadable("Azure's answer is not in the documented form") from error


def _is_plain(item: Mapping[str, Any], row: Price) -> bool:
    names = " ".join(str(item.get(name, "")) for name in ("productName", "skuName", "meterName"))
    return (
        item.get("type") == "Consumption"
        and item.get("currencyCode") == "USD"
        and item.get("unitOfMeasure") == "1 Hour"
        and item.get("armRegionName") == row.region
        and item.get("armSkuName") == row.sku
        and not any(kind in names for kind in _OTHER_KINDS)
    )


def _usd(item: Mapping[str, Any]) -> Decimal:
    price = item.get("retailPrice")
    if not isinstance(price, Decimal):
        raise Unreadable(f"Azure's list has {price!r} for a price")
    return price.normalize()
