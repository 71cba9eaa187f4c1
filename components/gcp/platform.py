"""Google Cloud, as the assembly sees it: one constructor per role."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import Provider

from components.args import ApiArgs, Args, EmbeddingArgs, LlmArgs, WorkerArgs
from components.gcp.bootstrap import Bootstrap
from components.gcp.bucket import Bucket
from components.gcp.cache import cache
from components.gcp.database import Database
from components.gcp.dump import Dump
from components.gcp.ingress import GcpIngress, ingress
from components.gcp.offer import GcpOptions
from components.gcp.place import labels
from components.gcp.queue import Queue
from components.gcp.service import ServiceTier
from components.gcp.site import Site, site
from components.roles import Embedding, ModelServer, Platform, Reference, ServerArgs, Tier


def _provider(
    name: str,
    region: str,
    tags: Mapping[str, str],
    options: Args | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.ProviderResource:
    if not isinstance(options, GcpOptions):
        raise TypeError("letta:gcp holds the project; the settings demand it")
    return Provider(
        name, project=options.project, region=region, default_labels=labels(tags), opts=opts
    )


def _api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: GcpIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return ServiceTier(name, args, server, site, ingress, opts, role="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: GcpIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return ServiceTier(name, args, server, site, ingress, opts, role="worker")


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


PLATFORM: Platform[Site, GcpIngress] = Platform(
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
