"""Tier of one instance: the server, its proxy and its cache in one task (requirement C1)."""

from __future__ import annotations

import pulumi
from pulumi_aws import ecs

from components.args import TierArgs
from components.aws import alarm_tables, tasks
from components.aws.alarms import raise_alarms
from components.aws.capacity import Machines
from components.aws.proxy import InstanceProxy
from components.aws.site import Site
from components.order import at_once
from components.roles import ServerArgs


class InstanceTier(pulumi.ComponentResource):
    """One copy of the server on one instance that faces the internet itself.

    The containers share Docker's default bridge and reach each other by the host's published
    ports; the security group lets the proxy's through and no others. A deployment stops the
    task before it starts the new one, for ports of the host cannot be taken twice.
    """

    service: pulumi.Output[str]
    """Name of the service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: InstanceProxy,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:aws:InstanceTier",
            name,
            {"taskVcpus": args.task_vcpus, "taskMemoryMib": args.task_memory_mib},
            at_once(opts),
        )
        child = pulumi.ResourceOptions(parent=self)
        machines = Machines(name, args, site, child, proxy=ingress)
        role = tasks.execution_role(
            self,
            f"{name}-start",
            site,
            server.references,
            [site.logs.group_arns[stream] for stream in ("api", "proxy")],
        )
        containers = [
            tasks.server_container(
                server,
                args.task_vcpus,
                args.task_memory_mib,
                tasks.log_configuration(site, "api", tasks.SERVER),
            ),
            *(
                tasks.sidecar_container(sidecar, tasks.log_configuration(site, "api", sidecar.name))
                for sidecar in server.sidecars
            ),
            {
                **ingress.container,
                # Stopped in the opposite order: the proxy first, which then asks for no more.
                "dependsOn": [{"containerName": tasks.SERVER, "condition": "START"}],
                "logConfiguration": tasks.log_configuration(site, "proxy", "proxy"),
            },
        ]
        # The server gives up on a cache that is not there when it starts.
        containers[0]["dependsOn"] = [
            {"containerName": sidecar.name, "condition": "START"} for sidecar in server.sidecars
        ]
        kept, folder = ingress.volume
        definition = ecs.TaskDefinition(
            name,
            family=name,
            network_mode="bridge",
            requires_compatibilities=["EC2"],
            execution_role_arn=role.arn,
            container_definitions=pulumi.Output.json_dumps(containers),
            volumes=[
                *(volume for volume in tasks.volumes(containers) if volume.name != kept),
                ecs.TaskDefinitionVolumeArgs(name=kept, host_path=folder),
            ],
            runtime_platform=tasks.platform(args.architecture),
            opts=child,
        )
        service = ecs.Service(
            name,
            cluster=machines.cluster_name,
            task_definition=definition.arn,
            desired_count=args.replicas,
            capacity_provider_strategies=[
                ecs.ServiceCapacityProviderStrategyArgs(
                    capacity_provider=machines.capacity_provider, weight=1
                )
            ],
            availability_zone_rebalancing="DISABLED",
            deployment_minimum_healthy_percent=0,
            deployment_maximum_percent=100,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            triggers=tasks.revisions(server.references),
            force_new_deployment=True,
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=[machines.ready]),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.service = service.name
        raise_alarms(
            self,
            name,
            alarm_tables.service(machines.cluster_name, self.service, min_replicas=1),
            site.alerts.topic_arn,
        )
        self.register_outputs({"service": self.service})
