"""Container definitions: the JSON in which ECS is told what to run.

Everything in them is known at preview, so that policies can read it: see `Reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws import ecs

from components.aws.site import Site
from components.letta.environment import (
    PORT,
    SERVER_COMMAND,
    STOP_TIMEOUT_SECONDS,
)
from components.roles import Reference, ServerArgs, SidecarArgs

SERVER = "server"
"""Name of the server's container."""
CPU_UNITS_PER_VCPU = 1024
"""How ECS counts CPU."""
LOG_BUFFER = "4m"
"""Log lines kept in memory while CloudWatch is slow; beyond it they are dropped, since a
server must not stand still for its log."""

_WORK = "/work"
_WRITABLE = {"work": _WORK, "home": "/home/letta", "tmp": "/tmp"}  # noqa: S108
"""Volume -> path. The server writes its API schema into the work directory and its
configuration into the home directory, and ends if it cannot."""

Definition = Mapping[str, Any]


def server_container(
    site: Site,
    args: ServerArgs,
    *,
    stream: str,
    cpu_units: int,
    memory_mib: int,
    host_port: int | None = None,
) -> Definition:
    """The server itself, started past the image's start script, which would migrate.

    `host_port`: port of the machine, where the container has no address of its own.
    """
    mapping: dict[str, Any] = {"containerPort": PORT, "protocol": "tcp"}
    if host_port is not None:
        mapping["hostPort"] = host_port
    return {
        "name": SERVER,
        "image": args.image,
        "essential": True,
        "cpu": cpu_units,
        "memory": memory_mib,
        "command": list(SERVER_COMMAND),
        "workingDirectory": _WORK,
        "environment": _variables(
            {**args.environment, "HOME": _WRITABLE["home"], "TMPDIR": _WRITABLE["tmp"]}
        ),
        "secrets": references(args.references),
        "portMappings": [mapping],
        "readonlyRootFilesystem": True,
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in _WRITABLE.items()
        ],
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "stopTimeout": STOP_TIMEOUT_SECONDS,
        "logConfiguration": log_configuration(site, stream),
    }


def sidecar_container(site: Site, args: SidecarArgs, *, stream: str) -> Definition:
    """A container beside the server, reached through a port of the machine."""
    return {
        "name": args.name,
        "image": args.image,
        "essential": True,
        "memory": args.memory_mib,
        "command": list(args.command),
        "portMappings": [{"containerPort": args.port, "hostPort": args.port, "protocol": "tcp"}],
        "logConfiguration": log_configuration(site, stream),
    }


def references(found: Mapping[str, Reference]) -> list[Mapping[str, Any]]:
    """Variables that ECS resolves when it starts the container."""
    return [
        {"name": variable, "valueFrom": reference.name}
        for variable, reference in sorted(found.items())
    ]


def log_configuration(site: Site, stream: str) -> Mapping[str, Any]:
    """Logs to the group of `stream`, without ever blocking the container."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": site.logs.group_names[stream],
            "awslogs-region": site.region,
            "awslogs-stream-prefix": stream,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }


def definitions(containers: Sequence[Definition]) -> pulumi.Output[str]:
    """The JSON of a task definition."""
    return pulumi.Output.json_dumps(list(containers))


def writable_volumes() -> list[ecs.TaskDefinitionVolumeArgs]:
    """Empty volumes of the task, gone with it."""
    return [ecs.TaskDefinitionVolumeArgs(name=volume) for volume in _WRITABLE]


def revisions(found: Mapping[str, Reference]) -> dict[str, pulumi.Output[str]]:
    """What changes with the referenced values: a service with these as triggers starts after
    the values are stored, and again after a rotation."""
    return {variable: reference.revision for variable, reference in sorted(found.items())}


def _variables(environment: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(environment.items())]
