"""Bad configurations of models that the stack serves itself; see `mutants.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.policies.changes import Edit, Gone, Put, Where
from tests.policies.mutants_pods import CONTAINER, EMBED, environment, large

PLUGIN = Where("Release", "-nvidia-device-plugin")
MODEL = Where("Deployment", "-llm")
EMBED_POOL = Where("eks/nodeGroup:NodeGroup", "-embed-g4dn-xlarge")


def option(name: str, value: str) -> Callable[[list[str]], None]:
    """Sets an option of a command line."""

    def change(words: list[str]) -> None:
        words[words.index(name) + 1] = value

    return change


def argument(name: str, value: str, where: Where = MODEL) -> Edit:
    """The same, of the first container of a workload."""
    return Edit(where, f"{CONTAINER}.args", option(name, value))


def taint_gone(key: str) -> Callable[[list[dict[str, Any]]], None]:
    """Takes a taint off."""
    return lambda taints: taints.remove(next(t for t in taints if t["key"] == key))


MODELS = (
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: 1 × p4d.24xlarge (8 × NVIDIA A100, 40 GiB each) let vLLM fill 282.2 GiB; "
        "llama-3.3-70b-fp8 at 131072 tokens × 8 requests needs 427.7 GiB: 67.7 weights + 320.0 KV "
        "cache + 40.0 overhead; lower context or concurrency, or choose more memory",
        argument("--max-model-len", "131072"),
        on="vllm",
    ),
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: serves my/model, which is not in the catalogue: nobody can say what "
        "memory it needs; choose a model of components/models/llms.py",
        Edit(MODEL, f"{CONTAINER}.args", lambda words: words.__setitem__(0, "my/model")),
        on="vllm",
        label="unknown model",
    ),
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: 1 × g5.4xlarge (1 × NVIDIA A10G, 22.3516 GiB each) let Ollama fill "
        "20.8 GiB; llama-3.1-8b at 131072 tokens × 2 requests needs 38.6 GiB: 4.6 weights + 32.0 "
        "KV cache + 2.0 overhead; lower context or concurrency, or choose more memory",
        environment("OLLAMA_CONTEXT_LENGTH", "131072", MODEL),
        on="ollama",
        label="ollama",
    ),
    large(
        "tensor-parallel-equals-gpus",
        "letta-large-llm: splits its model over 4 GPUs of a machine, and a pod has 8; "
        "make both the same",
        argument("--tensor-parallel-size", "4"),
        argument("--max-model-len", "4096"),
        on="vllm",
    ),
    large(
        "tensor-parallel-equals-gpus",
        "letta-large-llm: splits its model over 4 machines, and a copy has 3; make both the same",
        Edit(
            Where("LeaderWorkerSet"),
            "spec.leaderWorkerTemplate.leaderTemplate.spec.containers.0.args",
            option("--pipeline-parallel-size", "4"),
        ),
        on="nodes",
        label="machines",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: has GPUs and lets any pod in; "
        "taint it nvidia.com/gpu=present:NoSchedule",
        Edit(EMBED_POOL, "taints", taint_gone("nvidia.com/gpu")),
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: has GPUs and an image without their driver; "
        "choose the NVIDIA image",
        Put(EMBED_POOL, "amiType", "AL2023_x86_64_STANDARD"),
        label="driver",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: no device plugin runs there (it bears "
        "letta.cloud/pool=embedding:NoSchedule, nvidia.com/gpu=present:NoSchedule): its GPUs are "
        "invisible; install the NVIDIA device plugin with these tolerations",
        Put(PLUGIN, "values.tolerations", [{"key": "nvidia.com/gpu", "operator": "Exists"}]),
        label="plugin",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: no device plugin runs there (it bears "
        "letta.cloud/pool=embedding:NoSchedule, nvidia.com/gpu=present:NoSchedule): its GPUs are "
        "invisible; install the NVIDIA device plugin with these tolerations",
        Gone(PLUGIN),
        label="no plugin",
    ),
    large(
        "embedding-image-fits-card",
        "letta-large-embed: runs ghcr.io/huggingface/text-embeddings-inference:86-1.9.3, NVIDIA T4 "
        "need ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3; set its image",
        Put(
            EMBED,
            f"{CONTAINER}.image",
            "ghcr.io/huggingface/text-embeddings-inference:86-1.9.3",
        ),
    ),
    large(
        "embedding-image-fits-card",
        "letta-large-embed: runs ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3, CPUs "
        "need ghcr.io/huggingface/text-embeddings-inference:cpu-1.9.3; set its image",
        Put(
            EMBED,
            f"{CONTAINER}.image",
            "ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3",
        ),
        on="cpu",
        label="cpu",
    ),
    large(
        "model-address-in-cluster",
        "letta-large-api: VLLM_API_BASE is http://vllm.models.svc.cluster.local:8000/v1, where no "
        "service of this stack answers; name a service of the stack, with its namespace and port",
        environment("VLLM_API_BASE", "http://vllm.models.svc.cluster.local:8000/v1"),
        on="vllm",
    ),
    large(
        "model-address-in-cluster",
        "letta-large-api: VLLM_API_BASE is https://llm.example.com/v1, where no service of this "
        "stack answers; name a service of the stack, with its namespace and port",
        environment("VLLM_API_BASE", "https://llm.example.com/v1"),
        on="vllm",
        label="outside",
    ),
    large(
        "model-address-in-cluster",
        "letta-large-work: container server has no OLLAMA_BASE_URL, so it never finds the model "
        "that this stack serves; set OLLAMA_BASE_URL to the address of its service",
        environment("OLLAMA_BASE_URL", "", Where("Deployment", "-work")),
        on="ollama",
        label="none",
    ),
    large(
        "gated-model-has-token",
        "letta-large-llm: meta-llama/Llama-3.3-70B-Instruct is given only to those who accepted "
        "its licence, and the server has no HF_TOKEN; "
        "set letta:llm.vllm.hugging_face_token or hugging_face_token_secret",
        Edit(
            MODEL,
            f"{CONTAINER}.args",
            lambda words: words.__setitem__(0, "meta-llama/Llama-3.3-70B-Instruct"),
        ),
        on="vllm",
    ),
)
