"""Pools: the machines of the models that the stack serves itself. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from components.args import EmbeddingArgs, LlmArgs, OllamaArgs, VllmArgs
from components.models import memory
from components.models.llms import llm as language_model
from components.offer import Catalog, NodeMachine
from components.roles import NodePool
from components.workloads.disks import EMBEDDING_DISK_GIB, OLLAMA_DISK_GIB, VLLM_DISK_GIB
from components.workloads.vllm_layout import Layout

FEWEST_MACHINES = 0
"""Least size of the pools whose machines come and go with their pods: the autoscaler keeps a
machine as long as its pod stays. A higher one could not be raised later where the cloud refuses a
least size above the present one, which is the autoscaler's to move (EKS does)."""


def embedding_pool(catalog: Catalog, args: EmbeddingArgs) -> NodePool:
    """Machines of the embedding server."""
    kind = machine(catalog, args.instance_type)
    hosting: Literal["cpu", "gpu"] = "gpu" if args.hosting == "gpu" else "cpu"
    return NodePool(
        role="embedding",
        instance_type=kind.name,
        initial=args.replicas,
        minimum=FEWEST_MACHINES,
        # A deployment starts the new copy before it stops the old one.
        maximum=args.replicas + 1,
        disk_gib=EMBEDDING_DISK_GIB[hosting],
        gpus=kind.gpus if hosting == "gpu" else 0,
    )


def ollama_pool(catalog: Catalog, args: OllamaArgs) -> NodePool:
    """The machine of Ollama."""
    kind = machine(catalog, args.instance_type)
    return NodePool(
        role="llm",
        instance_type=kind.name,
        initial=1,
        minimum=FEWEST_MACHINES,
        maximum=1,
        disk_gib=OLLAMA_DISK_GIB,
        gpus=kind.gpus,
        # The pod returns to its volume, which is in one zone.
        one_zone=True,
    )


def vllm_layout(catalog: Catalog, args: VllmArgs) -> Layout:
    """How the model lies on machines of the type that the settings chose.

    Raises `ValueError` if they do not hold it, which the settings refuse."""
    model = language_model(args.model)
    machines = (catalog.gpu_machine(machine(catalog, args.instance_type).name),)
    fit = memory.smallest_fit(model, args.context_tokens, args.concurrency, machines)
    return Layout(model=model, fit=fit, args=args)


def vllm_pool(layout: Layout) -> NodePool:
    """Machines of vLLM."""
    args, fit = layout.args, layout.fit
    return NodePool(
        role="llm",
        instance_type=fit.machine.name,
        initial=args.min_replicas * fit.nodes,
        minimum=FEWEST_MACHINES,
        maximum=args.max_replicas * fit.nodes,
        disk_gib=VLLM_DISK_GIB,
        gpus=fit.machine.gpus,
        # A pod that has a volume returns to its zone.
        one_zone=layout.keeps_volumes,
        # Machines of one copy talk all the time.
        close_together=fit.nodes > 1,
        local_storage=layout.on_local_disks,
    )


def model_pools(catalog: Catalog, embedding: EmbeddingArgs, llm: LlmArgs) -> Iterator[NodePool]:
    """The pools of all models that the stack serves itself."""
    if embedding.hosting != "api":
        yield embedding_pool(catalog, embedding)
    if llm.hosting == "ollama":
        yield ollama_pool(catalog, llm.ollama)
    elif llm.hosting == "vllm":
        yield vllm_pool(vllm_layout(catalog, llm.vllm))


def machine(catalog: Catalog, name: str | None) -> NodeMachine:
    """What the catalog says of the machine that the settings chose."""
    if name is None:
        raise ValueError("instance_type is filled in by the settings")
    return catalog.node(name)
