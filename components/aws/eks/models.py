"""Models on EKS: machines for the models that the stack serves itself, and what runs on them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.args import EmbeddingArgs, LlmArgs, OllamaArgs, VllmArgs
from components.aws import catalog
from components.aws.eks.cluster import EksCluster
from components.aws.eks.pools import (
    embedding_pool,
    machine_type,
    ollama_pool,
    vllm_layout,
    vllm_pool,
)
from components.aws.site import Site
from components.roles import Embedding, ModelServer, NodePool, Reference
from components.workloads.cluster import placement
from components.workloads.embedding import EmbeddingServer
from components.workloads.machines import Machine
from components.workloads.ollama import Ollama
from components.workloads.vllm import Vllm
from components.workloads.vllm_pods import Engine


def embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> Embedding:
    """Machines of the pool `embedding` and the server on them."""
    cluster, kind = _cluster(name, site), machine_type(args.instance_type)
    pool, on_gpu = embedding_pool(args), args.hosting == "gpu"
    return EmbeddingServer(
        name,
        args,
        _machine(kind, gpus=1 if on_gpu else 0),
        kind.gpu_model if on_gpu else None,
        cluster.workloads,
        placement(pool),
        _on(cluster, name, pool, opts),
    )


def llm(
    name: str,
    args: LlmArgs,
    references: Mapping[str, Reference],
    site: Site,
    opts: pulumi.ResourceOptions,
) -> ModelServer:
    """Machines of the pool `llm` and the server on them.

    `references`: the access token for gated models. Raises `ValueError` if the machine does not
    hold the model, which the settings refuse.
    """
    cluster = _cluster(name, site)
    if args.hosting == "ollama":
        return _ollama(name, args.ollama, cluster, opts)
    return _vllm(name, args.vllm, references, cluster, opts)


def _ollama(
    name: str, args: OllamaArgs, cluster: EksCluster, opts: pulumi.ResourceOptions
) -> Ollama:
    kind, pool = machine_type(args.instance_type), ollama_pool(args)
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
    cluster: EksCluster,
    opts: pulumi.ResourceOptions,
) -> Vllm:
    kind, layout = machine_type(args.instance_type), vllm_layout(args)
    pool = vllm_pool(layout)
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
    cluster: EksCluster, name: str, pool: NodePool, opts: pulumi.ResourceOptions
) -> pulumi.ResourceOptions:
    """Options of what runs on machines that are made for it.

    Another machine type is another group: the size of one that is replaced would stay what it was,
    for it is the autoscaler's, and may be outside the new bounds.
    """
    nodes = cluster.node_group(f"{name}-{pool.instance_type.replace('.', '-')}", pool, opts)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[nodes]))


def _cluster(name: str, site: Site) -> EksCluster:
    if site.kubernetes is None:
        raise ValueError(f"{name}: the site has no cluster; the settings refuse this")
    return site.kubernetes


def _machine(kind: catalog.InstanceType, *, gpus: int) -> Machine:
    return Machine(
        cores=kind.vcpus,
        vcpus=catalog.node_vcpus(kind),
        memory_mib=catalog.node_memory_mib(kind),
        gpus=gpus,
    )
