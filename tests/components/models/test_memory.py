"""GPU memory of language models, and the machines that hold them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.models.llms import LLMS, Llm, llm
from components.models.memory import (
    OLLAMA,
    VLLM,
    Fit,
    GpuMachine,
    Misfit,
    disk_gib,
    fits,
    kv_bytes_per_token,
    kv_gib,
    need_gib,
    smallest_fit,
    split_error,
    weights_gib,
)
from components.models.published import PUBLISHED, Published
from tests.components.models.machines import (
    A10G,
    BY_PRICE,
    EIGHT_A10G,
    FOUR_A10G,
    FOUR_A100_80,
    P4D,
    P4DE,
    T4,
)

LLAMA, MIXTRAL, QWEN_7B = llm("llama-3.3-70b"), llm("mixtral-8x22b"), llm("qwen-2.5-7b")

models = st.sampled_from(list(LLMS.values()))
contexts = st.integers(1, 32_768)
concurrencies = st.integers(1, 64)
machines = st.sampled_from(BY_PRICE)


def _label(figure: Published) -> str:
    return f"{figure.model}-{'weights' if figure.tokens is None else figure.tokens}"


@pytest.mark.parametrize("figure", PUBLISHED, ids=_label)
def test_computed_memory_is_within_ten_percent_of_what_is_published(figure: Published) -> None:
    model = llm(figure.model)
    computed = weights_gib(model) if figure.tokens is None else kv_gib(model, figure.tokens, 1)
    assert computed == pytest.approx(figure.size_gib, rel=0.10)
    assert figure.source


def test_at_least_five_models_have_published_figures() -> None:
    assert len({figure.model for figure in PUBLISHED}) >= 5
    assert len({figure.model for figure in PUBLISHED if figure.tokens}) >= 4


def test_llama_70b_in_16_bits_fits_one_p4d_at_the_defaults() -> None:
    fit = smallest_fit(LLAMA, 32_768, 8, BY_PRICE)
    assert (fit.machine, fit.nodes, fit.tensor_parallel, fit.pipeline_parallel) == (P4D, 1, 8, 1)
    assert fit.max_concurrency >= 8


def test_llama_70b_fits_four_80_gib_cards() -> None:
    assert isinstance(fits(LLAMA, FOUR_A100_80), Fit)


def test_mixtral_in_16_bits_does_not_fit_one_p4d_but_two() -> None:
    assert isinstance(fits(MIXTRAL, P4D, context_tokens=1, concurrency=1), Misfit)
    fit = smallest_fit(MIXTRAL, 32_768, 8, [EIGHT_A10G, P4D])
    assert (fit.machine, fit.nodes, fit.pipeline_parallel) == (P4D, 2, 2)


def test_one_larger_machine_goes_before_two_that_are_preferred() -> None:
    fit = smallest_fit(MIXTRAL, 32_768, 8, [P4D, P4DE])
    assert (fit.machine, fit.nodes) == (P4DE, 1)


def test_quantised_weights_fit_where_16_bits_do_not() -> None:
    assert isinstance(fits(llm("mixtral-8x22b-fp8"), P4D), Fit)


def test_kv_heads_are_copied_when_there_are_more_gpus_than_heads() -> None:
    assert kv_bytes_per_token(QWEN_7B, 4) == kv_bytes_per_token(QWEN_7B)
    wide = replace(QWEN_7B, architecture=replace(QWEN_7B.architecture, attention_heads=64))
    assert kv_bytes_per_token(wide, 16) == 4 * kv_bytes_per_token(wide)


def test_kv_cache_of_a_token_is_keys_and_values_of_every_layer_and_head() -> None:
    assert kv_bytes_per_token(LLAMA) == 2 * 80 * 8 * 128 * 2


def test_heads_that_do_not_divide_say_which_counts_do() -> None:
    misfit = fits(QWEN_7B, EIGHT_A10G)
    assert isinstance(misfit, Misfit)
    assert "28 attention and 4 KV heads" in misfit.reason
    assert "machines with 1, 2, 4, 28" in misfit.reason
    assert split_error(QWEN_7B, 4) is None


def test_uneven_layers_fill_the_fullest_machine() -> None:
    need = need_gib(LLAMA, 1024, 1, pipeline_parallel=3)
    assert need.weights_gib == pytest.approx(weights_gib(LLAMA) * 27 * 3 / 80)


def test_a_gpu_that_is_too_old_for_the_weights_is_named() -> None:
    misfit = fits(QWEN_7B, T4, concurrency=1)
    assert isinstance(misfit, Misfit)
    assert "compute capability 7.5; bf16 weights (qwen-2.5-7b) need 8.0" in misfit.reason


def test_what_does_not_fit_says_what_is_needed_what_there_is_and_what_to_change() -> None:
    with pytest.raises(ValueError, match="needs") as error:
        smallest_fit(LLAMA, 32_768, 16, [P4D], max_nodes=1)
    message = str(error.value)
    for part in (
        "1 × p4d.24xlarge (8 × NVIDIA A100, 40 GiB each) let vLLM fill 282.2 GiB",
        "llama-3.3-70b at 32768 tokens × 16 requests needs 331.4 GiB",
        "131.4 weights + 160.0 KV cache + 40.0 overhead",
        "lower concurrency to 11",
        "lower context_tokens to 22528",
        "choose llama-3.3-70b-fp8",
        "choose a machine with more GPU memory",
    ):
        assert part in message
    assert isinstance(fits(LLAMA, P4D, concurrency=11), Fit)
    assert isinstance(fits(LLAMA, P4D, concurrency=12), Misfit)
    assert isinstance(fits(LLAMA, P4D, context_tokens=22_528, concurrency=16), Fit)


def test_weights_that_exceed_the_machines_leave_nothing_to_lower() -> None:
    with pytest.raises(ValueError, match="needs") as error:
        smallest_fit(LLAMA, 32_768, 8, [A10G], max_nodes=2)
    assert str(error.value).endswith("What helps: choose a machine with more GPU memory")


def test_the_machine_that_comes_closest_is_one_that_can_split_the_model() -> None:
    with pytest.raises(ValueError, match="needs") as error:
        smallest_fit(QWEN_7B, 32_768, 64, [FOUR_A10G, EIGHT_A10G], max_nodes=1)
    assert "1 × g5.12xlarge" in str(error.value)
    assert "lower concurrency to" in str(error.value)


def test_no_machine_at_all_is_said() -> None:
    with pytest.raises(ValueError, match=r"no machine with GPUs to hold llama-3\.3-70b"):
        smallest_fit(LLAMA, 32_768, 8, [])


def test_a_model_that_no_machine_can_split_is_refused_with_that_reason() -> None:
    with pytest.raises(ValueError, match="cannot be split over 8 GPUs"):
        smallest_fit(QWEN_7B, 32_768, 8, [EIGHT_A10G])


@pytest.mark.parametrize(
    ("context", "concurrency", "nodes", "said"),
    [
        (32_769, 8, 1, "qwen-2.5-7b takes 1 to 32768"),
        (0, 8, 1, "takes 1 to"),
        (1024, 0, 1, "concurrency 0 must be at least 1"),
        (1024, 1, 0, "0 machines: at least 1"),
    ],
)
def test_numbers_out_of_range_are_errors(
    context: int, concurrency: int, nodes: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        fits(QWEN_7B, A10G, nodes, context, concurrency)


def test_an_unknown_gpu_is_an_error_that_names_the_known() -> None:
    with pytest.raises(ValueError, match=r"GPU 'TPU' is not known: .*NVIDIA A100"):
        fits(QWEN_7B, replace(A10G, gpu="TPU"))


def test_cuda_sees_less_than_the_catalogue_says() -> None:
    assert T4.visible_gib == pytest.approx(14.56)
    assert A10G.visible_gib < 22.07
    assert P4D.visible_gib < 39.38


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("llama-3.1-8b", True),
        ("qwen-2.5-7b", True),
        ("qwen-2.5-14b", True),
        ("llama-3.3-70b", False),
    ],
)
def test_small_models_on_ollama_fit_one_a10g(name: str, fitting: bool) -> None:
    assert isinstance(fits(llm(name), A10G, concurrency=1, engine=OLLAMA), Fit) is fitting


def test_ollama_runs_quantised_weights_on_one_machine() -> None:
    model = llm("llama-3.1-8b")
    assert weights_gib(model, OLLAMA) < weights_gib(model) / 3
    misfit = fits(model, A10G, 2, engine=OLLAMA)
    assert misfit == Misfit(reason="Ollama runs on one machine")


def test_ollama_has_no_weights_for_a_model_without_a_tag() -> None:
    with pytest.raises(ValueError, match=r"no tag in the Ollama library: run it on vLLM"):
        fits(llm("llama-3.3-70b-fp8"), A10G, engine=OLLAMA)


def test_what_ollama_cannot_hold_is_not_answered_with_variants_it_lacks() -> None:
    with pytest.raises(ValueError, match="let Ollama fill") as error:
        smallest_fit(LLAMA, 8192, 1, [A10G], engine=OLLAMA)
    assert "fp8" not in str(error.value)


def test_disk_holds_the_weights_and_more() -> None:
    assert disk_gib(LLAMA) == 185
    assert all(disk_gib(model) > weights_gib(model) * 1.25 for model in LLMS.values())


@given(model=models, context=contexts, concurrency=concurrencies)
def test_need_grows_with_context_and_concurrency(
    model: Llm, context: int, concurrency: int
) -> None:
    need = need_gib(model, context, concurrency).total_gib
    assert need_gib(model, context + 1, concurrency).total_gib > need
    assert need_gib(model, context, concurrency + 1).total_gib > need


@given(
    model=models,
    machine=machines,
    nodes=st.integers(1, 3),
    context=contexts,
    concurrency=concurrencies,
)
def test_what_fits_needs_no_more_than_there_is_and_its_limit_is_the_limit(
    model: Llm, machine: GpuMachine, nodes: int, context: int, concurrency: int
) -> None:
    found = fits(model, machine, nodes, context, concurrency)
    if isinstance(found, Misfit):
        assert split_error(model, machine.gpus) or (
            need_gib(
                model,
                context,
                concurrency,
                tensor_parallel=machine.gpus,
                pipeline_parallel=nodes,
            ).total_gib
            > machine.visible_gib * VLLM.usable_share * machine.gpus * nodes
        )
        return
    assert found.need_gib <= found.available_gib
    assert found.max_concurrency >= concurrency
    assert isinstance(fits(model, machine, nodes, context, found.max_concurrency + 1), Misfit)


@given(model=models, context=contexts, concurrency=concurrencies)
def test_the_smallest_fit_is_the_first_that_fits(
    model: Llm, context: int, concurrency: int
) -> None:
    single = [
        machine
        for machine in BY_PRICE
        if isinstance(fits(model, machine, 1, context, concurrency), Fit)
    ]
    try:
        found = smallest_fit(model, context, concurrency, BY_PRICE)
    except ValueError as error:
        assert not single
        assert "choose a machine with more GPU memory" in str(error)
        return
    assert fits(model, found.machine, found.nodes, context, concurrency) == found
    if single:
        assert (found.machine, found.nodes) == (single[0], 1)
    else:
        assert found.nodes > 1
