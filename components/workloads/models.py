"""Models on a cluster: machines for the models that the stack serves itself, and what runs on
them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.args import EmbeddingArgs, LlmArgs, OllamaArgs, VllmArgs
from components.offer import Catalog, NodeMachine
from components.roles import NodePool, Reference
from components.workloads import pools
from components.workloads.cluster import ManagedCluster, placement
from components.workloads.embedding import EmbeddingServer
from components.workloads.machines import Machine
from components.workloads.ollama import Ollama
from components.workloads.vllm import Vllm
from components.workloads.vllm_pods import Engine


def embedding(
    name: str,
    args: EmbeddingArgs,
    cluster: ManagedCluster,
    catalog: Catalog,
    opts: pulumi.ResourceOptions,
) -> EmbeddingServer:
    """Machines of the pool `embedding` and the server on them."""
    kind = pools.machine(catalog, args.instance_type)
    pool, on_gpu = pools.embedding_pool(catalog, args), args.hosting == "gpu"
    return EmbeddingServer(
        name,
        args,
        _machine(kind, gpus=1 if on_gpu else 0),
        kind.gpu if on_gpu else None,
        cluster.workloads,
        placement(pool),
        _on(cluster, name, pool, opts),
    )


def llm(
    name: str,
    args: LlmArgs,
    references: Mapping[str, Reference],
    cluster: ManagedCluster,
    catalog: Catalog,
    opts: pulumi.ResourceOptions,
) -> Ollama | Vllm:
    """Machines of the pool `llm` and the server on them.

    `references`: the access token for gated models. Raises `ValueError` if the machine does not
    hold the model, which the settings refuse.
    """
    if args.hosting == "ollama":
        return _ollama(name, args.ollama, cluster, catalog, opts)
    return _vllm(name, args.vllm, references, cluster, catalog, opts)


def _ollama(
    name: str,
    args: OllamaArgs,
    cluster: ManagedCluster,
    catalog: Catalog,
    opts: pulumi.ResourceOptions,
) -> Ollama:
    kind = pools.machine(catalog, args.instance_type)
    pool = pools.ollama_pool(catalog, args)
    return Ollama(
        name,
        args,
        _machine(kind, gpus=kind.gpus),
        cluster.workloads,
        placement(pool),
        _on(cluster, name, pool, opts),
    )


def _vllm(
    name: str,
    args: VllmArgs,
    references: Mapping[str, Reference],
    cluster: ManagedCluster,
    catalog: Catalog,
    opts: pulumi.ResourceOptions,
) -> Vllm:
    kind = pools.machine(catalog, args.instance_type)
    layout = pools.vllm_layout(catalog, args)
    pool = pools.vllm_pool(layout)
    engine = Engine(
        model=layout.model, fit=layout.fit, args=args, machine=_machine(kind, gpus=kind.gpus)
    )
    return Vllm(
        name,
        engine,
        references,
        cluster.workloads,
        placement(pool),
        _on(cluster, name, pool, opts),
    )


def _on(
    cluster: ManagedCluster, name: str, pool: NodePool, opts: pulumi.ResourceOptions
) -> pulumi.ResourceOptions:
    """Options of what runs on machines that are made for it.

    Another machine type is another group: the size of one that is replaced would stay what it was,
    for it is the autoscaler's, and may be outside the new bounds.
    """
    kind = pool.instance_type.replace(".", "-").replace("+", "-")
    nodes = cluster.node_group(f"{name}-{kind}", pool, opts)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[nodes]))


def _machine(kind: NodeMachine, *, gpus: int) -> Machine:
    return Machine(cores=kind.cores, vcpus=kind.vcpus, memory_mib=kind.memory_mib, gpus=gpus)
