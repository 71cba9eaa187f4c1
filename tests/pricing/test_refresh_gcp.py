"""Google's catalog: a machine is its cores and its memory, in dollars and billionths."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pricing.book import Price
from tests.pricing.price_lists import Web, google_page, google_sku, row
from tools.refresh_prices import gcp
from tools.refresh_prices.source import Found, Kept

FIRST = f"{gcp.URL}?currencyCode=USD&pageSize=5000"
SECOND = f"{FIRST}&pageToken=more"

CORE = google_sku("N2 Instance Core running in Americas", (0, "0", 31_611_000))
RAM = google_sku("N2 Instance Ram running in Americas", (0, "0", 4_237_000))
MACHINE = row("gce", "n2-standard-8", "us-central1")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gcp.KEY, "a-key")


def _answer(asked: Price, *skus: Mapping[str, Any]) -> Found | Kept:
    return gcp.find([asked], Web({FIRST: google_page(*skus)}).fetch)[asked]


def _usd(asked: Price, *skus: Mapping[str, Any]) -> Decimal:
    answer = _answer(asked, *skus)
    assert isinstance(answer, Found), answer
    return answer.usd


@pytest.mark.parametrize(
    "other",
    [
        google_sku("N2 Instance Core running in Frankfurt", (0, "0", 4), regions=["europe-west3"]),
        google_sku("Spot Preemptible N2 Instance Core running in Americas", (0, "0", 7), usage="P"),
        google_sku("N2 Instance Core running in Americas", (0, "0", 19), usage="Commit1Yr"),
        google_sku("N2 Instance Core running in Americas", (0, "0", 9), usage="Preemptible"),
        google_sku("N2 Custom Instance Core running in Americas", (0, "0", 33)),
        google_sku("N2 Sole Tenancy Instance Core running in Americas", (0, "0", 35)),
        google_sku("N2D AMD Instance Core running in Americas", (0, "0", 27)),
    ],
)
def test_a_machine_on_demand_is_eight_cores_and_their_memory(other: Mapping[str, Any]) -> None:
    expected = 8 * Decimal("0.031611") + 32 * Decimal("0.004237")
    assert _usd(MACHINE, other, CORE, other, RAM, other) == expected


def test_a_machine_on_spot_has_entries_of_its_own() -> None:
    spot = [
        google_sku(f"Spot Preemptible {entry['description']}", step, usage="Preemptible")
        for entry, step in ((CORE, (0, "0", 7_650_000)), (RAM, (0, "0", 1_025_000)))
    ]
    asked = row("gce-spot", "n2-standard-2", "us-central1")
    assert _usd(asked, CORE, RAM, *spot) == Decimal("0.0235")


def test_whole_dollars_are_counted_with_the_billionths() -> None:
    dear = google_sku("N2 Instance Core running in Americas", (0, "3", 500_000_000))
    assert _usd(MACHINE, dear, RAM) == 8 * Decimal("3.5") + 32 * Decimal("0.004237")


def test_what_is_free_at_first_costs_what_comes_after() -> None:
    disk = google_sku("Storage PD Capacity", (0, "0", 0), (30, "0", 40_000_000))
    other = google_sku("Regional Storage PD Capacity", (0, "0", 80_000_000))
    asked = row("persistent-disk", "pd-standard", "us-central1", "GB-month")
    assert _usd(asked, other, disk) == Decimal("0.04")


def test_the_pages_of_the_catalog_are_read_to_the_end() -> None:
    web = Web({FIRST: google_page(CORE, following="more"), SECOND: google_page(RAM)})
    answer = gcp.find([MACHINE], web.fetch)[MACHINE]
    assert isinstance(answer, Found)
    assert [parse_qs(urlsplit(url).query).get("pageToken") for url, _ in web.asked] == [
        None,
        ["more"],
    ]


def test_the_key_travels_in_a_header_and_not_in_the_url() -> None:
    web = Web({})
    answer = gcp.find([MACHINE], web.fetch)[MACHINE]
    ((url, headers),) = web.asked
    assert headers["X-Goog-Api-Key"] == "a-key"
    assert "a-key" not in f"{url}{answer}"


def test_without_a_key_nothing_is_asked_and_machines_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(gcp.KEY)
    web = Web({})
    assert gcp.find([MACHINE], web.fetch) == {
        MACHINE: Kept(reason="the environment variable GOOGLE_API_KEY is not set", unreadable=True)
    }
    assert web.asked == []


def test_a_machine_without_an_entry_for_its_memory_is_kept() -> None:
    assert _answer(MACHINE, CORE) == Kept(
        reason="N2 Instance Ram: the price list has no such entry"
    )


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("<html>down</html>", "not in the documented form"),
        (json.dumps({"error": {"code": 403}}), "not in the documented form"),
        (google_page({"description": "N2 Instance Core running in X"}), "the documented form"),
        (
            google_page(CORE).replace('"USD", "units"', '"EUR", "units"'),
            "prices in EUR",
        ),
    ],
)
def test_an_answer_in_another_form_changes_nothing(page: str, says: str) -> None:
    answer = gcp.find([MACHINE], Web({FIRST: page}).fetch)[MACHINE]
    assert isinstance(answer, Kept)
    assert answer.unreadable
    assert says in answer.reason


@pytest.mark.parametrize(
    "asked",
    [
        row("gce", "a2-highgpu-1g", "us-central1"),
        row("gce", "n9-standard-4", "us-central1"),
        row("gcs", "standard", "us-central1", "GB-month"),
    ],
)
def test_what_is_more_than_cores_and_memory_is_left_alone(asked: Price) -> None:
    web = Web({})
    assert gcp.find([asked], web.fetch) == {}
    assert web.asked == []
