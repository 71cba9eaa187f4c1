"""Tier: copies of the server behind a load balancer, on machines or on Fargate."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import appautoscaling, ecs, lb

from components.args import TierArgs
from components.aws import alarm_tables, tasks
from components.aws.alarms import raise_alarms
from components.aws.capacity import Machines
from components.aws.load_balancer import LoadBalancer
from components.aws.schedule import keep_few_at_night
from components.aws.site import Site
from components.letta.environment import PORT
from components.order import at_once
from components.roles import ServerArgs

GRACE_SECONDS = 300
"""Time that a new copy has before the load balancer's health check may end it."""

SPOT_PROVIDER = "FARGATE_SPOT"
"""AWS's own capacity provider of spare Fargate capacity."""

_METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
}


class ServiceTier(pulumi.ComponentResource):
    """An ECS service that scales between two bounds (requirements C1, C2, C4).

    A deployment starts as many new copies as there are, waits until the load balancer finds
    them healthy, and only then stops the old ones; it is rolled back when they fail.
    """

    service: pulumi.Output[str]
    """Name of the service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
        *,
        stream: str,
        paths: Sequence[str] = (),
    ) -> None:
        """`stream`: where the copies log to. `paths`: what alone is routed here; without any,
        whatever no other tier takes. The service starts after `opts.depends_on`."""
        super().__init__(
            "letta:aws:ServiceTier",
            name,
            {
                "compute": args.compute,
                "replicas": args.replicas,
                "minReplicas": args.min_replicas,
                "maxReplicas": args.max_replicas,
                "taskVcpus": args.copy_vcpus,
                "taskMemoryMib": args.copy_memory_mib,
            },
            at_once(opts),
        )
        self._name = name
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        machines = Machines(name, args, site, self._child) if args.compute == "instances" else None
        cluster = machines.cluster_name if machines else site.cluster.cluster_name
        capacity = machines.ready if machines else self._spare_capacity(cluster, args)
        targets: lb.TargetGroup = ingress.target_group
        route: pulumi.Resource = ingress.listener
        if paths:
            targets, route = ingress.route(name, paths)
        service = self._service(
            args,
            cluster=cluster,
            definition=self._definition(args, server, stream),
            server=server,
            machines=machines,
            targets=targets,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self,
                    # The autoscaler moves the count.
                    ignore_changes=["desiredCount"],
                    # A service can only register where a listener sends requests.
                    depends_on=[route, *([capacity] if capacity else [])],
                ),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.service = service.name
        if args.min_replicas < args.max_replicas:
            self._autoscale(args, cluster)
        raise_alarms(
            self,
            name,
            alarm_tables.service(cluster, self.service, min_replicas=args.min_replicas),
            site.alerts.topic_arn,
        )
        self.register_outputs({"service": self.service})

    def _spare_capacity(
        self, cluster: pulumi.Output[str], args: TierArgs
    ) -> ecs.ClusterCapacityProviders | None:
        if not args.spot:
            return None
        return ecs.ClusterCapacityProviders(
            self._name,
            cluster_name=cluster,
            capacity_providers=[SPOT_PROVIDER],
            opts=self._child,
        )

    def _definition(self, args: TierArgs, server: ServerArgs, stream: str) -> ecs.TaskDefinition:
        role = tasks.execution_role(
            self,
            f"{self._name}-start",
            self._site,
            server.references,
            [self._site.logs.group_arns[stream]],
        )
        containers = [
            tasks.server_container(
                server,
                args.copy_vcpus,
                args.copy_memory_mib,
                tasks.log_configuration(self._site, stream, tasks.SERVER),
            )
        ]
        return ecs.TaskDefinition(
            self._name,
            family=self._name,
            network_mode="awsvpc",
            requires_compatibilities=["EC2" if args.compute == "instances" else "FARGATE"],
            cpu=str(int(args.copy_vcpus * tasks.CPU_UNITS_PER_VCPU)),
            memory=str(args.copy_memory_mib),
            execution_role_arn=role.arn,
            container_definitions=pulumi.Output.json_dumps(containers),
            volumes=tasks.volumes(containers),
            runtime_platform=tasks.platform(args.architecture),
            opts=self._child,
        )

    def _service(
        self,
        args: TierArgs,
        *,
        cluster: pulumi.Output[str],
        definition: ecs.TaskDefinition,
        server: ServerArgs,
        machines: Machines | None,
        targets: lb.TargetGroup,
        opts: pulumi.ResourceOptions,
    ) -> ecs.Service:
        network = self._site.network
        capacity_provider = (
            machines.capacity_provider if machines else SPOT_PROVIDER if args.spot else None
        )
        return ecs.Service(
            self._name,
            cluster=cluster,
            task_definition=definition.arn,
            desired_count=args.replicas,
            launch_type=None if capacity_provider else "FARGATE",
            capacity_provider_strategies=[
                ecs.ServiceCapacityProviderStrategyArgs(
                    capacity_provider=capacity_provider, weight=1
                )
            ]
            if capacity_provider
            else None,
            ordered_placement_strategies=[
                ecs.ServiceOrderedPlacementStrategyArgs(type="spread", field=field)
                for field in ("attribute:ecs.availability-zone", "instanceId")
            ]
            if machines
            else None,
            availability_zone_rebalancing="ENABLED",
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=list(network.server_subnet_ids),
                security_groups=[network.security_groups["server"]],
                assign_public_ip=False,
            ),
            load_balancers=[
                ecs.ServiceLoadBalancerArgs(
                    target_group_arn=targets.arn,
                    container_name=tasks.SERVER,
                    container_port=PORT,
                )
            ],
            health_check_grace_period_seconds=GRACE_SECONDS,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            triggers=tasks.revisions(server.references),
            force_new_deployment=True,
            wait_for_steady_state=True,
            opts=opts,
        )

    def _autoscale(self, args: TierArgs, cluster: pulumi.Output[str]) -> None:
        target = appautoscaling.Target(
            self._name,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.concat("service/", cluster, "/", self.service),
            min_capacity=args.min_replicas,
            max_capacity=args.max_replicas,
            opts=self._child,
        )
        percents = {"cpu": args.cpu_target_percent, "memory": args.memory_target_percent}
        for measure, metric in _METRICS.items():
            appautoscaling.Policy(
                f"{self._name}-{measure}",
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                target_tracking_scaling_policy_configuration=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=metric
                    ),
                    target_value=percents[measure],
                    scale_out_cooldown=args.scale_out_cooldown_seconds,
                    scale_in_cooldown=args.scale_in_cooldown_seconds,
                ),
                opts=self._child,
            )
        if args.night:
            keep_few_at_night(self._name, args, args.night, target, self._child)
