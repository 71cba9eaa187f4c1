"""Reads what ECS runs: services and single runs of task definitions.

Where a definition leaves something out, ECS's own default holds (ECS API reference, the type that
is named). What cannot be run here is noted on its process and refused when it is to start.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.aws.live import secrets
from sandbox.cloud import CloudObject
from sandbox.live.spec import (
    OWN_NAMES,
    Command,
    Condition,
    Health,
    LiveError,
    Objects,
    Process,
    Registration,
    Run,
    Service,
)
from sandbox.values import Value

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
FUNCTION_CALL = "aws:lambda/invocation:Invocation"
SCHEDULE = "aws:scheduler/schedule:Schedule"

STOP_SECONDS = 30
"""ContainerDefinition, `stopTimeout`."""
MAXIMUM_PERCENT = 200
MINIMUM_PERCENT = 100
"""DeploymentConfiguration, of services that replace their copies one by one."""
FUNCTION_SECONDS = 900
"""Longest that a Lambda function may take (Lambda developer guide, "Lambda quotas")."""
SCHEDULED_SECONDS = 600
"""For a scheduled task, which nothing bounds: the longest that is waited here."""
BRIDGE_GATEWAY = "172.17.0.1"
"""The machine on Docker's default bridge (Docker manual, "Bridge network driver"): containers
there have addresses of their own, and reach each other by the ports that the machine publishes."""
_BRIDGE = "bridge"
_CONDITIONS: Mapping[str, Condition] = {
    "START": "started",
    "HEALTHY": "healthy",
    "COMPLETE": "ended",
    "SUCCESS": "succeeded",
}
"""ContainerDependency, `condition`."""


def services(objects: Objects) -> tuple[Service, ...]:
    """The services of the stack, in the order of their creation."""
    return tuple(
        Service(
            name=str(item.name or item.get("name")),
            processes=task(objects, str(item.get("taskDefinition"))),
            copies=int(item.get("desiredCount") or 0),
            registrations=tuple(
                Registration(
                    container=entry["containerName"],
                    port=int(entry["containerPort"]),
                    group=entry["targetGroupArn"],
                )
                for entry in item.get("loadBalancers") or ()
            ),
            maximum_percent=_number(item.get("deploymentMaximumPercent"), MAXIMUM_PERCENT),
            minimum_percent=_number(item.get("deploymentMinimumHealthyPercent"), MINIMUM_PERCENT),
        )
        for item in objects.all(SERVICE)
    )


def _number(value: Value, default: int) -> int:
    # Zero is a value of its own: all copies may end before others start.
    return default if value is None else int(str(value))


def runs(objects: Objects) -> tuple[Run, ...]:
    """The tasks that `pulumi up` had run once, in their order: function calls that name a task."""
    return tuple(
        Run(
            name=item.name,
            processes=task(objects, inputs["taskDefinition"]),
            seconds=FUNCTION_SECONDS,
            attempts=1,
        )
        for item in objects.all(FUNCTION_CALL)
        if "taskDefinition" in (inputs := json.loads(str(item.get("input"))))
    )


def scheduled(objects: Objects) -> tuple[Run, ...]:
    """The tasks that EventBridge Scheduler starts, in the order of their creation."""
    return tuple(
        Run(
            name=item.name,
            processes=task(objects, parameters["taskDefinitionArn"]),
            seconds=SCHEDULED_SECONDS,
            attempts=1,
        )
        for item in objects.all(SCHEDULE)
        if item.get("state") != "DISABLED"
        and (parameters := item.get("target").get("ecsParameters"))
    )


def task(objects: Objects, arn: str) -> tuple[Process, ...]:
    """The containers of a task definition. Raises LiveError."""
    definition = objects.one(TASK_DEFINITION, "arn", arn)
    containers = json.loads(str(definition.get("containerDefinitions")))
    # On machines of one's own, a definition that names no network is on Docker's bridge
    # (RegisterTaskDefinition, `networkMode`).
    bridge = (definition.get("networkMode") or _BRIDGE) == _BRIDGE
    machine = _machine_folders(definition)
    return tuple(_process(objects, container, machine, bridge=bridge) for container in containers)


def _machine_folders(definition: CloudObject) -> Mapping[str, str]:
    """Volume -> folder of the machine, for those that have one."""
    return {
        volume["name"]: volume["hostPath"]
        for volume in definition.get("volumes") or ()
        if volume.get("hostPath")
    }


def value_of(objects: Objects, reference: str) -> str:
    """What a definition's `valueFrom` stands for. Raises LiveError.

    Secrets are named by their ARN, parameters by ARN or name (Secret, `valueFrom`).
    """
    service = reference.split(":")[2] if reference.startswith("arn:") else "ssm"
    read = secrets.parameter if service == "ssm" else secrets.secret
    return read(objects, reference)


def _process(
    objects: Objects, container: Mapping[str, Any], machine: Mapping[str, str], *, bridge: bool
) -> Process:
    environment = {item["name"]: item["value"] for item in container.get("environment", ())}
    for item in container.get("secrets", ()):
        environment[item["name"]] = value_of(objects, item["valueFrom"])
    ports: Sequence[Mapping[str, Any]] = container.get("portMappings", ())
    return Process(
        name=container["name"],
        image=container["image"],
        command=(*container.get("entryPoint", ()), *container.get("command", ())),
        environment=environment,
        working_directory=container.get("workingDirectory", ""),
        folders={
            mount["containerPath"]: machine.get(mount["sourceVolume"], mount["sourceVolume"])
            for mount in container.get("mountPoints", ())
        },
        ports=tuple(mapping["containerPort"] for mapping in ports),
        health=_health(container.get("healthCheck")),
        stop_seconds=container.get("stopTimeout", STOP_SECONDS),
        after={
            item["containerName"]: _CONDITIONS[item["condition"]]
            for item in container.get("dependsOn", ())
        },
        neighbours=(BRIDGE_GATEWAY,) if bridge else OWN_NAMES,
        refused=tuple(_moved(ports)) if bridge else (),
    )


def _moved(ports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Ports that the machine publishes under another number; 0 is any (PortMapping)."""
    for mapping in ports:
        inside, outside = mapping["containerPort"], mapping.get("hostPort", 0)
        if outside not in (0, inside):
            yield f"port {inside} published as {outside}"


def _health(check: Mapping[str, Any] | None) -> Health | None:
    """Defaults: HealthCheck."""
    if check is None:
        return None
    command: Sequence[str] = check["command"]
    if command[0] != "CMD":
        raise LiveError(f"a health check must begin with CMD, not {command[0]}")
    return Health(
        question=Command(words=tuple(command[1:])),
        interval_seconds=check.get("interval", 30),
        timeout_seconds=check.get("timeout", 5),
        retries=check.get("retries", 3),
        start_seconds=check.get("startPeriod", 0),
    )
