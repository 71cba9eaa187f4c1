"""Embedding models, their images and their cards."""

from __future__ import annotations

import re

import pytest

from components.models.embeddings import (
    EMBEDDINGS,
    EmbeddingModel,
    check_card,
    embedding,
    need_gib,
    tei_image,
)
from components.models.gpus import GPUS
from components.models.images import OLLAMA_IMAGE, ROUTER_IMAGE, TEI_VERSION, VLLM_IMAGE

TEI = "ghcr.io/huggingface/text-embeddings-inference"


@pytest.mark.parametrize(
    ("gpu", "tag"),
    [
        (None, f"cpu-{TEI_VERSION}"),
        ("NVIDIA T4", f"turing-{TEI_VERSION}"),
        ("NVIDIA A100", TEI_VERSION),
        ("NVIDIA A10G", f"86-{TEI_VERSION}"),
        ("NVIDIA A10", f"86-{TEI_VERSION}"),
        ("NVIDIA L4", f"89-{TEI_VERSION}"),
        ("NVIDIA H100", f"hopper-{TEI_VERSION}"),
    ],
)
def test_the_image_fits_the_card(gpu: str | None, tag: str) -> None:
    assert tei_image(gpu) == f"{TEI}:{tag}"


def test_a_card_without_an_image_names_those_that_have_one() -> None:
    with pytest.raises(ValueError, match=r"no image for NVIDIA V100: take NVIDIA T4.*or CPU"):
        tei_image("NVIDIA V100")


def test_an_unknown_card_is_an_error() -> None:
    with pytest.raises(ValueError, match="is not known"):
        tei_image("Radeon")


@pytest.mark.parametrize("model", EMBEDDINGS.values(), ids=EMBEDDINGS)
def test_weights_are_the_parameters_in_32_bits(model: EmbeddingModel) -> None:
    assert model.weights_bytes == pytest.approx(4 * model.parameters, rel=0.001)


def test_dimensions_are_those_of_the_requirements() -> None:
    assert {name: model.dimensions for name, model in EMBEDDINGS.items()} == {
        "all-MiniLM-L6-v2": 384,
        "bge-large-en-v1.5": 1024,
        "e5-large-v2": 1024,
    }


def test_only_the_small_model_is_meant_for_cpus() -> None:
    assert [model.name for model in EMBEDDINGS.values() if model.cpu] == ["all-MiniLM-L6-v2"]


def test_e5_wants_a_prefix_for_queries_and_for_passages() -> None:
    model = embedding("e5-large-v2")
    assert (model.query_prefix, model.passage_prefix) == ("query: ", "passage: ")


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(
        ValueError, match=r"'bge-large' is not in the catalogue.*bge-large-en-v1\.5"
    ):
        embedding("bge-large")


@pytest.mark.parametrize("model", EMBEDDINGS.values(), ids=EMBEDDINGS)
def test_every_model_fits_every_card_that_has_an_image(model: EmbeddingModel) -> None:
    check_card(model, "NVIDIA T4", 16)
    assert need_gib(model) < 16 * GPUS["NVIDIA T4"].visible_share


def test_a_card_that_is_too_small_says_what_is_needed() -> None:
    with pytest.raises(ValueError, match=r"bge-large-en-v1\.5 needs 3\.6 GiB.*gives 1\.8"):
        check_card(embedding("bge-large-en-v1.5"), "NVIDIA T4", 2)


@pytest.mark.parametrize("image", [VLLM_IMAGE, ROUTER_IMAGE, OLLAMA_IMAGE, tei_image(None)])
def test_images_are_pinned_to_a_release(image: str) -> None:
    tag = image.rpartition(":")[2]
    release = re.search(r"(?:^|[v-])(\d+\.\d+\.\d+)(?:-|$)", tag)
    assert release, tag
