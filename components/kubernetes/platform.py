"""A cluster of one's own, as the assembly sees it: one constructor per role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import pulumi
import pulumi_kubernetes as kubernetes

from components import roles
from components.args import ApiArgs, Args, EmbeddingArgs, LlmArgs, QueueArgs, WorkerArgs
from components.kubernetes.bucket import bucket
from components.kubernetes.cache import Cache
from components.kubernetes.database import Database
from components.kubernetes.dump import Dump
from components.kubernetes.gateway import Gateway
from components.kubernetes.site import ANYWHERE_IN_CLUSTER, Site, site
from components.kubernetes.sizes import EMBEDDING_MIB, EMBEDDING_VCPUS
from components.kubernetes.tier import Tier
from components.letta.environment import WORKER_PATHS
from components.roles import Platform, ServerArgs
from components.workloads.bootstrap import BootstrapJob
from components.workloads.embedding import EmbeddingServer
from components.workloads.machines import AGENTS_MIB, AGENTS_VCPUS, Machine


def _provider(
    name: str,
    region: str,
    _tags: Mapping[str, str],
    _options: Args | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.ProviderResource:
    """The context `region` of the deployer's kubeconfig, which never enters the state."""
    return kubernetes.Provider(
        name,
        context=region,
        # Objects are bound to the context: another address of the same cluster replaces none.
        cluster_identifier=region,
        enable_server_side_apply=True,
        opts=opts,
    )


def _bootstrap(
    name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
) -> BootstrapJob:
    return BootstrapJob(name, args, site.cluster, ANYWHERE_IN_CLUSTER, opts)


def _api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: Gateway,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return Tier(name, args, server, site, ingress, opts, role="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: Gateway,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return Tier(name, args, server, site, ingress, opts, role="worker", paths=WORKER_PATHS)


def _embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> EmbeddingServer:
    machine = Machine(
        cores=EMBEDDING_VCPUS,
        vcpus=EMBEDDING_VCPUS + AGENTS_VCPUS,
        memory_mib=EMBEDDING_MIB + AGENTS_MIB,
    )
    return EmbeddingServer(name, args, machine, None, site.cluster, ANYWHERE_IN_CLUSTER, opts)


def _queue(name: str, _args: QueueArgs, _site: Site, _opts: pulumi.ResourceOptions) -> NoReturn:
    raise ValueError(f"{name}: no queue is made in a cluster of one's own; the settings refuse it")


def _llm(
    name: str,
    _args: LlmArgs,
    _references: Mapping[str, roles.Reference],
    _site: Site,
    _opts: pulumi.ResourceOptions,
) -> NoReturn:
    raise ValueError(f"{name}: no model is served here; the settings refuse it")


PLATFORM: Platform[Site, Gateway] = Platform(
    provider=_provider,
    site=site,
    database=Database,
    cache=Cache,
    bucket=bucket,
    queue=_queue,
    ingress=Gateway,
    bootstrap=_bootstrap,
    dump=Dump,
    api=_api,
    worker=_worker,
    embedding=_embedding,
    llm=_llm,
)
