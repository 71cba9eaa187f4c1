"""Azure, as the assembly sees it: one constructor per role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
from pulumi_azure_native import Provider

from components import roles
from components.args import ApiArgs, Args, TierArgs, WorkerArgs
from components.azure.bootstrap import Bootstrap
from components.azure.bucket import Bucket
from components.azure.cache import cache
from components.azure.container_tier import ContainerTier
from components.azure.database import Database
from components.azure.dump import Dump
from components.azure.ingress import AzureIngress, ingress
from components.azure.load_balancer import LoadBalancer
from components.azure.offer import CATALOG, AzureOptions
from components.azure.queue import Queue
from components.azure.site import Site, site
from components.roles import DumpJobArgs, Platform, ServerArgs, Tier
from components.workloads.choice import Make, by_cluster, embedding_on, llm_on


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
    return _tier(name, args, server, site, ingress, opts, role="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: AzureIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return _tier(name, args, server, site, ingress, opts, role="worker")


def _tier(
    name: str,
    args: TierArgs,
    server: ServerArgs,
    site: Site,
    way_in: AzureIngress,
    opts: pulumi.ResourceOptions,
    *,
    role: Literal["api", "worker"],
) -> Tier:
    if site.kubernetes is None:
        return ContainerTier(name, args, server, site, way_in, opts, role=role)
    if not isinstance(way_in, LoadBalancer):
        raise ValueError(f"{name}: a cluster needs a load balancer; the settings refuse this pair")
    from components.azure.aks.tier import KubernetesTier

    return KubernetesTier(role, name, args, server, site, way_in, opts)


def _bootstrap_on_cluster() -> Make[ServerArgs, Site, roles.Bootstrap]:
    from components.azure.aks.bootstrap import KubernetesBootstrap

    return KubernetesBootstrap


def _dump_on_cluster() -> Make[DumpJobArgs, Site, pulumi.Resource]:
    from components.azure.aks.dump import KubernetesDump

    return KubernetesDump


PLATFORM: Platform[Site, AzureIngress] = Platform(
    provider=_provider,
    site=site,
    database=Database,
    cache=cache,
    bucket=Bucket,
    queue=Queue,
    ingress=ingress,
    bootstrap=by_cluster(_bootstrap_on_cluster, Bootstrap),
    dump=by_cluster(_dump_on_cluster, Dump),
    api=_api,
    worker=_worker,
    embedding=embedding_on(CATALOG),
    llm=llm_on(CATALOG),
)
