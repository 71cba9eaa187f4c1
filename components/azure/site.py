"""The site: what every role of a stack on Azure stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import resources

from components.azure.alerts import Alerts
from components.azure.environment import Environment
from components.azure.logs import Logs
from components.azure.network import Network
from components.azure.offer import AzureOptions
from components.azure.place import Place, after, suffix
from components.azure.secrets import Secrets
from components.roles import Reference, SiteArgs

if TYPE_CHECKING:
    from components.azure.aks.cluster import AksCluster

VAULT_LOGS = ("AuditEvent",)
ENDS = {"api": "api", "worker": "work"}
"""Role -> end of its name (`infra/stack.py` names the roles)."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Network, key vault, alerts and logs of one stack, and where its containers run."""

    name: str
    """Beginning of all names."""
    place: Place
    options: AzureOptions
    network: Network
    secrets: Secrets
    alerts: Alerts
    logs: Logs
    environment: Environment | None
    """Of Container Apps; none where servers run on Kubernetes."""
    routes: Mapping[str, tuple[str, ...]]
    """Tier -> paths that go to it alone."""
    kubernetes: AksCluster | None = None
    """The cluster, where servers run on one."""

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password

    @property
    def apps(self) -> Environment:
        """The environment of Container Apps. Raises `ValueError` where there is none."""
        if self.environment is None:
            raise ValueError("servers run on Kubernetes: there is no environment")
        return self.environment

    @property
    def named(self) -> tuple[pulumi.Resource, ...]:
        """What has to be there before servers are found by their names."""
        return self.environment.ready if self.environment else ()

    def app(self, role: str) -> str:
        """Name of the app of a role."""
        return f"{self.name}-{ENDS[role]}"

    def host(self, app: str) -> pulumi.Output[str]:
        """Host name of an app of Container Apps."""
        return pulumi.Output.concat(app, ".", self.apps.domain)


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Build what the roles stand on. `opts` must hold the parent and the provider of the stack."""
    options = args.options
    if not isinstance(options, AzureOptions):
        raise TypeError("letta:azure holds the subscription; the settings demand it")
    digits = options.suffix or suffix(options.subscription, name)
    group = resources.ResourceGroup(
        name,
        resource_group_name=f"{name}-{digits}",
        location=args.region,
        tags=args.tags,
        opts=opts,
    )
    place = Place(
        region=args.region,
        subscription=options.subscription,
        tenant=options.tenant,
        group_name=f"{name}-{digits}",
        group=after(f"{name}-{digits}", group),
        suffix=digits,
        tags=args.tags,
    )
    kubernetes = args.kubernetes is not None
    network = Network(f"{name}-net", args.ingress, place, opts, kubernetes=kubernetes)
    secrets = Secrets(f"{name}-secrets", args, place, network, opts, base=name)
    alerts = Alerts(f"{name}-alerts", args, place, opts)
    logs = Logs(f"{name}-logs", args, place, alerts.group, opts)
    logs.collect(secrets, f"{name}-secrets", secrets.vault_id, VAULT_LOGS)
    ground = Site(
        name=name,
        place=place,
        options=options,
        network=network,
        secrets=secrets,
        alerts=alerts,
        logs=logs,
        environment=None
        if kubernetes
        else Environment(f"{name}-env", args.ingress, place, network, logs, opts),
        routes=args.routes,
    )
    if not kubernetes:
        return ground
    # The SDK's modules for Kubernetes are loaded only by stacks that have it.
    from components.azure.aks.cluster import AksCluster

    return replace(ground, kubernetes=AksCluster(f"{name}-k8s", args, ground, opts))
