"""Servers of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policies.facts.model.fact import Fact
from policies.facts.model.pods import Pod


@dataclass(frozen=True, kw_only=True)
class ModelServer(Fact):
    """A server of a language model, on GPUs of the stack."""

    pod: Pod
    engine: Literal["vllm", "ollama"]
    model: str
    """vLLM: repository of the model; Ollama: its tag."""
    tensor_parallel: int
    """GPUs of one machine that the model is split over."""
    pipeline_parallel: int
    """Machines that it is split over."""
    gpus: int
    """GPUs that one pod has."""
    machines: int
    """Pods that together are one copy, each on a machine of its own."""
    context_tokens: int
    """Longest context of one request, tokens; 0: the model's own."""
    concurrency: int
    """Requests that it answers at once."""
    memory_share: float
    """Share of a GPU's memory that it may fill."""
    token: bool
    """Whether it has an access token for gated models."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingServer(Fact):
    """A server of an embedding model, on machines of the stack."""

    pod: Pod
    image: str
    model: str
    """Repository of the model."""
    gpus: int
    """GPUs that one pod has."""
