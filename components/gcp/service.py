"""Service: copies of the server on Cloud Run."""

from __future__ import annotations

import pulumi
from pulumi_gcp import cloudrunv2

from components.args import TierArgs
from components.gcp import alarm_tables, containers
from components.gcp.alarms import raise_alarms
from components.gcp.identity import Identity
from components.gcp.ingress import GcpIngress
from components.gcp.site import Site
from components.letta.environment import (
    HEALTH_PATH,
    HOME,
    PORT,
    SERVER_COMMAND,
    STARTUP_SECONDS,
    WORK,
)
from components.order import at_once
from components.roles import ServerArgs, SidecarArgs

CONCURRENCY = 80
"""Requests that one copy takes at once; most of their time they wait for a model."""
STARTUP_PERIOD_SECONDS = 10
FOLDER_MIB = 512
"""Size limit of a folder in memory, MiB; it counts against the copy's own."""
SIDECAR_VCPUS = 1
"""The least that a container beside others may have with CPU always allocated."""
FOLDERS = {"home": HOME, "work": WORK}
"""Volume -> mount point."""


class ServiceTier(pulumi.ComponentResource):
    """A Cloud Run service that scales between two bounds (requirements C1, C2, C4).

    A deployment starts a new revision, and sends requests there once it is ready; one that does not
    become ready fails the update, and the old one goes on. CPU is there between requests too, for
    what agents do in the background.
    """

    service: pulumi.Output[str]
    """Name of the service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: GcpIngress,
        opts: pulumi.ResourceOptions,
        *,
        role: str,
    ) -> None:
        """`role`: `api` or `worker`. The service starts after `opts.depends_on`."""
        super().__init__(
            "letta:gcp:ServiceTier",
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
        identity = Identity(name, site, server.references, pulumi.ResourceOptions(parent=self))
        service = cloudrunv2.Service(
            name,
            name=site.named(name),
            location=site.place.region,
            ingress=ingress.admits,
            default_uri_disabled=True,
            # The server asks for a password itself; clients have no Google account.
            invoker_iam_disabled=True,
            # It holds nothing that could be lost.
            deletion_protection=False,
            template=self._template(
                args, server, site, identity, timeout_seconds=ingress.timeout_seconds
            ),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[*identity.ready, site.network.peering],
                ),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.service = service.name
        ingress.attach(role, service)
        raise_alarms(
            self,
            name,
            alarm_tables.service(self.service, max_replicas=args.max_replicas),
            site.alerts.channels,
        )
        raise_alarms(
            self,
            name,
            [alarm_tables.redis_lost(site.logs.lost_redis[role])],
            site.alerts.channels,
            after=[service],
        )
        self.register_outputs({"service": self.service})

    def _template(
        self,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        identity: Identity,
        *,
        timeout_seconds: int,
    ) -> cloudrunv2.ServiceTemplateArgs:
        # What stands beside the server has its share of the copy's size.
        memory_mib = args.copy_memory_mib - sum(each.memory_mib for each in server.sidecars)
        vcpus = args.copy_vcpus - SIDECAR_VCPUS * len(server.sidecars)
        return cloudrunv2.ServiceTemplateArgs(
            service_account=identity.email,
            execution_environment="EXECUTION_ENVIRONMENT_GEN2",
            timeout=f"{timeout_seconds}s",
            max_instance_request_concurrency=CONCURRENCY,
            scaling=cloudrunv2.ServiceTemplateScalingArgs(
                min_instance_count=args.min_replicas,
                max_instance_count=args.max_replicas,
                cpu_utilization=args.cpu_target_percent / 100,
            ),
            vpc_access=cloudrunv2.ServiceTemplateVpcAccessArgs(
                network_interfaces=[
                    cloudrunv2.ServiceTemplateVpcAccessNetworkInterfaceArgs(
                        network=site.network.name, subnetwork=site.network.subnet
                    )
                ],
                egress="ALL_TRAFFIC" if site.network.has_nat else "PRIVATE_RANGES_ONLY",
            ),
            volumes=[
                cloudrunv2.ServiceTemplateVolumeArgs(
                    name=volume,
                    empty_dir=cloudrunv2.ServiceTemplateVolumeEmptyDirArgs(
                        medium="MEMORY", size_limit=f"{FOLDER_MIB}Mi"
                    ),
                )
                for volume in FOLDERS
            ],
            containers=[
                _server(server, vcpus, memory_mib),
                *(_beside(sidecar) for sidecar in server.sidecars),
            ],
        )


def _server(
    server: ServerArgs, vcpus: float, memory_mib: int
) -> cloudrunv2.ServiceTemplateContainerArgs:
    """The server, started directly: it never migrates."""
    return cloudrunv2.ServiceTemplateContainerArgs(
        name=containers.SERVER,
        image=server.image,
        commands=list(SERVER_COMMAND[:1]),
        args=list(SERVER_COMMAND[1:]),
        working_dir=WORK,
        envs=containers.variables(server),
        ports=cloudrunv2.ServiceTemplateContainerPortsArgs(name="http1", container_port=PORT),
        resources=cloudrunv2.ServiceTemplateContainerResourcesArgs(
            limits=containers.limits(vcpus, memory_mib), cpu_idle=False, startup_cpu_boost=True
        ),
        volume_mounts=[
            cloudrunv2.ServiceTemplateContainerVolumeMountArgs(name=volume, mount_path=path)
            for volume, path in FOLDERS.items()
        ],
        startup_probe=cloudrunv2.ServiceTemplateContainerStartupProbeArgs(
            http_get=cloudrunv2.ServiceTemplateContainerStartupProbeHttpGetArgs(
                path=HEALTH_PATH, port=PORT
            ),
            period_seconds=STARTUP_PERIOD_SECONDS,
            timeout_seconds=5,
            failure_threshold=STARTUP_SECONDS // STARTUP_PERIOD_SECONDS,
        ),
        liveness_probe=cloudrunv2.ServiceTemplateContainerLivenessProbeArgs(
            http_get=cloudrunv2.ServiceTemplateContainerLivenessProbeHttpGetArgs(
                path=HEALTH_PATH, port=PORT
            ),
            period_seconds=30,
            timeout_seconds=10,
            failure_threshold=3,
        ),
        depends_ons=[sidecar.name for sidecar in server.sidecars] or None,
    )


def _beside(sidecar: SidecarArgs) -> cloudrunv2.ServiceTemplateContainerArgs:
    return cloudrunv2.ServiceTemplateContainerArgs(
        name=sidecar.name,
        image=sidecar.image,
        commands=list(sidecar.command[:1]),
        args=list(sidecar.command[1:]),
        resources=cloudrunv2.ServiceTemplateContainerResourcesArgs(
            limits=containers.limits(SIDECAR_VCPUS, sidecar.memory_mib), cpu_idle=False
        ),
        startup_probe=cloudrunv2.ServiceTemplateContainerStartupProbeArgs(
            tcp_socket=cloudrunv2.ServiceTemplateContainerStartupProbeTcpSocketArgs(
                port=sidecar.port
            ),
            period_seconds=STARTUP_PERIOD_SECONDS,
            failure_threshold=3,
        ),
    )
