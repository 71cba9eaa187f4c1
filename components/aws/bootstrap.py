"""Bootstrap: one task, run to its end before any server starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
from pulumi_aws import ecs, lambda_

from components.aws.containers import (
    CPU_UNITS_PER_VCPU,
    definitions,
    log_configuration,
    references,
    revisions,
)
from components.aws.iam import allow, document, execution_role, service_role
from components.aws.site import Site
from components.letta import bootstrap
from components.roles import ServerArgs

RUNTIME = "python3.13"
FUNCTION_MEMORY_MIB = 256

_CODE = Path(__file__).with_name("run_once.py")


class Bootstrap(pulumi.ComponentResource):
    """Prepares the database (requirement V1): a Fargate task in the servers' image, started and
    awaited by a function, which the engine calls. It runs again when the task definition (image,
    script) or a value that it reads has changed, and can do so harmlessly."""

    done: pulumi.Resource
    """What a tier depends on, so that it starts afterwards."""

    def __init__(
        self, name: str, server: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:aws:Bootstrap", name, {"image": server.image}, opts)
        child = pulumi.ResourceOptions(parent=self)
        stream = "bootstrap"
        task_role = execution_role(self, f"{name}-task", site, server.references, [stream])
        task = ecs.TaskDefinition(
            name,
            family=name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(bootstrap.VCPUS * CPU_UNITS_PER_VCPU),
            memory=str(bootstrap.MEMORY_MIB),
            execution_role_arn=task_role.arn,
            container_definitions=definitions(
                [
                    {
                        "name": stream,
                        "image": server.image,
                        "essential": True,
                        "command": list(bootstrap.command()),
                        "environment": [
                            {"name": variable, "value": value}
                            for variable, value in sorted(server.environment.items())
                        ],
                        "secrets": references(server.references),
                        "linuxParameters": {"initProcessEnabled": True},
                        "logConfiguration": log_configuration(site, stream),
                    }
                ]
            ),
            opts=child,
        )
        function = self._function(name, site, task_role.name)
        self.done = lambda_.Invocation(
            name,
            function_name=function.name,
            input=pulumi.Output.json_dumps(_run_task(site, task)),
            triggers=revisions(server.references),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[site.cluster.attached]),
        )
        self.register_outputs({})

    def _function(
        self, name: str, site: Site, task_role_name: pulumi.Output[str]
    ) -> lambda_.Function:
        """The function that runs the task, and may do nothing else."""
        child = pulumi.ResourceOptions(parent=self)
        group = site.logs.group(self, f"{name}-fn")
        place = site.place

        def policy(known: dict[str, Any]) -> str:
            cluster = known["cluster"]
            return document(
                [
                    allow(
                        ["ecs:RunTask"],
                        [place.arn("ecs", f"task-definition/{name}:*")],
                        {"ArnEquals": {"ecs:cluster": place.arn("ecs", f"cluster/{cluster}")}},
                    ),
                    allow(["ecs:DescribeTasks"], [place.arn("ecs", f"task/{cluster}/*")]),
                    allow(
                        ["iam:PassRole"],
                        [f"arn:{place.partition}:iam::{place.account}:role/{known['role']}"],
                        {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                    ),
                    allow(
                        ["logs:CreateLogStream", "logs:PutLogEvents"],
                        [place.arn("logs", f"log-group:{known['group']}:*")],
                    ),
                ]
            )

        known = pulumi.Output.all(
            cluster=site.cluster.cluster_name, role=task_role_name, group=group.name
        )
        role = service_role(self, f"{name}-fn", "lambda.amazonaws.com", known.apply(policy))
        return lambda_.Function(
            name,
            runtime=RUNTIME,
            handler=f"{_CODE.stem}.handler",
            code=pulumi.AssetArchive({_CODE.name: pulumi.FileAsset(str(_CODE))}),
            role=role.arn,
            memory_size=FUNCTION_MEMORY_MIB,
            timeout=bootstrap.TIMEOUT_SECONDS,
            logging_config=lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=group.name
            ),
            opts=child,
        )


def _run_task(site: Site, task: ecs.TaskDefinition) -> dict[str, Any]:
    """The call of ecs:RunTask."""
    network = site.network
    return {
        "cluster": site.cluster.arn,
        "taskDefinition": task.arn,
        "launchType": "FARGATE",
        "count": 1,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(network.server_subnet_ids),
                "securityGroups": [network.security_groups["bootstrap"]],
                "assignPublicIp": "ENABLED" if network.assigns_public_ip else "DISABLED",
            }
        },
    }
