"""The site: what every role of a stack on Alibaba Cloud stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from components.account import once
from components.alicloud.ack.cluster import AckCluster
from components.alicloud.alerts import Alerts
from components.alicloud.encryption import Key
from components.alicloud.ground import Ground
from components.alicloud.logs import Logs
from components.alicloud.network import Network
from components.alicloud.offer import AlicloudOptions
from components.alicloud.place import Place, suffix
from components.roles import Reference, SiteArgs
from components.workloads.kept import KeptSecrets


@dataclass(frozen=True, kw_only=True)
class Site(Ground):
    """The ground, the cluster on it, and the secrets in that."""

    cluster: AckCluster
    secrets: KeptSecrets
    queue_encryption: bool

    @property
    def kept(self) -> pulumi.ResourceOptions:
        """Options of a Secret of the cluster that a role keeps."""
        return pulumi.ResourceOptions(
            provider=self.cluster.workloads.provider, depends_on=list(self.cluster.namespace)
        )

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Build what the roles stand on. `opts` must hold the parent and the provider of the stack."""
    options = args.options
    if not isinstance(options, AlicloudOptions):
        raise TypeError("letta:alicloud holds the account's own choices; the settings demand it")
    provider = next(iter(opts.providers), None) if isinstance(opts.providers, list) else None
    lookup = pulumi.InvokeOptions(parent=opts.parent, provider=provider or opts.provider)
    account = once(("account",), lambda: alicloud.get_caller_identity(opts=lookup)).account_id
    place = Place(
        region=args.region,
        account=account,
        suffix=suffix(account, args.region, pulumi.get_project(), pulumi.get_stack(), name),
        tags=args.tags,
    )
    network = Network(f"{name}-net", args.ingress, place, opts)
    protected = args.kubernetes is None or args.kubernetes.control_plane.deletion_protection
    key = Key(f"{name}-key", options.kms_instance, place, opts, protected=protected)
    alerts = Alerts(f"{name}-alerts", args.monitoring.alarm_emails, place, opts)
    logs = Logs(f"{name}-logs", args.monitoring.log_retention_days, key, alerts, place, opts)
    ground = Ground(place=place, network=network, key=key, alerts=alerts, logs=logs)
    cluster = AckCluster(f"{name}-ack", args, ground, opts)
    secrets = KeptSecrets(
        "letta:alicloud:Secrets",
        f"{name}-secrets",
        args.provider_secrets,
        pulumi.ResourceOptions(
            parent=opts.parent,
            providers=[cluster.workloads.provider],
            depends_on=list(cluster.namespace),
        ),
    )
    return Site(
        place=place,
        network=network,
        key=key,
        alerts=alerts,
        logs=logs,
        cluster=cluster,
        secrets=secrets,
        queue_encryption=options.queue_encryption,
    )
