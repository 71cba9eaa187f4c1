"""Models served by the stack: what a stack file may ask for, and what that asks of the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.settings import Settings
from tests.infra.loading import loaded, refused
from tests.infra.stack_files import GATED, GOOD, LARGE


def large(**change: Any) -> Settings:  # noqa: ANN401  (values of a stack file)
    return loaded({**GOOD, **LARGE, **change})


@pytest.mark.parametrize(
    ("embedding", "llm", "features"),
    [
        ("api", "api", set()),
        ("cpu", "api", set()),
        ("gpu", "api", {"gpu"}),
        ("api", "ollama", {"gpu"}),
        ("cpu", "ollama", {"gpu"}),
        ("api", "vllm", {"gpu", "queue_scaling"}),
    ],
)
def test_a_cluster_can_do_what_its_models_need(
    embedding: str, llm: str, features: set[str]
) -> None:
    assert large(embedding=embedding, llm=llm).features == features


@pytest.mark.parametrize(
    "handle",
    [
        "openai/text-embedding-3-large",
        "google_ai/gemini-embedding-001",
        "google_vertex/gemini-embedding-001",
        "azure/text-embedding-3-small",
        "ollama/bge-m3",
        "lmstudio_openai/bge-m3",
        "letta/letta-free",
    ],
)
def test_every_provider_whose_embeddings_the_server_lists_is_taken(handle: str) -> None:
    settings = large(embedding={"hosting": "api", "model": handle})
    assert settings.embedding.model == handle


def test_ollama_serves_on_its_machine_under_its_own_handle() -> None:
    settings = large(llm="ollama")
    assert settings.llm.model == "ollama/llama3.1:8b"
    assert settings.llm.ollama.instance_type == "g5.4xlarge"


@pytest.mark.parametrize("hosting", ["vllm", "ollama"])
def test_agents_may_keep_another_model_than_the_one_served(hosting: str) -> None:
    settings = large(llm={"hosting": hosting, "model": "openai/gpt-4.1-mini"})
    assert settings.llm.model == "openai/gpt-4.1-mini"


def test_a_larger_machine_holds_a_larger_model() -> None:
    ollama = {"model": "llama-3.3-70b", "instance_type": "g5.12xlarge"}
    settings = large(llm={"hosting": "ollama", "ollama": ollama})
    assert settings.llm.model == "ollama/llama3.3:70b"


REFUSED: Mapping[str, tuple[dict[str, Any], str]] = {
    "ARM for embeddings": (
        {"embedding": {"hosting": "cpu", "instance_type": "c7g.2xlarge"}},
        "letta:embedding: instance_type c7g.2xlarge is an arm64 machine",
    ),
    "ARM for embeddings on GPUs": (
        {"embedding": {"hosting": "gpu", "instance_type": "c7g.2xlarge"}},
        "letta:embedding: instance_type c7g.2xlarge is an arm64 machine",
    ),
    "ARM for Ollama": (
        {"llm": {"hosting": "ollama", "ollama": {"instance_type": "c7g.2xlarge"}}},
        "letta:llm.ollama: instance_type c7g.2xlarge is an arm64 machine",
    ),
    "ARM for vLLM": (
        {"llm": {"hosting": "vllm", "vllm": {"instance_type": "c7g.2xlarge"}}},
        "letta:llm.vllm: instance_type c7g.2xlarge is an arm64 machine",
    ),
    "a token for a model that anybody gets": (
        {"llm": {"hosting": "vllm", "vllm": {**GATED}}},
        "letta:llm.vllm: a token of Hugging Face is given, but RedHatAI/",
    ),
    "an Ollama model past its machine": (
        {"llm": {"hosting": "ollama", "ollama": {"model": "llama-3.3-70b"}}},
        "letta:llm.ollama: 1 × g5.4xlarge",
    ),
    "a card that is not known": (
        {"embedding": {"hosting": "gpu", "instance_type": "g7.2xlarge"}},
        "letta:embedding: GPU 'NVIDIA RTX PRO 4500' is not known",
    ),
    "a handle without a provider": (
        {"embedding": {"hosting": "api", "model": "text-embedding-3-small"}},
        "letta:embedding.model: 'text-embedding-3-small' is no handle provider/model",
    ),
    "a provider that nobody knows": (
        {"embedding": {"model": "voyage/unknown-9", "hosting": "api"}},
        "letta:embedding.model: 'voyage' of 'voyage/unknown-9' is no provider of embeddings",
    ),
    "a misspelt provider": (
        {"embedding": {"model": "opnai/text-embedding-3-small", "hosting": "api"}},
        "letta:embedding.model: 'opnai' of",
    ),
    "a provider in capitals": (
        {"embedding": {"model": "OPENAI/text-embedding-3-small", "hosting": "api"}},
        "letta:embedding.model: 'OPENAI' of",
    ),
    "a provider without embedding models": (
        {"embedding": {"model": "vllm/bge-m3", "hosting": "api"}},
        "letta:embedding.model: 'vllm' of",
    ),
    "a machine for a provider outside": (
        {"embedding": {"hosting": "api", "instance_type": "c5.2xlarge"}},
        "letta:embedding.instance_type: an external provider needs no machine",
    ),
    "a vLLM machine that the region lacks": (
        {
            "region": "eu-west-1",
            "llm": {"hosting": "vllm", "vllm": {"instance_type": "p5.48xlarge"}},
        },
        "letta:llm.vllm.instance_type: p5.48xlarge is not offered in eu-west-1",
    ),
    "an Ollama machine that the region lacks": (
        {"region": "ap-southeast-1", "llm": "ollama"},
        "letta:llm.ollama.instance_type: g5.4xlarge is not offered in ap-southeast-1",
    ),
    "an embedding machine that the region lacks": (
        {
            "region": "ap-southeast-1",
            "embedding": {"hosting": "gpu", "instance_type": "g5.xlarge"},
        },
        "letta:embedding.instance_type: g5.xlarge is not offered in ap-southeast-1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_served_is_refused_with_the_reason(case: str) -> None:
    change, words = REFUSED[case]
    report = refused({**GOOD, **LARGE, **change})
    assert words in report
    assert "1 problem" in report


def test_servers_may_run_on_arm() -> None:
    settings = large(api={"instance_type": "m7g.2xlarge"}, worker={"instance_type": "c7g.2xlarge"})
    assert (settings.api.vcpus, settings.worker.vcpus) == (8, 8)
