"""The language models a stack can host, on vLLM or on Ollama.

Architecture figures are those of `config.json` in the model's repository at Hugging Face; `source`
says where the size of the weights comes from. Sizes on Ollama are those of the tag's page in the
Ollama library.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Weights = Literal["bf16", "fp8", "awq"]

COMPUTE_CAPABILITIES: Final[Mapping[Weights, tuple[int, int]]] = MappingProxyType(
    {"bf16": (8, 0), "fp8": (8, 0), "awq": (7, 5)}
)
"""The least a GPU must have: vLLM refuses bf16 below 8.0, keeps FP8 weights in FP8 from 8.0 on
(Marlin kernels) and AWQ from 7.5 on ("Supported Hardware", vLLM quantization guide)."""

_LLAMA_TOOLS: Final = "/vllm-workspace/examples/tool_chat_template_llama3.1_json.jinja"
_INDEX: Final = "`metadata.total_size` of the repository's index"
_FILES: Final = "sum of the repository's files"
_SHAPES: Final = "tensor shapes: linear layers in 8 bits, embeddings in 16"


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What decides the KV cache and how a model can be split."""

    parameters: int
    active_parameters: int
    """Parameters that one token passes through; fewer than all in a mixture of experts."""
    layers: int
    attention_heads: int
    kv_heads: int
    head_dim: int
    max_context_tokens: int
    """Without rope scaling beyond what `config.json` sets."""
    tool_parser: str
    """vLLM's `--tool-call-parser` for this family ("Tool Calling" in the vLLM guide)."""
    chat_template: str | None = None
    """vLLM's `--chat-template`, a path inside its image; None takes the repository's own."""


@dataclass(frozen=True, kw_only=True)
class OllamaBuild:
    """A tag of the Ollama library."""

    tag: str
    weights_bytes: int
    """Published size, rounded as the library rounds it."""


@dataclass(frozen=True, kw_only=True)
class Llm:
    """A model in the catalogue."""

    name: str
    architecture: Architecture
    repository: str
    """Repository id at Hugging Face, which is also the name vLLM serves."""
    license: str
    gated: bool
    """The repository gives files only to a token whose owner has accepted the licence."""
    weights: Weights
    weights_bytes: int
    source: str
    """Where `weights_bytes` comes from."""
    ollama: OllamaBuild | None = None

    @property
    def vllm_handle(self) -> str:
        """Letta's handle for the model on vLLM."""
        return f"vllm/{self.repository}"

    @property
    def ollama_handle(self) -> str:
        """Letta's handle for the model on Ollama.

        Raises:
            ValueError: the Ollama library is not listed for it.
        """
        if self.ollama is None:
            raise ValueError(
                f"{self.name} has no Ollama tag here; those that have one: "
                f"{', '.join(model.name for model in LLMS.values() if model.ollama)}"
            )
        return f"ollama/{self.ollama.tag}"


_LLAMA_70B: Final = Architecture(
    parameters=70_553_706_496,
    active_parameters=70_553_706_496,
    layers=80,
    attention_heads=64,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=131_072,
    tool_parser="llama3_json",
    chat_template=_LLAMA_TOOLS,
)
_LLAMA_8B: Final = Architecture(
    parameters=8_030_261_248,
    active_parameters=8_030_261_248,
    layers=32,
    attention_heads=32,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=131_072,
    tool_parser="llama3_json",
    chat_template=_LLAMA_TOOLS,
)
_MIXTRAL_8X22B: Final = Architecture(
    parameters=140_630_071_296,
    active_parameters=39_161_468_928,
    layers=56,
    attention_heads=48,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=65_536,
    tool_parser="mistral",
)
_MISTRAL_7B: Final = Architecture(
    parameters=7_248_023_552,
    active_parameters=7_248_023_552,
    layers=32,
    attention_heads=32,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=32_768,
    tool_parser="mistral",
)
_QWEN_72B: Final = Architecture(
    parameters=72_706_203_648,
    active_parameters=72_706_203_648,
    layers=80,
    attention_heads=64,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=32_768,
    tool_parser="hermes",
)
_QWEN_14B: Final = Architecture(
    parameters=14_770_033_664,
    active_parameters=14_770_033_664,
    layers=48,
    attention_heads=40,
    kv_heads=8,
    head_dim=128,
    max_context_tokens=32_768,
    tool_parser="hermes",
)
_QWEN_7B: Final = Architecture(
    parameters=7_615_616_512,
    active_parameters=7_615_616_512,
    layers=28,
    attention_heads=28,
    kv_heads=4,
    head_dim=128,
    max_context_tokens=32_768,
    tool_parser="hermes",
)

