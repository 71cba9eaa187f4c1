"""The site: what every role of a stack on Google Cloud stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import organizations

from components.account import once
from components.gcp.alerts import Alerts
from components.gcp.logs import Logs
from components.gcp.network import Network
from components.gcp.offer import GcpOptions
from components.gcp.place import Place, labels
from components.gcp.secrets import Secrets
from components.roles import Reference, SiteArgs

if TYPE_CHECKING:
    from components.gcp.gke.cluster import GkeCluster


@dataclass(frozen=True, kw_only=True)
class Site:
    """Network, key, secret store, alerts and logs of one stack."""

    place: Place
    network: Network
    secrets: Secrets
    alerts: Alerts
    logs: Logs
    routes: Mapping[str, tuple[str, ...]]
    """Tier -> paths that go to it alone."""
    kubernetes: GkeCluster | None = None
    """The cluster, where servers run on one."""

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password

    def named(self, name: str) -> pulumi.Output[str]:
        """A name with the stack's own digits, known at preview, for what no provider names."""
        return pulumi.Output.concat(name, "-", self.network.suffix)


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Build what the roles stand on. `opts` must hold the parent and the provider of the stack."""
    if not isinstance(args.options, GcpOptions):
        raise TypeError("letta:gcp holds the project; the settings demand it")
    provider = next(iter(opts.providers), None) if isinstance(opts.providers, list) else None
    lookup = pulumi.InvokeOptions(parent=opts.parent, provider=provider or opts.provider)
    project = args.options.project
    found = once(
        ("project", project),
        lambda: organizations.get_project(project_id=project, opts=lookup),
    )
    region = organizations.get_client_config(opts=lookup).region
    place = Place(region=region, project=project, number=found.number, labels=labels(args.tags))
    network = Network(
        f"{name}-net", args.ingress, place, opts, kubernetes=args.kubernetes is not None
    )
    secrets = Secrets(f"{name}-secrets", args, place, network.suffix, opts)
    alerts = Alerts(f"{name}-alerts", args, place, found.billing_account, opts)
    logs = Logs(
        f"{name}-logs",
        args,
        place,
        secrets,
        network.suffix,
        opts,
        base=name,
    )
    ground = Site(
        place=place,
        network=network,
        secrets=secrets,
        alerts=alerts,
        logs=logs,
        routes=args.routes,
    )
    if args.kubernetes is None:
        return ground
    # The SDK's modules for Kubernetes are loaded only by stacks that have it.
    from components.gcp.gke.cluster import GkeCluster

    return replace(ground, kubernetes=GkeCluster(f"{name}-k8s", args, ground, name, opts))
