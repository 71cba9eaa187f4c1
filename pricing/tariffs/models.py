"""What providers of language and embedding models bill for: tokens, whatever the cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pricing.inventory import EmbeddingModel, Inventory, LanguageModel
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, charge
from pricing.usage import Usage

_SERVICES = {"google_ai": "google", "google_vertex": "google"}
"""Letta's name of a provider -> the price book's, where they differ."""
_DATE = re.compile(r"-(20\d{6}|20\d\d-\d\d-\d\d)$")
"""Date of a model's release at the end of its name; every release of a model costs the same."""
_CACHING = frozenset({"anthropic", "deepseek", "google", "groq", "mistral", "openai", "xai"})
"""Providers that bill cached input by a price of its own. Others bill it as any input."""
_CACHE_WRITES = {"anthropic": "", "openai": "gpt-5.6"}
"""Providers that bill what enters the cache, and how the names of the models begin for which."""
LONG_PROMPT_TOKENS = 100_000
"""Shortest prompt for which a provider of the book asks a higher price: claude-haiku-5-5."""
_MILLION = 10**6


def charges(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Tokens of a month. What a server of the stack's own answers costs nothing by the token."""
    for language_model in demand.all_of(inventory, LanguageModel):
        yield from _language_model(language_model, usage)
    for embedding_model in demand.all_of(inventory, EmbeddingModel):
        yield from _embedding_model(embedding_model, usage)


def row_name(handle: str) -> tuple[str, str]:
    """`provider/model` as Letta writes it -> service and model as the price book names them."""
    provider, _, model = handle.partition("/")
    return _SERVICES.get(provider, provider), _DATE.sub("", model)


def _language_model(thing: LanguageModel, usage: Usage) -> Iterator[Charge]:
    service, model = row_name(thing.handle)
    caches = service in _CACHING and usage.cached_input_tokens > 0
    cached = usage.cached_input_tokens if caches else usage.cached_input_tokens * 0
    fresh = usage.input_tokens - cached
    warning = _warning(usage)

    def tokens(item: str, sku: str, unit: str, count: Span, note: str = "") -> Charge:
        return charge(
            thing,
            f"{service}/{model} {item}",
            (service, f"{model}:{sku}", "global"),
            f"1M {unit}",
            count.map(lambda number: number / _MILLION),
            billed_by="models",
            note=note,
            warning=warning,
        )

    if caches:
        yield tokens("cached input", "cache-read", "cached-read tokens", Span.fixed(cached))
    if caches and model.startswith(_CACHE_WRITES.get(service, "\0")):
        yield tokens(
            "input written to the cache",
            "cache-write-5m",
            "cache-write tokens (5 min)",
            Span.fixed(fresh),
            "what the cache does not answer is written to it, at the provider's price for that",
        )
    else:
        yield tokens("input", "input", "input tokens", Span.fixed(fresh))
    yield tokens("output", "output", "output tokens", Span.fixed(usage.output_tokens))


def _embedding_model(thing: EmbeddingModel, usage: Usage) -> Iterator[Charge]:
    service, model = row_name(thing.handle)
    yield charge(
        thing,
        f"{service}/{model} embedded",
        (service, f"{model}:input", "global"),
        "1M input tokens",
        Span.fixed(usage.embedding_tokens / _MILLION),
        billed_by="models",
        warning=_warning(usage),
    )


def _warning(usage: Usage) -> str:
    if usage.input_tokens > LONG_PROMPT_TOKENS * usage.messages:
        return (
            f"prompts of more than {LONG_PROMPT_TOKENS} tokens: some providers ask more for those "
            "than the book has"
        )
    return ""
