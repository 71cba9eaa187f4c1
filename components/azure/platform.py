"""Azure, as the assembly sees it: one constructor per role."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import Provider

from components.args import ApiArgs, Args, EmbeddingArgs, LlmArgs, WorkerArgs
from components.azure.bootstrap import Bootstrap
from components.azure.bucket import Bucket
from components.azure.cache import cache
from components.azure.container_tier import ContainerTier
from components.azure.database import Database
from components.azure.dump import Dump
from components.azure.ingress import AzureIngress, ingress
from components.azure.offer import AzureOptions
from components.azure.queue import Queue
from components.azure.site import Site, site
from components.roles import Embedding, ModelServer, Platform, Reference, ServerArgs, Tier


def _provider(
    name: str,
    region: str,
    _tags: Mapping[str, str],
    options: Args | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.ProviderResource:
    """The provider sets no tags: each resource here has them from the site."""
    if not isinstance(options, AzureOptions):
        raise TypeError("letta:azure holds the subscription; the settings demand it")
    return Provider(
        name,
        subscription_id=options.subscription,
        tenant_id=options.tenant,
        location=region,
        opts=opts,
    )


def _api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: AzureIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return ContainerTier(name, args, server, site, ingress, opts, role="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: AzureIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return ContainerTier(name, args, server, site, ingress, opts, role="worker")


def _embedding(
    name: str, args: EmbeddingArgs, site: Site, opts: pulumi.ResourceOptions
) -> Embedding:
    raise ValueError(f"{name}: models of one's own need a cluster; the settings refuse this")


def _llm(
    name: str,
    args: LlmArgs,
    references: Mapping[str, Reference],
    site: Site,
    opts: pulumi.ResourceOptions,
) -> ModelServer:
    raise ValueError(f"{name}: models of one's own need a cluster; the settings refuse this")


PLATFORM: Platform[Site, AzureIngress] = Platform(
    provider=_provider,
    site=site,
    database=Database,
    cache=cache,
    bucket=Bucket,
    queue=Queue,
    ingress=ingress,
    bootstrap=Bootstrap,
    dump=Dump,
    api=_api,
    worker=_worker,
    embedding=_embedding,
    llm=_llm,
)
