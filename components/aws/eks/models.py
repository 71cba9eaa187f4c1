"""Models on EKS: machines for the models that the stack serves itself, and what runs on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi

from components.args import EmbeddingArgs, LlmArgs, OllamaArgs, VllmArgs
from components.aws import catalog
from components.aws.eks.cluster import EksCluster
from components.aws.offer import CATALOG
from components.aws.site import Site
from components.models import memory
from components.models.llms import llm as catalogued
from components.roles import Embedding, ModelServer, NodePool, Reference
from components.workloads import ollama, vllm_pods
from components.workloads.cluster import placement
from components.workloads.embedding import DISK_GIB, EmbeddingServer
from components.workloads.machines import Machine
from components.workloads.ollama import Ollama
from components.workloads.vllm import Vllm
from components.workloads.vllm_pods import Engine

FEWEST_MACHINES = 0
"""Least size of the pools whose machines come and go with their pods: the autoscaler keeps a
machine as long as its pod stays. A higher one could not be raised later, since EKS refuses a least
size above the present one, which is the autoscaler's to move."""


def embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> Embedding:
    """Machines of the pool `embedding` and the server on them."""
    cluster, kind = _cluster(name, site), _kind(args.instance_type)
    hosting: Literal["cpu", "gpu"] = "gpu" if args.hosting == "gpu" else "cpu"
    on_gpu = hosting == "gpu"
    pool = NodePool(
        role="embedding",
        instance_type=kind.name,
        initial=args.replicas,
        minimum=FEWEST_MACHINES,
        # A deployment starts the new copy before it stops the old one.
        maximum=args.replicas + 1,
        disk_gib=DISK_GIB[hosting],
        gpus=kind.gpus if on_gpu else 0,
    )
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
    kind = _kind(args.instance_type)
    pool = NodePool(
        role="llm",
        instance_type=kind.name,
        initial=1,
        minimum=FEWEST_MACHINES,
        maximum=1,
        disk_gib=ollama.DISK_GIB,
        gpus=kind.gpus,
        # The pod returns to its volume, which is in one zone.
        one_zone=True,
    )
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
    kind = _kind(args.instance_type)
    model = catalogued(args.model)
    fit = memory.smallest_fit(
        model, args.context_tokens, args.concurrency, (CATALOG.gpu_machine(kind.name),)
    )
    engine = Engine(model=model, fit=fit, args=args, machine=_machine(kind, gpus=kind.gpus))
    pool = NodePool(
        role="llm",
        instance_type=kind.name,
        initial=args.min_replicas * fit.nodes,
        minimum=FEWEST_MACHINES,
        maximum=args.max_replicas * fit.nodes,
        disk_gib=vllm_pods.NODE_DISK_GIB,
        gpus=kind.gpus,
        # A pod that has a volume returns to its zone.
        one_zone=engine.keeps_volumes,
        # Machines of one copy talk all the time.
        close_together=fit.nodes > 1,
        local_storage=engine.on_local_disks,
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


def _kind(instance_type: str | None) -> catalog.InstanceType:
    if instance_type is None:
        raise ValueError("instance_type is filled in by the settings")
    return catalog.instance_type(instance_type)


def _machine(kind: catalog.InstanceType, *, gpus: int) -> Machine:
    return Machine(
        cores=kind.vcpus,
        vcpus=catalog.node_vcpus(kind),
        memory_mib=catalog.node_memory_mib(kind),
        gpus=gpus,
    )
