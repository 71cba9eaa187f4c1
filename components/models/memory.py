"""GPU memory of a language model: weights, KV cache, overhead, and the machines that hold them.

Everything is in GiB of GPU memory. A model is split over the GPUs of a machine by tensor
parallelism and over machines by pipeline parallelism, as vLLM's guide "Parallelism and Scaling"
advises; the fullest GPU decides whether it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from components.models.gpus import gpu_named
from components.models.llms import COMPUTE_CAPABILITIES, Llm, smaller_variants

GIB: Final = 2**30

CONTEXT_TOKENS: Final = 32_768
"""Default context: Letta 0.16.4 fills windows up to 32 000 tokens unless an agent asks for more
(`GLOBAL_MAX_CONTEXT_WINDOW_LIMIT`)."""

CONCURRENCY: Final = 8
"""Default number of full contexts held at once."""

KV_BYTES: Final = 2
"""Bytes of a cached number: vLLM's `--kv-cache-dtype auto` and Ollama's `f16` keep 16 bits, with
quantised weights too."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What a server takes of each GPU besides weights and KV cache."""

    name: str
    usable_share: float
    """Share of the memory CUDA reports that the server may fill."""
    overhead_gib: float
    """Of each GPU: peak activations, CUDA context, CUDA graphs."""
    split_overhead_gib: float
    """More of each GPU when several share a model: buffers of the collective operations."""


MAX_BATCHED_TOKENS: Final = 2048
"""vLLM's `--max-num-batched-tokens`, on which peak activations depend: its own default on A100 and
smaller. The 8192 it takes on H100 cost 5 GiB a card (llm-d-benchmark, vLLM on H100)."""

MAX_SEQUENCES: Final = 256
"""vLLM's `--max-num-seqs`, the same way: short requests share the room of the full contexts."""

VLLM: Final = Engine(name="vLLM", usable_share=0.90, overhead_gib=3.1, split_overhead_gib=1.9)
"""The share is passed as `--gpu-memory-utilization`. The overheads are estimates for the two limits
above: the most that public start-up logs show, 3.05 GiB on one GPU and 4.84 GiB on each of two
(Llama 3 8B on 80 GB cards, vLLM pull request 10511); most show 0.3 to 3."""

OLLAMA: Final = Engine(name="Ollama", usable_share=0.95, overhead_gib=2.0, split_overhead_gib=0.5)
"""Estimates: Ollama has no fixed share, and logs its buffers by model."""


@dataclass(frozen=True, kw_only=True)
class GpuMachine:
    """A machine type with GPUs, as a cloud's catalogue gives it."""

    name: str
    gpus: int
    gpu: str
    """A key of `components.models.gpus.GPUS`."""
    gpu_memory_gib: float
    """Catalogued memory of one GPU."""
    memory_gib: float
    """Of the machine."""
    local_nvme_gib: float

    @property
    def visible_gib(self) -> float:
        """Memory of one GPU as CUDA reports it.

        Raises:
            ValueError: the GPU is not known.
        """
        return self.gpu_memory_gib * gpu_named(self.gpu).visible_share

    @property
    def description(self) -> str:
        """Such as `p4d.24xlarge (8 × NVIDIA A100, 40 GiB each)`."""
        return f"{self.name} ({self.gpus} × {self.gpu}, {self.gpu_memory_gib:g} GiB each)"


@dataclass(frozen=True, kw_only=True)
class Need:
    """GPU memory over all GPUs, each counted as full as the fullest."""

    weights_gib: float
    kv_gib: float
    overhead_gib: float

    @property
    def total_gib(self) -> float:
        return self.weights_gib + self.kv_gib + self.overhead_gib


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Machines that hold a model at a context and a concurrency."""

    machine: GpuMachine
    nodes: int
    """Machines of one copy of the model."""
    tensor_parallel: int
    """GPUs of each machine."""
    pipeline_parallel: int
    """Machines."""
    weights_gib: float
    kv_gib: float
    overhead_gib: float
    available_gib: float
    """What the server may fill, over all GPUs."""
    max_concurrency: int
    """Full contexts of the asked size that the KV cache holds."""

    @property
    def need_gib(self) -> float:
        return self.weights_gib + self.kv_gib + self.overhead_gib


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Why machines do not hold a model."""

    reason: str


def weights_gib(model: Llm, engine: Engine = VLLM) -> float:
    """Published weights of the model as the engine loads them.

    Raises:
        ValueError: the engine is Ollama and the model has no tag there.
    """
    return _weights_bytes(model, engine) / GIB


