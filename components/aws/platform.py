"""AWS as a record of constructors."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.args import ApiArgs, WorkerArgs
from components.aws.bootstrap import Bootstrap
from components.aws.bucket import Bucket
from components.aws.cache import cache
from components.aws.database import Database
from components.aws.ingress import AwsIngress, ingress
from components.aws.proxy import InstanceProxy
from components.aws.queue import Queue
from components.aws.site import Site, site
from components.letta.environment import WORKER_PATHS
from components.roles import Platform, ServerArgs, Tier


def provider(
    name: str, region: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.Provider:
    """The provider of the stack's region; it tags whatever can be tagged."""
    return aws.Provider(
        name, region=region, default_tags=aws.ProviderDefaultTagsArgs(tags=dict(tags)), opts=opts
    )


def api(
    name: str,
    args: ApiArgs,
    server: ServerArgs,
    site: Site,
    ingress: AwsIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    """The API tier: one instance behind its proxy, or a service behind the load balancer."""
    if isinstance(ingress, InstanceProxy):
        from components.aws.instance_tier import InstanceTier

        return InstanceTier(name, args, server, site, ingress, opts)
    from components.aws.tier import Registration, ServiceTier

    registration = Registration(target_group_arn=ingress.target_group.arn, after=ingress.listener)
    return ServiceTier(name, args, server, site, registration, stream="api", opts=opts)


def worker(
    name: str,
    args: WorkerArgs,
    server: ServerArgs,
    site: Site,
    ingress: AwsIngress,
    opts: pulumi.ResourceOptions,
) -> Tier:
    """The worker tier: the paths of long work go to it."""
    if isinstance(ingress, InstanceProxy):
        raise TypeError("a worker tier behind a proxy: the settings refuse it")
    from components.aws.tier import Registration, ServiceTier

    targets, rule = ingress.route(name, WORKER_PATHS)
    registration = Registration(target_group_arn=targets.arn, after=rule)
    return ServiceTier(name, args, server, site, registration, stream="worker", opts=opts)


PLATFORM: Platform[Site, AwsIngress] = Platform(
    provider=provider,
    site=site,
    database=Database,
    cache=cache,
    bucket=Bucket,
    queue=Queue,
    ingress=ingress,
    bootstrap=Bootstrap,
    api=api,
    worker=worker,
)
