"""The embedding models a stack can host, and the image that fits the card.

Figures are those of `config.json`, `sentence_bert_config.json` and the size of
`model.safetensors` in the model's repository at Hugging Face.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from components.models.gpus import GPUS, gpu_named
from components.models.images import TEI_REPOSITORY, TEI_VERSION

GIB: Final = 2**30

OVERHEAD_GIB: Final = 3.0
"""GPU memory beside the weights: CUDA context and the activations of 16 384 batched tokens, the
server's default. An estimate."""

_TEI_PREFIXES: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {(7, 5): "turing-", (8, 0): "", (8, 6): "86-", (8, 9): "89-", (9, 0): "hopper-"}
)
"""By compute capability: "Docker Images" of the text-embeddings-inference README."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingModel:
    """An embedding model."""

    name: str
    repository: str
    """Repository id at Hugging Face, which is also the name the server answers to."""
    license: str
    parameters: int
    weights_bytes: int
    """On disk, in 32 bits; a GPU loads half of it, in 16."""
    dimensions: int
    max_tokens: int
    """Longer texts are cut."""
    query_prefix: str
    """What the model card asks for in front of a search query; empty if nothing. Letta sends texts
    as they are, so a model that needs prefixes finds somewhat less than its card promises."""
    passage_prefix: str
    """The same in front of a stored text."""
    cpu: bool
    """Fast enough without a GPU."""


EMBEDDINGS: Final[Mapping[str, EmbeddingModel]] = MappingProxyType(
    {
        model.name: model
        for model in (
            EmbeddingModel(
                name="all-MiniLM-L6-v2",
                repository="sentence-transformers/all-MiniLM-L6-v2",
                license="Apache 2.0",
                parameters=22_713_216,
                weights_bytes=90_868_376,
                dimensions=384,
                max_tokens=256,
                query_prefix="",
                passage_prefix="",
                cpu=True,
            ),
            EmbeddingModel(
                name="bge-large-en-v1.5",
                repository="BAAI/bge-large-en-v1.5",
                license="MIT",
                parameters=335_141_888,
                weights_bytes=1_340_616_616,
                dimensions=1024,
                max_tokens=512,
                query_prefix="Represent this sentence for searching relevant passages: ",
                passage_prefix="",
                cpu=False,
            ),
            EmbeddingModel(
                name="e5-large-v2",
                repository="intfloat/e5-large-v2",
                license="MIT",
                parameters=335_141_888,
                weights_bytes=1_340_616_616,
                dimensions=1024,
                max_tokens=512,
                query_prefix="query: ",
                passage_prefix="passage: ",
                cpu=False,
            ),
        )
    }
)


def embedding(name: str) -> EmbeddingModel:
    """The embedding model of that name.

    Raises:
        ValueError: there is none; the message names the nearest, or all of them.
    """
    if name not in EMBEDDINGS:
        near = difflib.get_close_matches(name, EMBEDDINGS, n=3) or list(EMBEDDINGS)
        raise ValueError(f"embedding model {name!r} is not in the catalogue: try {', '.join(near)}")
    return EMBEDDINGS[name]


def tei_image(gpu: str | None) -> str:
    """The text-embeddings-inference image for that GPU, or for CPUs if None.

    Raises:
        ValueError: no image is built for the GPU.
    """
    if gpu is None:
        return f"{TEI_REPOSITORY}:cpu-{TEI_VERSION}"
    capability = gpu_named(gpu).compute_capability
    if capability not in _TEI_PREFIXES:
        supported = [
            known.name for known in GPUS.values() if known.compute_capability in _TEI_PREFIXES
        ]
        raise ValueError(
            f"text-embeddings-inference has no image for {gpu}: take {', '.join(supported)}, or CPU"
        )
    return f"{TEI_REPOSITORY}:{_TEI_PREFIXES[capability]}{TEI_VERSION}"


def need_gib(model: EmbeddingModel) -> float:
    """GPU memory the model takes, served in 16 bits."""
    return model.weights_bytes / 2 / GIB + OVERHEAD_GIB


def check_card(model: EmbeddingModel, gpu: str, gpu_memory_gib: float) -> None:
    """Check that one GPU of so much catalogued memory holds the model.

    Raises:
        ValueError: it does not, or the GPU is not known.
    """
    visible = gpu_memory_gib * gpu_named(gpu).visible_share
    if need_gib(model) > visible:
        raise ValueError(
            f"{model.name} needs {need_gib(model):.1f} GiB of GPU memory; {gpu} with "
            f"{gpu_memory_gib:g} GiB gives {visible:.1f}: take a larger card"
        )
