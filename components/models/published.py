"""Figures that others published, to hold the catalogue and its arithmetic against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GIB: Final = 2**30


@dataclass(frozen=True, kw_only=True)
class Published:
    """A size in GPU memory that somebody published."""

    model: str
    """Catalogue name."""
    size_gib: float
    tokens: int | None
    """Of the KV cache; None where the size is that of the weights."""
    source: str


def _gb(size: float) -> float:
    return size * 1e9 / GIB


_BLOG: Final = "Hugging Face blog, Llama 3.1, inference memory requirements"
_OCI: Final = "start-up log of vLLM in Oracle's AI Quick Actions troubleshooting guide (A10)"
_QWEN_LOG: Final = "start-up log of vLLM 0.9, Qwen2 7B (same architecture), blog post of 2025-07-24"
_MISTRAL: Final = "Mistral AI, announcement of Mixtral 8x22B: 141 B parameters, 2 bytes each"
_CANITRUN: Final = "canitrun.dev, Mixtral 8x22B Instruct v0.1 at a context of 8 K"
_LLM_D: Final = "llm-d-benchmark, empirical vLLM memory results on H100"
_LOG: Final = "start-up log of vLLM in public notes: `Model loading took`"

PUBLISHED: Final = (
    Published(model="llama-3.1-8b", size_gib=_gb(16), tokens=None, source=_BLOG),
    Published(model="llama-3.1-8b", size_gib=0.125, tokens=1024, source=_BLOG),
    Published(model="llama-3.1-8b", size_gib=1.95, tokens=16_000, source=_BLOG),
    Published(model="llama-3.1-8b", size_gib=15.62, tokens=128_000, source=_BLOG),
    Published(model="llama-3.1-8b", size_gib=14.99, tokens=None, source=_OCI),
    Published(model="llama-3.1-8b", size_gib=4.60, tokens=37_696, source=_OCI),
    Published(model="llama-3.3-70b", size_gib=_gb(140), tokens=None, source=_BLOG),
    Published(model="llama-3.3-70b", size_gib=0.313, tokens=1024, source=_BLOG),
    Published(model="llama-3.3-70b", size_gib=4.88, tokens=16_000, source=_BLOG),
    Published(model="llama-3.3-70b", size_gib=39.06, tokens=128_000, source=_BLOG),
    Published(model="llama-3.3-70b-fp8", size_gib=67.72, tokens=None, source=_LLM_D),
    Published(model="mixtral-8x22b", size_gib=_gb(282), tokens=None, source=_MISTRAL),
    Published(model="mixtral-8x22b", size_gib=_gb(1.88), tokens=8192, source=_CANITRUN),
    Published(model="qwen-2.5-7b", size_gib=14.2488, tokens=None, source=_QWEN_LOG),
    Published(model="qwen-2.5-7b", size_gib=3.41, tokens=63_776, source=_QWEN_LOG),
    Published(model="qwen-2.5-72b-awq", size_gib=38.77, tokens=None, source=_LOG),
    Published(model="mistral-7b", size_gib=13.51, tokens=None, source=_LOG),
)