LLMS: Final[Mapping[str, Llm]] = MappingProxyType(
    {
        model.name: model
        for model in (
            Llm(
                name="llama-3.3-70b",
                architecture=_LLAMA_70B,
                repository="meta-llama/Llama-3.3-70B-Instruct",
                license="Llama 3.3 Community License",
                gated=True,
                weights="bf16",
                weights_bytes=141_107_412_992,
                source=_INDEX,
                ollama=OllamaBuild(tag="llama3.3:70b", weights_bytes=43_000_000_000),
            ),
            Llm(
                name="llama-3.3-70b-fp8",
                architecture=_LLAMA_70B,
                repository="RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
                license="Llama 3.3 Community License",
                gated=False,
                weights="fp8",
                weights_bytes=72_700_000_000,
                source=_SHAPES,
            ),
            Llm(
                name="llama-3.3-70b-awq",
                architecture=_LLAMA_70B,
                repository="casperhansen/llama-3.3-70b-instruct-awq",
                license="Llama 3.3 Community License",
                gated=False,
                weights="awq",
                weights_bytes=39_767_785_472,
                source="index of the like Llama 3.1 70B AWQ repository of hugging-quants",
            ),
            Llm(
                name="mixtral-8x22b",
                architecture=_MIXTRAL_8X22B,
                repository="mistralai/Mixtral-8x22B-Instruct-v0.1",
                license="Apache 2.0",
                gated=False,
                weights="bf16",
                weights_bytes=281_260_142_592,
                source=_INDEX,
                ollama=OllamaBuild(tag="mixtral:8x22b", weights_bytes=80_000_000_000),
            ),
            Llm(
                name="mixtral-8x22b-fp8",
                architecture=_MIXTRAL_8X22B,
                repository="RedHatAI/Mixtral-8x22B-Instruct-v0.1-FP8",
                license="Apache 2.0",
                gated=False,
                weights="fp8",
                weights_bytes=141_000_000_000,
                source=_SHAPES,
            ),
            Llm(
                name="qwen-2.5-72b",
                architecture=_QWEN_72B,
                repository="Qwen/Qwen2.5-72B-Instruct",
                license="Qwen License",
                gated=False,
                weights="bf16",
                weights_bytes=145_412_407_296,
                source=_INDEX,
                ollama=OllamaBuild(tag="qwen2.5:72b", weights_bytes=47_000_000_000),
            ),
            Llm(
                name="qwen-2.5-72b-awq",
                architecture=_QWEN_72B,
                repository="Qwen/Qwen2.5-72B-Instruct-AWQ",
                license="Qwen License",
                gated=False,
                weights="awq",
                weights_bytes=41_607_438_677,
                source=_FILES,
            ),
            Llm(
                name="qwen-2.5-14b",
                architecture=_QWEN_14B,
                repository="Qwen/Qwen2.5-14B-Instruct",
                license="Apache 2.0",
                gated=False,
                weights="bf16",
                weights_bytes=29_540_067_328,
                source=_INDEX,
                ollama=OllamaBuild(tag="qwen2.5:14b", weights_bytes=9_000_000_000),
            ),
            Llm(
                name="llama-3.1-8b",
                architecture=_LLAMA_8B,
                repository="meta-llama/Llama-3.1-8B-Instruct",
                license="Llama 3.1 Community License",
                gated=True,
                weights="bf16",
                weights_bytes=16_060_522_496,
                source=_INDEX,
                ollama=OllamaBuild(tag="llama3.1:8b", weights_bytes=4_900_000_000),
            ),
            Llm(
                name="llama-3.1-8b-fp8",
                architecture=_LLAMA_8B,
                repository="RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8",
                license="Llama 3.1 Community License",
                gated=False,
                weights="fp8",
                weights_bytes=9_080_000_000,
                source=_SHAPES,
            ),
            Llm(
                name="qwen-2.5-7b",
                architecture=_QWEN_7B,
                repository="Qwen/Qwen2.5-7B-Instruct",
                license="Apache 2.0",
                gated=False,
                weights="bf16",
                weights_bytes=15_231_233_024,
                source=_INDEX,
                ollama=OllamaBuild(tag="qwen2.5:7b", weights_bytes=4_700_000_000),
            ),
            Llm(
                name="mistral-7b",
                architecture=_MISTRAL_7B,
                repository="mistralai/Mistral-7B-Instruct-v0.3",
                license="Apache 2.0",
                gated=False,
                weights="bf16",
                weights_bytes=14_496_047_104,
                source=_INDEX,
                ollama=OllamaBuild(tag="mistral:7b", weights_bytes=4_400_000_000),
            ),
        )
    }
)


def llm(name: str) -> Llm:
    """The model of that catalogue name.

    Raises:
        ValueError: there is none; the message names the nearest, or all of them.
    """
    if name not in LLMS:
        near = difflib.get_close_matches(name, LLMS, n=3) or list(LLMS)
        raise ValueError(f"model {name!r} is not in the catalogue: try {', '.join(near)}")
    return LLMS[name]


def smaller_variants(model: Llm) -> list[Llm]:
    """The same model with fewer bytes of weights, the largest first."""
    return sorted(
        (
            other
            for other in LLMS.values()
            if other.architecture == model.architecture
            and other.weights_bytes < model.weights_bytes
        ),
        key=lambda other: -other.weights_bytes,
    )
