"""Azure's retail prices: a Linux machine on demand, on whichever page it stands."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pricing.price_lists import Web, azure_item, azure_page, row
from tools.refresh_prices import azure
from tools.refresh_prices.source import Found, Kept

ASKED = row("azure-vm", "Standard_D4s_v5", "eastus")
NEXT = "https://prices.azure.com:443/api/retail/prices?$skip=1000"


def _first_page() -> str:
    web = Web({})
    azure.find([ASKED], web.fetch)
    return web.asked[0][0]


def _answer(*pages: str) -> Found | Kept:
    urls = [_first_page(), NEXT]
    return azure.find([ASKED], Web(dict(zip(urls, pages, strict=False))).fetch)[ASKED]


def test_the_query_names_service_region_and_machine() -> None:
    asked = parse_qs(urlsplit(_first_page()).query)
    assert asked["$filter"] == [
        "serviceName eq 'Virtual Machines' and armRegionName eq 'eastus' and "
        "armSkuName eq 'Standard_D4s_v5' and priceType eq 'Consumption'"
    ]
    assert asked["currencyCode"] == ["USD"]


@pytest.mark.parametrize(
    "other",
    [
        azure_item(0.0384, skuName="D4s v5 Spot", meterName="D4s v5 Spot"),
        azure_item(0.0384, meterName="D4s v5 Low Priority", skuName="D4s v5 Low Priority"),
        azure_item(0.376, productName="Virtual Machines Dsv5 Series Windows"),
        azure_item(0.4, productName="Dsv5 Series CloudServices"),
        azure_item(1000.0, type="Reservation", reservationTerm="1 Year"),
        azure_item(0.192, type="DevTestConsumption") | {"retailPrice": 0.15},
        azure_item(0.23, armRegionName="westeurope"),
        azure_item(0.18, currencyCode="EUR"),
        azure_item(140.0, unitOfMeasure="1/Month"),
    ],
)
def test_a_machine_is_not_its_neighbour_in_the_list(other: dict[str, Any]) -> None:
    answer = _answer(azure_page(other, azure_item(0.192), other))
    assert isinstance(answer, Found)
    assert answer.usd == Decimal("0.192")


def test_a_price_on_the_second_page_is_found() -> None:
    spot = azure_item(0.0384, skuName="D4s v5 Spot")
    answer = _answer(azure_page(spot, following=NEXT), azure_page(azure_item(0.192)))
    assert isinstance(answer, Found)
    assert answer.usd == Decimal("0.192")


def test_a_price_is_read_to_the_last_digit() -> None:
    answer = _answer(azure_page(azure_item(0.1234567890123)))
    assert isinstance(answer, Found)
    assert answer.usd == Decimal("0.1234567890123")


def test_two_prices_for_one_machine_are_no_price() -> None:
    answer = _answer(azure_page(azure_item(0.192), azure_item(0.2)))
    assert answer == Kept(reason="the price list has several prices: 0.192, 0.2")


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("<html>down</html>", "not in the documented form"),
        (json.dumps({"Error": "too many requests"}), "not in the documented form"),
        (azure_page(azure_item(0.1) | {"retailPrice": None}), "None for a price"),
        (azure_page(following="https://prices.example/next"), "on another host"),
    ],
)
def test_an_answer_in_another_form_changes_nothing(page: str, says: str) -> None:
    answer = _answer(page)
    assert isinstance(answer, Kept)
    assert answer.unreadable
    assert says in answer.reason


def test_rows_of_other_services_are_left_alone() -> None:
    web = Web({})
    assert azure.find([row("blob", "hot-lrs", "eastus", "GB-month")], web.fetch) == {}
    assert web.asked == []
