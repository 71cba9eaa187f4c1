"""Bootstrap: the one run that prepares the database before any server starts."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi_aws import cloudwatch, ecs, lambda_

from components.aws import tasks
from components.aws.fixed import FUNCTION_MEMORY_MIB
from components.aws.iam import Role, Statement, role, trust, write_logs
from components.aws.log_groups import BOOTSTRAP
from components.aws.site import Site
from components.letta import bootstrap as job
from components.roles import ServerArgs

RUNTIME = "python3.13"
_FUNCTION = Path(__file__).with_name("run_once.py")


class Bootstrap(pulumi.ComponentResource):
    """A task on Fargate, started and awaited by a function that `pulumi up` calls.

    It runs inside the network, where the database is, so the operator's machine needs no way
    in. It runs again whenever its image, its script or a value that it reads has changed.
    """

    done: pulumi.Resource
    """There once the run ended well."""

    def __init__(
        self, name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:aws:Bootstrap", name, {"image": args.image}, opts)
        self._name = name
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        starter = tasks.execution_role(
            self, f"{name}-start", site, args.references, [site.logs.group_arns[BOOTSTRAP]]
        )
        definition = self._definition(args, starter)
        function = self._function(starter)
        network = site.network
        self.done = lambda_.Invocation(
            name,
            function_name=function.name,
            input=pulumi.Output.json_dumps(
                {
                    "cluster": site.cluster.cluster_name,
                    "taskDefinition": definition.arn,
                    "subnets": list(network.server_subnet_ids),
                    "securityGroups": [network.security_groups["bootstrap"]],
                    "assignPublicIp": network.assigns_public_ip,
                    "logGroup": site.logs.group_names[BOOTSTRAP],
                }
            ),
            triggers=tasks.revisions(args.references),
            opts=self._child,
        )
        self.register_outputs({})

    def _definition(self, args: ServerArgs, starter: Role) -> ecs.TaskDefinition:
        containers = [
            tasks.job_container(
                BOOTSTRAP,
                args,
                job.command(),
                tasks.log_configuration(self._site, BOOTSTRAP, BOOTSTRAP),
            )
        ]
        return ecs.TaskDefinition(
            self._name,
            family=self._name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(int(job.VCPUS * tasks.CPU_UNITS_PER_VCPU)),
            memory=str(job.MEMORY_MIB),
            execution_role_arn=starter.arn,
            container_definitions=pulumi.Output.json_dumps(containers),
            volumes=tasks.volumes(containers),
            opts=self._child,
        )

    def _function(self, starter: Role) -> lambda_.Function:
        logs = self._site.logs.group(self, f"{self._name}-function")
        return lambda_.Function(
            self._name,
            description=f"Runs the bootstrap of {self._name} and waits for it",
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=f"{_FUNCTION.stem}.handler",
            code=pulumi.AssetArchive(
                {_FUNCTION.name: pulumi.StringAsset(_FUNCTION.read_text(encoding="utf-8"))}
            ),
            timeout=job.TIMEOUT_SECONDS,
            memory_size=FUNCTION_MEMORY_MIB,
            role=self._function_role(starter, logs).arn,
            logging_config=lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=logs.name
            ),
            opts=self._child,
        )

    def _function_role(self, starter: Role, logs: cloudwatch.LogGroup) -> Role:
        place, cluster = self._site.place, self._site.cluster
        on_cluster = {"ArnEquals": {"ecs:cluster": cluster.planned_arn(place)}}
        return role(
            self,
            f"{self._name}-function",
            place,
            trust("lambda.amazonaws.com"),
            [
                Statement(
                    actions=("ecs:RunTask",),
                    resources=(place.arn("ecs", f"task-definition/{self._name}:*"),),
                    condition=on_cluster,
                ),
                Statement(
                    actions=("ecs:DescribeTasks",),
                    resources=(
                        cluster.cluster_name.apply(
                            lambda named: place.arn("ecs", f"task/{named}/*")
                        ),
                    ),
                    condition=on_cluster,
                ),
                Statement(
                    actions=("iam:PassRole",),
                    resources=(starter.planned_arn,),
                    condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                ),
                write_logs(
                    [logs.name.apply(lambda named: place.arn("logs", f"log-group:{named}"))]
                ),
            ],
        )
