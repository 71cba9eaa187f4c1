"""The API tier on one instance: proxy, server and cache in one task."""

from __future__ import annotations

import pulumi
from pulumi_aws import ecs

from components.args import ApiArgs
from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.containers import (
    CPU_UNITS_PER_VCPU,
    SERVER,
    Definition,
    definitions,
    log_configuration,
    revisions,
    server_container,
    sidecar_container,
    writable_volumes,
)
from components.aws.iam import execution_role
from components.aws.proxy import InstanceProxy
from components.aws.site import Site
from components.letta.environment import HEALTH_PATH, PORT, STARTUP_SECONDS
from components.roles import ServerArgs

_PROBE = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{PORT}{HEALTH_PATH}', timeout=5)"
"""The server's image has no curl; its Python can ask as well."""


class InstanceTier(pulumi.ComponentResource):
    """One copy of the server on one machine (small of requirement K1).

    A deploy stops the old task before it starts the new one, for both need the same ports;
    the API is away for the time of a start.
    """

    service: pulumi.Output[str]
    """Name of the ECS service, known at preview."""

    def __init__(
        self,
        name: str,
        args: ApiArgs,
        server: ServerArgs,
        site: Site,
        proxy: InstanceProxy,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("letta:aws:InstanceTier", name, {"replicas": args.replicas}, opts)
        child = pulumi.ResourceOptions(parent=self)
        volume, host_path = proxy.volume
        task = ecs.TaskDefinition(
            name,
            family=name,
            network_mode="bridge",
            requires_compatibilities=["EC2"],
            execution_role_arn=execution_role(
                self, name, site, server.references, ["api", "proxy"]
            ).arn,
            container_definitions=definitions(_containers(args, server, site, proxy)),
            volumes=[
                *writable_volumes(),
                ecs.TaskDefinitionVolumeArgs(name=volume, host_path=host_path),
            ],
            opts=child,
        )
        service = ecs.Service(
            name,
            cluster=site.cluster.arn,
            task_definition=task.arn,
            desired_count=args.replicas,
            capacity_provider_strategies=[
                ecs.ServiceCapacityProviderStrategyArgs(
                    capacity_provider=site.cluster.capacity_providers["api"], weight=1
                )
            ],
            deployment_minimum_healthy_percent=0,
            deployment_maximum_percent=100,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            # Rebalancing starts the new copy first, and its ports are taken.
            availability_zone_rebalancing="DISABLED",
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            force_new_deployment=True,
            triggers=revisions(server.references),
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[site.cluster.attached]),
        )
        self.service = service.name
        raise_alarms(
            self,
            name,
            alarm_tables.service(site.cluster.cluster_name, service.name, min_replicas=1),
            site.alerts.topic_arn,
        )
        self.register_outputs({"service": self.service})


def _containers(
    args: ApiArgs, server: ServerArgs, site: Site, proxy: InstanceProxy
) -> list[Definition]:
    sidecars = [sidecar_container(site, sidecar, stream="api") for sidecar in server.sidecars]
    ready = {
        "healthCheck": {
            "command": ["CMD", "python", "-c", _PROBE],
            "interval": 15,
            "timeout": 10,
            "retries": 4,
            "startPeriod": STARTUP_SECONDS,
        },
        "dependsOn": [
            {"containerName": sidecar["name"], "condition": "START"} for sidecar in sidecars
        ],
    }
    main = server_container(
        site,
        server,
        stream="api",
        cpu_units=int(args.copy_vcpus * CPU_UNITS_PER_VCPU),
        memory_mib=args.copy_memory_mib,
        host_port=PORT,
    )
    front = {
        **proxy.container,
        "dependsOn": [{"containerName": SERVER, "condition": "START"}],
        "logConfiguration": log_configuration(site, "proxy"),
    }
    return [{**main, **ready}, *sidecars, front]
