"""The site: what every role of a stack on AWS stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import get_caller_identity, get_partition, get_region

from components.account import once
from components.aws.alerts import Alerts
from components.aws.cluster import Cluster
from components.aws.ground import Ground
from components.aws.logs import Logs
from components.aws.network import Network
from components.aws.place import Place
from components.aws.secrets import ARN_PARTS, Secrets
from components.roles import SiteArgs

if TYPE_CHECKING:
    from components.aws.eks.cluster import EksCluster


@dataclass(frozen=True, kw_only=True)
class Site(Ground):
    """The ground of one stack with its cluster, of one of two kinds."""

    containers: Cluster | None = None
    """The cluster of the container service."""
    kubernetes: EksCluster | None = None
    """The Kubernetes cluster."""

    @property
    def cluster(self) -> Cluster:
        """The cluster of the container service.

        Raises `ValueError` where servers run on Kubernetes.
        """
        if self.containers is None:
            raise ValueError("servers of this stack run on Kubernetes, not on ECS")
        return self.containers

    @property
    def tag(self) -> pulumi.Output[str]:
        """Value of the site's tag on what belongs to this stack, unlike any other's; known at
        preview."""
        return self.kubernetes.name if self.kubernetes else self.cluster.cluster_name


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Build what the roles stand on.

    `opts` must hold the parent and the provider of the stack: the account and the region are
    those that the provider is signed in to.
    """
    place = _place(opts)
    network = Network(
        f"{name}-net", args.ingress, place, opts, kubernetes=args.kubernetes is not None
    )
    secrets = Secrets(f"{name}-secrets", args, place, opts)
    alerts = Alerts(f"{name}-alerts", args, place, secrets.key_arn, opts)
    logs = Logs(f"{name}-logs", args, place, secrets.key_arn, alerts.topic_arn, opts)
    ground = Ground(place=place, network=network, secrets=secrets, alerts=alerts, logs=logs)
    if args.kubernetes is None:
        return Site(**vars(ground), containers=Cluster(f"{name}-cluster", opts))
    # The SDK's modules for Kubernetes are loaded only by stacks that have it.
    from components.aws.eks.cluster import EksCluster

    _refuse_versions(args)
    cluster = EksCluster(f"{name}-k8s", args, ground, opts, secret_prefix=f"{name}-")
    return Site(**vars(ground), kubernetes=cluster)


def _refuse_versions(args: SiteArgs) -> None:
    for variable, arn in sorted(args.existing_secrets.items()):
        if any(arn.split(":")[ARN_PARTS + 1 :]):
            raise pulumi.RunError(
                f"{variable}: {arn} names a stage or version of a secret; on Kubernetes the "
                "current one is fetched: end the ARN before it"
            )


def _place(opts: pulumi.ResourceOptions) -> Place:
    provider = next(iter(opts.providers), None) if isinstance(opts.providers, list) else None
    lookup = pulumi.InvokeOptions(parent=opts.parent, provider=provider or opts.provider)
    region = get_region(opts=lookup).region
    return Place(
        region=region,
        account=once("account", lambda: get_caller_identity(opts=lookup).account_id),
        partition=once(("partition", region), lambda: get_partition(opts=lookup).partition),
    )
