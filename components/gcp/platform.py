"""Google Cloud, as the assembly sees it: one constructor per role.

What runs on Kubernetes is imported when a stack asks for it: a stack without a cluster does not
pay for that SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
from pulumi_gcp import Provider

from components import roles
from components.args import ApiArgs, Args, TierArgs, WorkerArgs
from components.gcp.bootstrap import Bootstrap
from components.gcp.bucket import Bucket
from components.gcp.cache import cache
from components.gcp.database import Database
from components.gcp.dump import Dump
from components.gcp.ingress import GcpIngress, ingress
from components.gcp.mapped_domain import MappedDomain
from components.gcp.offer import CATALOG, GcpOptions
from components.gcp.place import labels
from components.gcp.queue import Queue
from components.gcp.service import ServiceTier
from components.gcp.site import Site, site
from components.roles import (
    DumpJobArgs,
    Platform,
    ServerArgs,
    Tier,
)
from components.workloads.choice import Make, by_cluster, embedding_on, llm_on


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
    return _tier(name, args, server, site, ingress, opts, role="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: GcpIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    return _tier(name, args, server, site, ingress, opts, role="worker")


def _tier(
    name: str,
    args: TierArgs,
    server: ServerArgs,
    site: Site,
    ingress: GcpIngress,
    opts: pulumi.ResourceOptions,
    *,
    role: Literal["api", "worker"],
) -> Tier:
    if args.compute != "kubernetes":
        return ServiceTier(name, args, server, site, ingress, opts, role=role)
    if isinstance(ingress, MappedDomain):
        raise ValueError(f"{name}: a cluster needs a load balancer; the settings refuse this pair")
    from components.gcp.gke.tier import KubernetesTier

    return KubernetesTier(name, args, server, site, ingress, opts, role=role)


def _bootstrap_on_cluster() -> Make[ServerArgs, Site, roles.Bootstrap]:
    from components.gcp.gke.bootstrap import KubernetesBootstrap

    return KubernetesBootstrap


def _dump_on_cluster() -> Make[DumpJobArgs, Site, pulumi.Resource]:
    from components.gcp.gke.dump import KubernetesDump

    return KubernetesDump


PLATFORM: Platform[Site, GcpIngress] = Platform(
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
