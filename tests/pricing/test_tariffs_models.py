"""What providers of models bill: tokens by handle, cached ones by a price of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.bill import Bill, Unpriced, price
from pricing.book import Book, load
from pricing.inventory import EmbeddingModel, Inventory, LanguageModel, Thing
from pricing.tariffs import Terms

TERMS = Terms(on=date(2026, 11, 23))
LIST = load("list")


def bill_of(thing: Thing, book: Book = LIST, **workload: float) -> Bill:
    fields: dict[str, float] = {"agents": 1000, "messages_per_agent": 1000, **workload}
    inventory = Inventory(cloud="aws", region="us-east-1", things=(thing,))
    return price(inventory, Workload.model_validate(fields), book, TERMS)


def model(handle: str) -> LanguageModel:
    return LanguageModel(component="llm", handle=handle)


def test_the_documents_own_prices_give_the_documents_own_bill() -> None:
    """720 without a cache, 450 with half of the input from it (L2)."""
    book = load("source-2025")
    uncached = bill_of(model("openai/gpt-4.1-mini"), book)
    assert uncached.monthly_usd.expected == 720
    free_cache = Workload(agents=1000, messages_per_agent=1000, cached_input_share=0.5)
    assert free_cache.cached_input_share == 0.5
    cached = bill_of(model("openai/gpt-4.1-mini"), book, cached_input_share=0.5)
    # 1800 M at 0.15, 1800 M at 0.075, 300 M at 0.60: the document calls cached input free.
    assert cached.monthly_usd.expected == 270 + 135 + 180


@pytest.mark.parametrize(
    ("handle", "service", "sku"),
    [
        ("openai/gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("openai/gpt-4.1-mini-2025-04-14", "openai", "gpt-4.1-mini"),
        ("anthropic/claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5"),
        ("google_ai/gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("google_vertex/gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("groq/openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"),
        ("mistral/mistral-small-latest", "mistral", "mistral-small-latest"),
    ],
)
def test_a_handle_finds_its_price(handle: str, service: str, sku: str) -> None:
    lines = bill_of(model(handle)).lines
    assert {line.service for line in lines} == {service}
    assert {line.sku for line in lines} == {f"{sku}:input", f"{sku}:output"}


def test_cached_input_costs_what_the_provider_asks_for_it() -> None:
    amounts = {
        line.sku: line.monthly_usd.expected
        for line in bill_of(model("openai/gpt-4.1-mini"), cached_input_share=0.25).lines
    }
    assert amounts == {
        "gpt-4.1-mini:cache-read": Decimal("90.00"),  # 900 M at 0.10
        "gpt-4.1-mini:input": Decimal("1080.00"),  # 2700 M at 0.40
        "gpt-4.1-mini:output": Decimal("480.00"),  # 300 M at 1.60
    }


def test_input_that_anthropic_does_not_answer_from_its_cache_is_written_to_it() -> None:
    lines = bill_of(model("anthropic/claude-haiku-4-5"), cached_input_share=0.7).lines
    amounts = {line.sku: line.monthly_usd.expected for line in lines}
    assert amounts == {
        "claude-haiku-4-5:cache-read": Decimal("252.00"),  # 2520 M at 0.10
        "claude-haiku-4-5:cache-write-5m": Decimal("1350.00"),  # 1080 M at 1.25
        "claude-haiku-4-5:output": Decimal("1500.00"),  # 300 M at 5
    }
    assert [line.note for line in lines if "write" in line.sku] == [
        "what the cache does not answer is written to it, at the provider's price for that"
    ]


def test_without_a_cached_share_nothing_is_written_to_a_cache() -> None:
    skus = {line.sku for line in bill_of(model("anthropic/claude-haiku-4-5")).lines}
    assert skus == {"claude-haiku-4-5:input", "claude-haiku-4-5:output"}


def test_a_provider_without_a_price_for_cached_input_asks_the_full_one() -> None:
    handle = "together/MiniMaxAI/MiniMax-M3"
    cached = bill_of(model(handle), cached_input_share=0.9)
    assert cached.monthly_usd == bill_of(model(handle)).monthly_usd


def test_a_missing_price_for_cached_input_is_an_error_and_not_the_full_price() -> None:
    rows = tuple(row for row in LIST.rows if row.sku != "gpt-4.1-mini:cache-read")
    with pytest.raises(Unpriced, match=r"gpt-4\.1-mini:cache-read"):
        bill_of(model("openai/gpt-4.1-mini"), Book(name="list", rows=rows), cached_input_share=0.5)


@pytest.mark.parametrize("handle", ["openai/gpt-9", "nobody/gpt-4.1-mini", "azure/gpt-4.1-mini"])
def test_an_unknown_model_is_an_error_that_says_what_to_do(handle: str) -> None:
    with pytest.raises(Unpriced) as caught:
        bill_of(model(handle))
    text = str(caught.value)
    assert handle in text
    assert "Add each row" in text
    assert "choose a size, version, model or region" in text


def test_a_model_that_is_about_to_be_withdrawn_is_told_of() -> None:
    warnings = bill_of(model("openai/gpt-5-mini")).warnings
    assert warnings == (
        "openai/gpt-5-mini can be had until 2026-12-11; choose its successor before",
    )
    assert not bill_of(model("openai/gpt-4.1-mini")).warnings


def test_long_prompts_are_warned_of() -> None:
    handle = "anthropic/claude-haiku-5-5"
    within = bill_of(model(handle), input_tokens_per_message=100_000)
    beyond = bill_of(model(handle), input_tokens_per_message=100_001)
    assert not within.warnings
    assert len(beyond.warnings) == 1
    assert "more than 100000 tokens" in beyond.warnings[0]


def test_embeddings_are_billed_by_the_token() -> None:
    thing = EmbeddingModel(component="embedding", handle="openai/text-embedding-3-small")
    bill = bill_of(thing, new_memories_per_agent=5000)
    # 5 M memories of 1000 tokens at 0.02 a million.
    assert bill.monthly_usd.expected == 100
    assert [line.billed_by for line in bill.lines] == ["models"]


def test_who_bills_tokens_is_not_the_cloud() -> None:
    assert {line.billed_by for line in bill_of(model("openai/gpt-4.1-mini")).lines} == {"models"}
