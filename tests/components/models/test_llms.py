"""The catalogue of language models."""

from __future__ import annotations

import pytest

from components.models.llms import LLMS, Llm, llm, smaller_variants

BITS = {"bf16": 16, "fp8": 8, "awq": 4}


@pytest.mark.parametrize("model", LLMS.values(), ids=LLMS)
def test_weights_are_as_many_bytes_as_parameters_and_precision_say(model: Llm) -> None:
    ideal = model.architecture.parameters * BITS[model.weights] / 8
    # Quantised checkpoints keep embeddings in 16 bits and add scales.
    limit = {"bf16": 1.001, "fp8": 1.14, "awq": 1.16}[model.weights]
    assert ideal * 0.999 <= model.weights_bytes <= ideal * limit


def test_an_ollama_tag_holds_the_same_model_in_four_to_five_bits() -> None:
    bits = {
        name: model.ollama.weights_bytes * 8 / model.architecture.parameters
        for name, model in LLMS.items()
        if model.ollama
    }
    assert bits
    assert {name: size for name, size in bits.items() if not 4 <= size <= 5.3} == {}


def test_quantisation_saves_half_to_three_quarters_of_the_weights() -> None:
    for name, model in LLMS.items():
        for smaller in smaller_variants(model):
            if model.weights == "bf16":
                saving = 1 - smaller.weights_bytes / model.weights_bytes
                assert 0.43 <= saving <= 0.75, f"{name} to {smaller.name}"


def test_a_mixture_of_experts_uses_part_of_its_parameters_for_a_token() -> None:
    mixtral = llm("mixtral-8x22b").architecture
    assert mixtral.active_parameters == pytest.approx(39e9, rel=0.01)
    assert mixtral.parameters == pytest.approx(141e9, rel=0.01)


def test_handles_are_what_letta_calls_the_models() -> None:
    assert llm("llama-3.3-70b").vllm_handle == "vllm/meta-llama/Llama-3.3-70B-Instruct"
    assert llm("llama-3.1-8b").ollama_handle == "ollama/llama3.1:8b"


def test_a_model_that_ollama_does_not_list_says_which_it_lists() -> None:
    with pytest.raises(ValueError, match=r"llama-3\.3-70b-fp8 has no Ollama tag.*llama-3\.1-8b"):
        _ = llm("llama-3.3-70b-fp8").ollama_handle


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(
        ValueError, match=r"'llama-3\.3-7b' is not in the catalogue.*llama-3\.3-70b"
    ):
        llm("llama-3.3-7b")


def test_a_wholly_unknown_model_names_all() -> None:
    with pytest.raises(ValueError, match=r"mistral-7b"):
        llm("zzz")


def test_only_metas_own_repositories_are_gated() -> None:
    assert {model.name for model in LLMS.values() if model.gated} == {
        model.name for model in LLMS.values() if model.repository.startswith("meta-llama/")
    }


def test_names_and_repositories_are_distinct() -> None:
    assert len({model.repository for model in LLMS.values()}) == len(LLMS)
    assert all(name == model.name for name, model in LLMS.items())


def test_smaller_variants_come_largest_first() -> None:
    assert [model.name for model in smaller_variants(llm("llama-3.3-70b"))] == [
        "llama-3.3-70b-fp8",
        "llama-3.3-70b-awq",
    ]
    assert smaller_variants(llm("mistral-7b")) == []
