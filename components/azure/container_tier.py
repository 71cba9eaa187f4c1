"""Container tier: copies of the server on Container Apps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import app

from components.args import TierArgs
from components.azure import alarm_tables, containers
from components.azure.alarms import watch
from components.azure.fixed import CONSUMPTION
from components.azure.identity import Identity
from components.azure.ingress import AzureIngress
from components.azure.place import after
from components.azure.site import Site
from components.letta.environment import (
    DRAIN_SECONDS,
    HEALTH_PATH,
    HOME,
    PORT,
    SERVER_COMMAND,
    STARTUP_SECONDS,
    WORK,
)
from components.order import at_once
from components.roles import ServerArgs, SidecarArgs

STARTUP_PERIOD_SECONDS = 20
"""Container Apps gives up after ten failures at most (SDK, `ContainerAppProbe`)."""
FOLDERS: Mapping[str, str] = {"home": HOME, "work": WORK}
"""Volume -> mount point."""


class ContainerTier(pulumi.ComponentResource):
    """An app of Container Apps that scales between two bounds (requirements C1, C2, C4).

    A deployment starts a new revision, and sends requests there once it is ready; until then the
    old one goes on. It never goes down to no copy: what agents do in the background would end.
    """

    service: pulumi.Output[str]
    """Name of the app, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: AzureIngress,
        opts: pulumi.ResourceOptions,
        *,
        role: str,
    ) -> None:
        """`role`: `api` or `worker`. The app starts after `opts.depends_on`."""
        super().__init__(
            "letta:azure:ContainerTier",
            name,
            {
                "replicas": args.replicas,
                "minReplicas": args.min_replicas,
                "maxReplicas": args.max_replicas,
                "taskVcpus": args.copy_vcpus,
                "taskMemoryMib": args.copy_memory_mib,
            },
            at_once(opts),
        )
        place, environment = site.place, site.apps
        references = {**server.references, **_beside_references(server)}
        identity = Identity(f"{name}-id", place, pulumi.ResourceOptions(parent=self))
        identity.admit(references)
        found = app.ContainerApp(
            name,
            container_app_name=name,
            resource_group_name=place.group,
            location=place.region,
            environment_id=environment.id,
            workload_profile_name=CONSUMPTION,
            identity=containers.assigned(identity.id),
            configuration={
                "active_revisions_mode": "Single",
                "ingress": ingress.configuration(role),
                "secrets": containers.secrets(references, identity.id),
                "identity_settings": containers.out_of_reach(identity.id),
            },
            template=_template(args, server, containers.versions(references)),
            tags=place.tags,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self, depends_on=[*identity.ready, *environment.ready, *ingress.ready]
                ),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.service = after(name, found)
        ingress.attach(role, self.service.apply(lambda named: site.host(named)))
        watch(
            self,
            name,
            alarm_tables.app(args),
            place.of(found, f"Microsoft.App/containerApps/{name}"),
            place,
            site.alerts.group,
        )
        self.register_outputs({"service": self.service})


def _beside_references(server: ServerArgs) -> dict[str, Any]:
    return {
        variable: reference
        for sidecar in server.sidecars
        for variable, reference in sidecar.references.items()
    }


def _template(args: TierArgs, server: ServerArgs, versions: Any) -> Any:  # noqa: ANN401  (the SDK's dictionaries)
    # What stands beside the server has its share of the copy's size.
    shares = [containers.share(sidecar) for sidecar in server.sidecars]
    vcpus = args.copy_vcpus - sum(each for each, _ in shares)
    memory_mib = args.copy_memory_mib - sum(each for _, each in shares)
    return {
        "termination_grace_period_seconds": DRAIN_SECONDS,
        "scale": {
            "min_replicas": args.min_replicas,
            "max_replicas": args.max_replicas,
            "rules": _rules(args),
        },
        "volumes": [{"name": volume, "storage_type": "EmptyDir"} for volume in FOLDERS],
        "containers": [
            _server(server, vcpus, memory_mib, versions),
            *(_beside(sidecar) for sidecar in server.sidecars),
        ],
    }


def _rules(args: TierArgs) -> list[Any]:
    if args.min_replicas == args.max_replicas:
        return []
    targets = {"cpu": args.cpu_target_percent, "memory": args.memory_target_percent}
    return [
        {
            "name": measure,
            "custom": {"type": measure, "metadata": {"type": "Utilization", "value": str(percent)}},
        }
        for measure, percent in targets.items()
    ]


def _server(
    server: ServerArgs,
    vcpus: float,
    memory_mib: int,
    versions: Any,  # noqa: ANN401  (the SDK's dictionary)
) -> dict[str, Any]:
    """The server, started directly: it never migrates."""
    health = {"http_get": {"path": HEALTH_PATH, "port": PORT}}
    return {
        "name": containers.SERVER,
        "image": server.image,
        # Container Apps has no work directory of its own.
        "command": ["sh", "-c", f'cd {WORK} && exec "$@"', "sh"],
        "args": list(SERVER_COMMAND),
        "env": [*containers.variables(server), versions],
        "resources": containers.limits(vcpus, memory_mib),
        "volume_mounts": [
            {"volume_name": volume, "mount_path": path} for volume, path in FOLDERS.items()
        ],
        "probes": [
            {
                "type": "Startup",
                **health,
                "period_seconds": STARTUP_PERIOD_SECONDS,
                "timeout_seconds": 5,
                "failure_threshold": STARTUP_SECONDS // STARTUP_PERIOD_SECONDS,
            },
            {
                "type": "Liveness",
                **health,
                "period_seconds": 30,
                "timeout_seconds": 10,
                "failure_threshold": 3,
            },
            {
                "type": "Readiness",
                **health,
                "period_seconds": 10,
                "timeout_seconds": 5,
                "failure_threshold": 3,
            },
        ],
    }


def _beside(sidecar: SidecarArgs) -> dict[str, Any]:
    return {
        "name": sidecar.name,
        "image": sidecar.image,
        "command": list(sidecar.command[:1]),
        "args": list(sidecar.command[1:]),
        "env": containers.entries(sidecar.environment, sidecar.references),
        "resources": containers.limits(*containers.share(sidecar)),
    }