def kv_bytes_per_token(model: Llm, tensor_parallel: int = 1) -> int:
    """Bytes of KV cache of one token, over the GPUs of a tensor-parallel group.

    Each GPU keeps at least one KV head, so with more GPUs than KV heads the heads are copied and
    the cache grows (vLLM, `ModelConfig.get_num_kv_heads`).
    """
    architecture = model.architecture
    heads = max(architecture.kv_heads, tensor_parallel)
    return 2 * architecture.layers * heads * architecture.head_dim * KV_BYTES


def kv_gib(model: Llm, context_tokens: int, concurrency: int, tensor_parallel: int = 1) -> float:
    """KV cache of so many full contexts."""
    return kv_bytes_per_token(model, tensor_parallel) * context_tokens * concurrency / GIB


def need_gib(
    model: Llm,
    context_tokens: int = CONTEXT_TOKENS,
    concurrency: int = CONCURRENCY,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    engine: Engine = VLLM,
) -> Need:
    """Memory the model takes over `tensor_parallel × pipeline_parallel` GPUs."""
    layers = model.architecture.layers
    fullest = ceil(layers / pipeline_parallel) * pipeline_parallel / layers
    gpus = tensor_parallel * pipeline_parallel
    overhead = engine.overhead_gib + (engine.split_overhead_gib if gpus > 1 else 0)
    return Need(
        weights_gib=weights_gib(model, engine) * fullest,
        kv_gib=kv_gib(model, context_tokens, concurrency, tensor_parallel) * fullest,
        overhead_gib=overhead * gpus,
    )


def split_error(model: Llm, tensor_parallel: int) -> str | None:
    """Why vLLM cannot split the model over so many GPUs of a machine; None if it can."""
    heads, kv_heads = model.architecture.attention_heads, model.architecture.kv_heads
    valid = [
        size
        for size in range(1, heads + 1)
        if heads % size == 0 and (kv_heads % size == 0 or size % kv_heads == 0)
    ]
    if tensor_parallel in valid:
        return None
    return (
        f"{model.name} has {heads} attention and {kv_heads} KV heads, which cannot be split over "
        f"{tensor_parallel} GPUs: take machines with {', '.join(map(str, valid))}"
    )


def fits(
    model: Llm,
    machine: GpuMachine,
    nodes: int = 1,
    context_tokens: int = CONTEXT_TOKENS,
    concurrency: int = CONCURRENCY,
    engine: Engine = VLLM,
) -> Fit | Misfit:
    """Whether one copy of the model runs on `nodes` machines, all their GPUs in use.

    Raises:
        ValueError: the context is longer than the model's, a number is not positive, the GPU is
            not known, or the engine is Ollama and has no tag for the model.
    """
    _check(model, context_tokens, concurrency, nodes)
    unsplit = _unsplittable(model, machine, nodes, engine)
    if unsplit is not None:
        return Misfit(reason=unsplit)
    need = need_gib(
        model,
        context_tokens,
        concurrency,
        tensor_parallel=machine.gpus,
        pipeline_parallel=nodes,
        engine=engine,
    )
    available = _available_gib(machine, nodes, engine)
    if need.total_gib > available:
        return Misfit(
            reason=(
                f"{_count(nodes, machine)} let {engine.name} fill {available:.1f} GiB; "
                f"{model.name} at {context_tokens} tokens × {concurrency} requests needs "
                f"{_sum(need)}"
            )
        )
    room = available - need.weights_gib - need.overhead_gib
    return Fit(
        machine=machine,
        nodes=nodes,
        tensor_parallel=machine.gpus,
        pipeline_parallel=nodes,
        weights_gib=need.weights_gib,
        kv_gib=need.kv_gib,
        overhead_gib=need.overhead_gib,
        available_gib=available,
        max_concurrency=floor(room / (need.kv_gib / concurrency)),
    )


def smallest_fit(
    model: Llm,
    context_tokens: int,
    concurrency: int,
    machines: Sequence[GpuMachine],
    *,
    max_nodes: int = 4,
    engine: Engine = VLLM,
) -> Fit:
    """The first machine that holds the model alone, else the fewest machines that do together.

    Args:
        machines: in order of preference, such as by price.
        max_nodes: most machines of one copy.

    Raises:
        ValueError: none holds it (the message says what is needed, what there is, and what to
            change), or as `fits` raises.
    """
    for nodes in range(1, max_nodes + 1):
        for machine in machines:
            found = fits(model, machine, nodes, context_tokens, concurrency, engine)
            if isinstance(found, Fit):
                return found
    raise ValueError(
        _too_big(model, machines, context_tokens, concurrency, max_nodes=max_nodes, engine=engine)
    )


