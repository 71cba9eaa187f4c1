"""AWS, as the assembly sees it: one constructor per role.

What runs on Kubernetes is imported when a stack asks for it: a stack without a cluster does not
pay for that SDK.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_aws import Provider, ProviderDefaultTagsArgs

from components import roles
from components.args import ApiArgs, Args, WorkerArgs
from components.aws.bootstrap import Bootstrap
from components.aws.bucket import Bucket
from components.aws.cache import cache
from components.aws.database import Database
from components.aws.dump import Dump
from components.aws.ingress import AwsIngress, ingress
from components.aws.instance_tier import InstanceTier
from components.aws.offer import CATALOG
from components.aws.proxy import InstanceProxy
from components.aws.queue import Queue
from components.aws.site import Site, site
from components.aws.tier import ServiceTier
from components.letta.environment import WORKER_PATHS
from components.roles import DumpJobArgs, Platform, ServerArgs, Tier
from components.workloads.choice import Make, by_cluster, embedding_on, llm_on


def _provider(
    name: str,
    region: str,
    tags: Mapping[str, str],
    _options: Args | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.ProviderResource:
    return Provider(
        name, region=region, default_tags=ProviderDefaultTagsArgs(tags=dict(tags)), opts=opts
    )


def _api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: AwsIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    if isinstance(ingress, InstanceProxy):
        return InstanceTier(name, args, server, site, ingress, opts)
    if args.compute == "kubernetes":
        from components.aws.eks.tier import KubernetesTier

        return KubernetesTier(name, args, server, site, ingress, opts, role="api")
    return ServiceTier(name, args, server, site, ingress, opts, stream="api")


def _worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: AwsIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    if isinstance(ingress, InstanceProxy):
        raise ValueError("a worker tier needs paths routed to it; the settings refuse this pair")
    if args.compute == "kubernetes":
        from components.aws.eks.tier import KubernetesTier

        return KubernetesTier(
            name, args, server, site, ingress, opts, role="worker", paths=WORKER_PATHS
        )
    return ServiceTier(name, args, server, site, ingress, opts, stream="worker", paths=WORKER_PATHS)


def _bootstrap_on_cluster() -> Make[ServerArgs, Site, roles.Bootstrap]:
    from components.aws.eks.bootstrap import KubernetesBootstrap

    return KubernetesBootstrap


def _dump_on_cluster() -> Make[DumpJobArgs, Site, pulumi.Resource]:
    from components.aws.eks.dump import KubernetesDump

    return KubernetesDump


PLATFORM: Platform[Site, AwsIngress] = Platform(
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
