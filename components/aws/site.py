"""The site: what every role of a stack on AWS stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import get_caller_identity, get_partition, get_region

from components.aws.alerts import Alerts
from components.aws.cluster import Cluster
from components.aws.logs import Logs
from components.aws.network import Network
from components.aws.place import Place
from components.aws.secrets import Secrets
from components.roles import Reference, SiteArgs


@dataclass(frozen=True, kw_only=True)
class Site:
    """Network, key, secret store, alerts, logs and cluster of one stack."""

    place: Place
    network: Network
    secrets: Secrets
    alerts: Alerts
    logs: Logs
    cluster: Cluster

    @property
    def region(self) -> str:
        """Region of every resource of the stack."""
        return self.place.region

    @property
    def account(self) -> str:
        """Account of every resource of the stack, twelve digits."""
        return self.place.account

    @property
    def partition(self) -> str:
        """First part of every ARN after `arn:`; `aws` in the commercial regions."""
        return self.place.partition

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Build what the roles stand on.

    `opts` must hold the parent and the provider of the stack: the account and the region are
    those that the provider is signed in to.
    """
    place = _place(opts)
    network = Network(f"{name}-net", args.ingress, place, opts)
    secrets = Secrets(f"{name}-secrets", args, place, opts)
    alerts = Alerts(f"{name}-alerts", args, place, secrets.key_arn, opts)
    logs = Logs(f"{name}-logs", args, place, secrets.key_arn, alerts.topic_arn, opts)
    cluster = Cluster(f"{name}-cluster", opts)
    return Site(
        place=place,
        network=network,
        secrets=secrets,
        alerts=alerts,
        logs=logs,
        cluster=cluster,
    )


def _place(opts: pulumi.ResourceOptions) -> Place:
    provider = next(iter(opts.providers), None) if isinstance(opts.providers, list) else None
    lookup = pulumi.InvokeOptions(parent=opts.parent, provider=provider or opts.provider)
    return Place(
        region=get_region(opts=lookup).region,
        account=get_caller_identity(opts=lookup).account_id,
        partition=get_partition(opts=lookup).partition,
    )
