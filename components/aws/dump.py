"""Dump: the scheduled run that dumps the database to the bucket, on Fargate."""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch, ecs, scheduler

from components.aws import dump_upload, tasks
from components.aws.fixed import FREE_STORAGE_GIB
from components.aws.iam import Role, Statement, role, trust
from components.aws.iam import tasks as trust_in_tasks
from components.aws.schedule_text import times_a_day
from components.aws.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs

_SCRATCH = "scratch"
_RETRY_SECONDS = 3600
"""Time in which EventBridge Scheduler tries again to start a task that did not start."""


class Dump(pulumi.ComponentResource):
    """A task that EventBridge Scheduler starts (requirement S1).

    Its first container has the URI, its second the way into the bucket: each starts with what it
    needs. Both run inside the network, where the database is.
    """

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:aws:Dump", name, {"everyHours": args.schedule.every_hours}, opts)
        self._name = name
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        logs = site.logs.group(self, name)
        starter = tasks.execution_role(
            self,
            f"{name}-start",
            site,
            args.references,
            [logs.name.apply(lambda named: site.place.arn("logs", f"log-group:{named}"))],
        )
        uploader = role(
            self,
            f"{name}-task",
            site.place,
            trust_in_tasks(site.place),
            dump_upload.may_upload(site, args.bucket),
        )
        definition = self._definition(args, logs, starter, uploader)
        self._schedule(args, definition, self._starter(starter, uploader))
        dump_upload.watch(self, name, args, site, logs.name)
        self.register_outputs({})

    def _definition(
        self, args: DumpJobArgs, logs: cloudwatch.LogGroup, starter: Role, uploader: Role
    ) -> ecs.TaskDefinition:
        def container(
            container: str,
            image: str,
            command: tuple[str, ...],
            environment: dict[str, pulumi.Input[str]],
        ) -> tasks.Definition:
            shell, flag, script = command
            return {
                "name": container,
                "image": image,
                "entryPoint": [shell, flag],
                "command": [script],
                "environment": [
                    {"name": key, "value": value} for key, value in sorted(environment.items())
                ],
                "readonlyRootFilesystem": True,
                "mountPoints": [
                    {"sourceVolume": _SCRATCH, "containerPath": job.SCRATCH, "readOnly": False}
                ],
                "linuxParameters": {
                    "capabilities": {"drop": ["ALL"]},
                    "initProcessEnabled": True,
                },
                "logConfiguration": tasks.logs_to(self._site, logs.name, container),
            }

        containers = [
            {
                **container(
                    job.DUMP,
                    job.IMAGES[args.engine_version],
                    job.dump_command(),
                    {**job.dump_environment(args.schedule)},
                ),
                "essential": False,
                "secrets": tasks.secrets(args.references),
            },
            {
                **container(
                    job.UPLOAD,
                    dump_upload.IMAGE,
                    dump_upload.command(),
                    {dump_upload.BUCKET: args.bucket},
                ),
                "essential": True,
                # A dump that failed is not uploaded, and the task ends.
                "dependsOn": [{"containerName": job.DUMP, "condition": "SUCCESS"}],
            },
        ]
        scratch_gib = args.schedule.scratch_gib
        return ecs.TaskDefinition(
            self._name,
            family=self._name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(int(job.VCPUS * tasks.CPU_UNITS_PER_VCPU)),
            memory=str(job.MEMORY_MIB),
            execution_role_arn=starter.arn,
            task_role_arn=uploader.arn,
            container_definitions=pulumi.Output.json_dumps(containers),
            volumes=tasks.volumes(containers),
            ephemeral_storage=(
                ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=scratch_gib)
                if scratch_gib > FREE_STORAGE_GIB
                else None
            ),
            opts=self._child,
        )

    def _starter(self, *roles: Role) -> Role:
        """The role by which EventBridge Scheduler starts the task; the condition keeps other
        accounts from using it (EventBridge Scheduler user guide, "Confused deputy")."""
        place, cluster = self._site.place, self._site.cluster
        return role(
            self,
            f"{self._name}-schedule",
            place,
            trust(
                "scheduler.amazonaws.com", {"StringEquals": {"aws:SourceAccount": place.account}}
            ),
            [
                Statement(
                    actions=("ecs:RunTask",),
                    resources=(place.arn("ecs", f"task-definition/{self._name}:*"),),
                    condition={"ArnEquals": {"ecs:cluster": cluster.planned_arn(place)}},
                ),
                Statement(
                    actions=("iam:PassRole",),
                    resources=tuple(each.planned_arn for each in roles),
                    condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                ),
            ],
        )

    def _schedule(self, args: DumpJobArgs, definition: ecs.TaskDefinition, starter: Role) -> None:
        network = self._site.network
        scheduler.Schedule(
            self._name,
            description=f"Dumps the database to the bucket of {self._name}",
            schedule_expression=times_a_day(args.schedule.starts),
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(
                arn=self._site.cluster.arn,
                role_arn=starter.arn,
                ecs_parameters=scheduler.ScheduleTargetEcsParametersArgs(
                    task_definition_arn=definition.arn,
                    launch_type="FARGATE",
                    propagate_tags="TASK_DEFINITION",
                    network_configuration=scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
                        subnets=list(network.server_subnet_ids),
                        security_groups=[network.security_groups["bootstrap"]],
                        assign_public_ip=network.assigns_public_ip,
                    ),
                ),
                retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=_RETRY_SECONDS, maximum_retry_attempts=10
                ),
            ),
            opts=self._child,
        )
