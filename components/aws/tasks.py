"""Tasks: container definitions and the role that starts them.

Definitions are made of names that are known at preview, so the whole text is, and policies can
read every variable, command and limit in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws import ecs

from components.args.base import Architecture
from components.aws.iam import Role, Statement, role, tasks, write_logs
from components.aws.site import Site
from components.letta.environment import (
    HEALTH_PATH,
    HOME,
    PORT,
    SERVER_COMMAND,
    STARTUP_SECONDS,
    STOP_TIMEOUT_SECONDS,
    WORK,
)
from components.roles import Reference, ServerArgs, SidecarArgs

CPU_UNITS_PER_VCPU = 1024
SERVER = "server"
"""Name of the container that answers on `PORT`."""
FOLDERS = {"home": HOME, "work": WORK, "tmp": "/tmp"}  # noqa: S108  (a mount point of its own)
"""Volume -> mount point. All else in a container is read-only."""
LOG_BUFFER = "25m"
"""Log lines kept while CloudWatch is slow; beyond it lines are dropped, and the server never
waits for its log."""

TCP_RETRIES = 8
"""`net.ipv4.tcp_retries2`, how often what is not acknowledged is sent again. A database that fails
over can leave connections that stay silent in the servers' pool: the server itself sets no limit,
and by the kernel's 15 they would hang for a quarter of an hour, longer than the load balancer
waits. With 8 they fail after 107 s (measured on Linux); RFC 1122 asks for 100 at least."""

_HEALTH_CHECK = (
    f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}{HEALTH_PATH}', timeout=4)"
)

Definition = dict[str, Any]


def server_container(
    args: ServerArgs, vcpus: float, memory_mib: int, logs: Definition
) -> Definition:
    """The server, started directly: it never migrates."""
    return {
        **_letta(args, FOLDERS, logs),
        "name": SERVER,
        "command": list(SERVER_COMMAND),
        "workingDirectory": WORK,
        "cpu": int(vcpus * CPU_UNITS_PER_VCPU),
        "memory": memory_mib,
        "portMappings": [{"containerPort": PORT, "hostPort": PORT, "protocol": "tcp"}],
        "stopTimeout": STOP_TIMEOUT_SECONDS,
        "systemControls": [{"namespace": "net.ipv4.tcp_retries2", "value": str(TCP_RETRIES)}],
        "healthCheck": {
            "command": ["CMD", "python", "-c", _HEALTH_CHECK],
            "interval": 30,
            "timeout": 10,
            "retries": 3,
            "startPeriod": STARTUP_SECONDS,
        },
    }


def job_container(
    name: str, args: ServerArgs, command: Sequence[str], logs: Definition
) -> Definition:
    """A single run in the server's image, in the image's own work directory."""
    folders = {volume: path for volume, path in FOLDERS.items() if path != WORK}
    return {**_letta(args, folders, logs), "name": name, "command": list(command)}


def sidecar_container(args: SidecarArgs, logs: Definition) -> Definition:
    """A container beside the server, reached by the host's port."""
    return {
        "name": args.name,
        "image": args.image,
        "essential": True,
        "command": list(args.command),
        "memory": args.memory_mib,
        "readonlyRootFilesystem": True,
        "portMappings": [{"containerPort": args.port, "hostPort": args.port, "protocol": "tcp"}],
        "logConfiguration": logs,
    }


def _letta(args: ServerArgs, folders: Mapping[str, str], logs: Definition) -> Definition:
    environment = {**args.environment, "HOME": HOME}
    return {
        "image": args.image,
        "essential": True,
        "environment": [
            {"name": name, "value": value} for name, value in sorted(environment.items())
        ],
        "secrets": secrets(args.references),
        "readonlyRootFilesystem": True,
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in folders.items()
        ],
        "linuxParameters": {
            # Agents' tools run in here: they get no rights of root over the kernel, and the
            # processes that they leave behind are cleared away.
            "capabilities": {"drop": ["ALL"]},
            "initProcessEnabled": True,
        },
        "logConfiguration": logs,
    }


def secrets(references: Mapping[str, Reference]) -> list[Definition]:
    """The variables of a container that are fetched from the store when it starts."""
    return [
        {"name": name, "valueFrom": reference.name}
        for name, reference in sorted(references.items())
    ]


def log_configuration(site: Site, stream: str, prefix: str) -> Definition:
    """Where a container logs to. `stream`: key of the site's log groups."""
    return logs_to(site, site.logs.group_names[stream], prefix)


def logs_to(site: Site, group: pulumi.Output[str], prefix: str) -> Definition:
    """The same for a log group by its name."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": group,
            "awslogs-region": site.region,
            "awslogs-stream-prefix": prefix,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }


def platform(architecture: Architecture) -> ecs.TaskDefinitionRuntimePlatformArgs | None:
    """What a task must run on; without it a task is for x86_64 (ECS developer guide, "Specifying
    the ARM architecture in an Amazon ECS task definition")."""
    if architecture == "x86_64":
        return None
    return ecs.TaskDefinitionRuntimePlatformArgs(
        cpu_architecture="ARM64", operating_system_family="LINUX"
    )


def volumes(containers: Sequence[Definition]) -> list[ecs.TaskDefinitionVolumeArgs]:
    """The volumes that containers mount, empty when a task starts and gone with it."""
    names = [mount["sourceVolume"] for each in containers for mount in each.get("mountPoints", ())]
    return [ecs.TaskDefinitionVolumeArgs(name=name) for name in dict.fromkeys(names)]


def execution_role(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    references: Mapping[str, Reference],
    log_groups: Sequence[pulumi.Output[str]],
) -> Role:
    """The role by which ECS starts containers: it reads what they refer to and opens their
    logs, whose groups are given by ARN. It is not the containers' own."""
    place = site.place
    decrypt = Statement(
        actions=("kms:Decrypt",),
        # The key's id is not known at preview, its alias is.
        resources=(place.arn("kms", "key/*"),),
        condition={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": site.secrets.key_alias},
            "StringEquals": {"kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"},
        },
    )
    statements = [
        Statement(
            # Each action takes the ARNs of its own store and ignores the others.
            actions=("secretsmanager:GetSecretValue", "ssm:GetParameters"),
            resources=tuple(each.readable for _, each in sorted(references.items())),
        ),
        decrypt,
        write_logs(log_groups),
    ]
    return role(parent, name, place, tasks(place), statements)


def revisions(references: Mapping[str, Reference]) -> dict[str, pulumi.Output[str]]:
    """What to start anew for: the revision of every value that is referred to."""
    return {name: reference.revision for name, reference in sorted(references.items())}
