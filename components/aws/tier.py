"""A tier of server copies: an autoscaled ECS service with addresses of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import appautoscaling, ecs

from components.args import TierArgs
from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.containers import (
    CPU_UNITS_PER_VCPU,
    SERVER,
    definitions,
    revisions,
    server_container,
    writable_volumes,
)
from components.aws.iam import execution_role
from components.aws.site import Site
from components.letta.environment import PORT, STARTUP_SECONDS
from components.roles import ServerArgs

MINIMUM_HEALTHY_PERCENT = 100
"""A deploy never runs below strength…"""
MAXIMUM_PERCENT = 200
"""…so it needs room for as many new copies as there are old ones."""

_METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
}


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Where a service's copies are reached."""

    target_group_arn: pulumi.Output[str]
    after: pulumi.Resource
    """The listener or rule that uses the target group: before it, registering is refused."""


class ServiceTier(pulumi.ComponentResource):
    """Copies of the server behind a load balancer, on machines or on Fargate (C1, C2, C4)."""

    service: pulumi.Output[str]
    """Name of the ECS service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        registration: Registration,
        *,
        stream: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`stream`: `api` or `worker`, the tier's log group and its machines."""
        super().__init__(
            "letta:aws:ServiceTier",
            name,
            {
                "replicas": args.replicas,
                "minReplicas": args.min_replicas,
                "maxReplicas": args.max_replicas,
                "compute": args.compute,
            },
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        fargate = args.compute == "fargate"
        cpu_units = int(args.copy_vcpus * CPU_UNITS_PER_VCPU)
        task = ecs.TaskDefinition(
            name,
            family=name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE" if fargate else "EC2"],
            # On machines CPU is a share, so that an idle neighbour's is not lost.
            cpu=str(cpu_units) if fargate else None,
            memory=str(args.copy_memory_mib) if fargate else None,
            execution_role_arn=execution_role(self, name, site, server.references, [stream]).arn,
            container_definitions=definitions(
                [
                    server_container(
                        site,
                        server,
                        stream=stream,
                        cpu_units=cpu_units,
                        memory_mib=args.copy_memory_mib,
                    )
                ]
            ),
            volumes=writable_volumes(),
            opts=child,
        )
        capacity = "FARGATE" if fargate else site.cluster.capacity_providers[stream]
        service = ecs.Service(
            name,
            cluster=site.cluster.arn,
            task_definition=task.arn,
            desired_count=args.replicas,
            capacity_provider_strategies=[
                ecs.ServiceCapacityProviderStrategyArgs(capacity_provider=capacity, weight=1)
            ],
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=list(site.network.server_subnet_ids),
                security_groups=[site.network.security_groups["server"]],
                assign_public_ip=False,
            ),
            load_balancers=[
                ecs.ServiceLoadBalancerArgs(
                    target_group_arn=registration.target_group_arn,
                    container_name=SERVER,
                    container_port=PORT,
                )
            ],
            ordered_placement_strategies=None
            if fargate
            else [
                ecs.ServiceOrderedPlacementStrategyArgs(type="spread", field=field)
                for field in ("attribute:ecs.availability-zone", "instanceId")
            ],
            health_check_grace_period_seconds=STARTUP_SECONDS,
            deployment_minimum_healthy_percent=MINIMUM_HEALTHY_PERCENT,
            deployment_maximum_percent=MAXIMUM_PERCENT,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            force_new_deployment=True,
            triggers=revisions(server.references),
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[registration.after, site.cluster.attached],
                ignore_changes=["desiredCount"],  # the autoscaler's
            ),
        )
        self.service = service.name
        _autoscale(self, name, args, site, service.name)
        raise_alarms(
            self,
            name,
            alarm_tables.service(
                site.cluster.cluster_name, service.name, min_replicas=args.min_replicas
            ),
            site.alerts.topic_arn,
        )
        self.register_outputs({"service": self.service})


def _autoscale(
    parent: pulumi.Resource,
    name: str,
    args: TierArgs,
    site: Site,
    service_name: pulumi.Output[str],
) -> None:
    """Follow CPU and memory (C2). Of both, the one that asks for more copies decides; fewer
    need the consent of both (Application Auto Scaling user guide, "Target tracking")."""
    target = appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", site.cluster.cluster_name, "/", service_name),
        min_capacity=args.min_replicas,
        max_capacity=args.max_replicas,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    targets = {"cpu": args.cpu_target_percent, "memory": args.memory_target_percent}
    for metric, percent in targets.items():
        appautoscaling.Policy(
            f"{name}-{metric}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=(
                appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=_METRICS[metric]
                    ),
                    target_value=percent,
                    scale_out_cooldown=args.scale_out_cooldown_seconds,
                    scale_in_cooldown=args.scale_in_cooldown_seconds,
                )
            ),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[target]),
        )