def disk_gib(model: Llm, engine: Engine = VLLM) -> int:
    """Disk for the model's files: the weights, a quarter more for a download in progress and for
    duplicate formats in the repository, and 20 GiB of compiled kernels."""
    return ceil(weights_gib(model, engine) * 1.25) + 20


def _weights_bytes(model: Llm, engine: Engine) -> int:
    if engine is not OLLAMA:
        return model.weights_bytes
    if model.ollama is None:
        raise ValueError(f"{model.name} has no tag in the Ollama library: run it on vLLM")
    return model.ollama.weights_bytes


def _check(model: Llm, context_tokens: int, concurrency: int, nodes: int) -> None:
    limit = model.architecture.max_context_tokens
    if not 1 <= context_tokens <= limit:
        raise ValueError(f"context of {context_tokens} tokens: {model.name} takes 1 to {limit}")
    if concurrency < 1:
        raise ValueError(f"concurrency {concurrency} must be at least 1")
    if nodes < 1:
        raise ValueError(f"{nodes} machines: at least 1")


def _unsplittable(model: Llm, machine: GpuMachine, nodes: int, engine: Engine) -> str | None:
    if engine is OLLAMA:
        return None if nodes == 1 else "Ollama runs on one machine"
    gpu = gpu_named(machine.gpu)
    least = COMPUTE_CAPABILITIES[model.weights]
    if gpu.compute_capability < least:
        return (
            f"{machine.description} has compute capability {_version(gpu.compute_capability)}; "
            f"{model.weights} weights ({model.name}) need {_version(least)}"
        )
    return split_error(model, machine.gpus)


def _available_gib(machine: GpuMachine, nodes: int, engine: Engine) -> float:
    return machine.visible_gib * engine.usable_share * machine.gpus * nodes


def _too_big(
    model: Llm,
    machines: Sequence[GpuMachine],
    context_tokens: int,
    concurrency: int,
    *,
    max_nodes: int,
    engine: Engine,
) -> str:
    if not machines:
        return f"no machine with GPUs to hold {model.name}"
    most = 1 if engine is OLLAMA else max_nodes
    able = [machine for machine in machines if not _unsplittable(model, machine, most, engine)]
    roomiest = max(able or machines, key=lambda machine: _available_gib(machine, 1, engine))
    misfit = fits(model, roomiest, most, context_tokens, concurrency, engine)
    reason = misfit.reason if isinstance(misfit, Misfit) else ""
    return f"{reason}. {_advice(model, roomiest, most, context_tokens, concurrency, engine)}"


def _advice(
    model: Llm,
    machine: GpuMachine,
    nodes: int,
    context_tokens: int,
    concurrency: int,
    engine: Engine,
) -> str:
    ways = []
    one = fits(model, machine, nodes, context_tokens, 1, engine)
    if isinstance(one, Fit):
        ways.append(f"lower concurrency to {one.max_concurrency}")
    context = _longest(model, machine, nodes, concurrency, engine)
    if context:
        ways.append(f"lower context_tokens to {context}")
    ways += [
        f"choose {smaller.name}"
        for smaller in (smaller_variants(model) if engine is VLLM else ())
        if isinstance(fits(smaller, machine, nodes, context_tokens, concurrency, engine), Fit)
    ]
    ways.append("choose a machine with more GPU memory")
    return f"What helps: {', or '.join(ways)}"


def _longest(model: Llm, machine: GpuMachine, nodes: int, concurrency: int, engine: Engine) -> int:
    """Longest context in whole thousands of 1024 tokens that fits; 0 if none does."""
    fit = fits(model, machine, nodes, 1024, concurrency, engine)
    if isinstance(fit, Misfit):
        return 0
    per_kibitoken = fit.kv_gib
    room = fit.available_gib - fit.weights_gib - fit.overhead_gib
    return 1024 * floor(room / per_kibitoken)


def _sum(need: Need) -> str:
    return (
        f"{need.total_gib:.1f} GiB: {need.weights_gib:.1f} weights + {need.kv_gib:.1f} KV cache + "
        f"{need.overhead_gib:.1f} overhead"
    )


def _count(nodes: int, machine: GpuMachine) -> str:
    return f"{nodes} × {machine.description}"


def _version(capability: tuple[int, int]) -> str:
    return f"{capability[0]}.{capability[1]}"
