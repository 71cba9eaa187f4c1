"""Models of external providers, which bill by the token. The same on every cloud."""

from __future__ import annotations

from collections.abc import Iterator

from components.letta.providers import metered
from infra.settings import Settings
from pricing.inventory import EmbeddingModel, LanguageModel, Thing


def external_models(settings: Settings) -> Iterator[Thing]:
    """The models that agents use when they name none."""
    llm, embedding = settings.llm.model, settings.embedding.model
    if llm and metered(llm):
        yield LanguageModel(component="llm", handle=llm)
    if settings.embedding.hosting == "api" and embedding and metered(embedding):
        yield EmbeddingModel(component="embedding", handle=embedding)
