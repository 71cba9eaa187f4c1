"""The tables of docs/models.md, made from the code: `python tools/model_table.py` rewrites them."""

from __future__ import annotations

import sys
from pathlib import Path

from components.models.embeddings import EMBEDDINGS, EmbeddingModel, need_gib, tei_image
from components.models.gpus import GPUS
from components.models.llms import LLMS, Llm, llm
from components.models.memory import (
    CONCURRENCY,
    CONTEXT_TOKENS,
    OLLAMA,
    Fit,
    fits,
    kv_bytes_per_token,
    kv_gib,
    smallest_fit,
    weights_gib,
)
from components.models.published import PUBLISHED
from infra import platforms
from tools import tables
from tools.tables import Tables, table

_CATALOG = platforms.catalog(platforms.DEFAULT)
"""The tables of the pages are of the first cloud."""

PAGE = Path(__file__).parents[1] / "docs" / "models.md"
REGION = "us-east-1"
_KIB = 1024


def _contexts(count: int) -> str:
    return f"{count} context" + ("" if count == 1 else "s")


def _machines(model: Llm) -> str:
    fit = smallest_fit(model, CONTEXT_TOKENS, CONCURRENCY, _CATALOG.gpu_machines(REGION))
    return f"{fit.nodes} × {fit.machine.name}, {_contexts(fit.max_concurrency)}"


def _parameters(model: Llm) -> str:
    total, active = model.architecture.parameters, model.architecture.active_parameters
    return f"{total / 1e9:.1f} B" + ("" if active == total else f", {active / 1e9:.1f} B active")


def _llms() -> str:
    return table(
        (
            "name",
            "repository",
            "parameters",
            "weights",
            "from",
            "layers × KV heads × head",
            "KV cache a token",
            "longest context",
            f"at {CONTEXT_TOKENS} tokens × {CONCURRENCY} on AWS",
        ),
        (
            (
                f"`{model.name}`",
                f"`{model.repository}`" + (" (gated)" if model.gated else ""),
                _parameters(model),
                f"{weights_gib(model):.1f} GiB {model.weights}",
                model.source,
                f"{model.architecture.layers} × {model.architecture.kv_heads} × "
                f"{model.architecture.head_dim}",
                f"{kv_bytes_per_token(model) / _KIB:g} KiB",
                f"{model.architecture.max_context_tokens}",
                _machines(model),
            )
            for model in LLMS.values()
        ),
    )


def _ollama() -> str:
    card = _CATALOG.gpu_machine(_CATALOG.ollama_machine)

    def room(model: Llm) -> str:
        fit = fits(model, card, context_tokens=CONTEXT_TOKENS, concurrency=1, engine=OLLAMA)
        return _contexts(fit.max_concurrency) if isinstance(fit, Fit) else "does not fit"

    return table(
        ("name", "handle", "weights", f"at {CONTEXT_TOKENS} tokens on {card.name}"),
        (
            (
                f"`{model.name}`",
                f"`{model.ollama_handle}`",
                f"{weights_gib(model, OLLAMA):.1f} GiB",
                room(model),
            )
            for model in LLMS.values()
            if model.ollama
        ),
    )


def _embeddings() -> str:
    def prefixes(model: EmbeddingModel) -> str:
        found = [f"`{text}`" for text in (model.query_prefix, model.passage_prefix) if text]
        return ", ".join(found) or "none"

    return table(
        ("name", "repository", "dimensions", "longest text", "on a GPU", "prefixes", "CPU"),
        (
            (
                f"`{model.name}`",
                f"`{model.repository}`",
                f"{model.dimensions}",
                f"{model.max_tokens} tokens",
                f"{need_gib(model):.1f} GiB",
                prefixes(model),
                "yes" if model.cpu else "slow",
            )
            for model in EMBEDDINGS.values()
        ),
    )


def _image(gpu: str | None) -> str:
    try:
        return f"`{tei_image(gpu)}`"
    except ValueError:
        return "none"


def _cards() -> str:
    return table(
        ("GPU", "compute capability", "memory that CUDA sees", "embedding image"),
        [
            *(
                (
                    gpu.name,
                    ".".join(map(str, gpu.compute_capability)),
                    f"{gpu.visible_share:.0%}",
                    _image(gpu.name),
                )
                for gpu in GPUS.values()
            ),
            ("none", "", "", _image(None)),
        ],
    )


def _published() -> str:
    rows = []
    for figure in PUBLISHED:
        model = llm(figure.model)
        computed = weights_gib(model) if figure.tokens is None else kv_gib(model, figure.tokens, 1)
        rows.append(
            (
                f"`{figure.model}`",
                "weights" if figure.tokens is None else f"KV cache, {figure.tokens} tokens",
                f"{figure.size_gib:.3f} GiB",
                f"{computed:.3f} GiB",
                f"{computed / figure.size_gib - 1:+.1%}",
                figure.source,
            )
        )
    return table(("model", "what", "published", "computed", "off by", "source"), rows)


TABLES: Tables = {
    "language models": _llms,
    "ollama": _ollama,
    "embeddings": _embeddings,
    "cards": _cards,
    "published": _published,
}


def rendered(text: str) -> str:
    """The page's text with the tables of today's code in it."""
    return tables.rendered(text, TABLES, Path(__file__).name)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: tables written\n")
