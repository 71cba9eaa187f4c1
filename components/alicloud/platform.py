"""Alibaba Cloud, as the assembly sees it: one constructor per role."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_alicloud import Provider

from components.alicloud.bucket import Bucket
from components.alicloud.cache import cache
from components.alicloud.database import Database
from components.alicloud.dump import Dump
from components.alicloud.load_balancer import LoadBalancer
from components.alicloud.offer import CATALOG
from components.alicloud.queue import Queue
from components.alicloud.site import Site, site
from components.alicloud.tier import Tier
from components.args import ApiArgs, Args, EmbeddingArgs, LlmArgs, WorkerArgs
from components.letta.environment import WORKER_PATHS
from components.roles import Embedding, ModelServer, Platform, Reference, ServerArgs
from components.workloads import models
from components.workloads.bootstrap import BootstrapJob
from components.workloads.cluster import BASE_PLACEMENT


def _provider(
    name: str,
    region: str,
    _tags: Mapping[str, str],
    _options: Args | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.ProviderResource:
    """It sets no tags of its own: each resource is given them."""
    return Provider(name, region=region, opts=opts)


def _bootstrap(
    name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
) -> BootstrapJob:
    return BootstrapJob(name, args, site.cluster.workloads, BASE_PLACEMENT, opts)


def _api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: LoadBalancer,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return Tier("api", name, args, server, site, ingress, opts)


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: LoadBalancer,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return Tier("worker", name, args, server, site, ingress, opts, paths=WORKER_PATHS)


def _embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> Embedding:
    return models.embedding(name, args, site.cluster, CATALOG, opts)


def _llm(
    name: str,
    args: LlmArgs,
    references: Mapping[str, Reference],
    site: Site,
    opts: pulumi.ResourceOptions,
) -> ModelServer:
    return models.llm(name, args, references, site.cluster, CATALOG, opts)


PLATFORM: Platform[Site, LoadBalancer] = Platform(
    provider=_provider,
    site=site,
    database=Database,
    cache=cache,
    bucket=Bucket,
    queue=Queue,
    ingress=LoadBalancer,
    bootstrap=_bootstrap,
    dump=Dump,
    api=_api,
    worker=_worker,
    embedding=_embedding,
    llm=_llm,
)
