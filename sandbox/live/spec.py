"""What is to run, in the words of no cloud: processes, their secrets resolved, and addresses.

Read from the objects that the sandbox holds, as the engine created them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.cloud import CloudObject

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
FUNCTION_CALL = "aws:lambda/invocation:Invocation"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type
PARAMETER = "aws:ssm/parameter:Parameter"

DEFAULT_STOP_SECONDS = 30
"""ECS's own `stopTimeout` (ECS API reference, ContainerDefinition)."""
OWN_ADDRESSES = ("0.0.0.0", "127.0.0.1")  # noqa: S104 - looked for, not bound
"""What a container calls itself."""


class LiveError(Exception):
    """The data plane cannot run what the stack asks for; the message says what and why."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a process is asked whether it is well."""

    command: tuple[str, ...]
    interval_seconds: float
    timeout_seconds: float
    retries: int
    """Bad answers in a row after which it is unhealthy."""
    start_seconds: float
    """In the beginning bad answers do not count."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """One container, to be run as a process."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    """All of it, secrets included."""
    working_directory: str
    """In the container; empty for the image's own."""
    folders: Mapping[str, str]
    """Where a volume is mounted in the container -> the volume's name."""
    ports: tuple[int, ...]
    health: Health | None
    stop_seconds: float
    """From SIGTERM to SIGKILL."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A container's port that a load balancer sends requests to."""

    container: str
    port: int
    group: str
    """ARN of the target group."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Copies of a task that are kept running."""

    name: str
    processes: tuple[Process, ...]
    copies: int
    registrations: tuple[Registration, ...]


class Objects:
    """The objects of one stack, looked up by what they are called."""

    def __init__(self, objects: Iterable[CloudObject]) -> None:
        self._objects = tuple(objects)

    def all(self, type_token: str) -> tuple[CloudObject, ...]:
        """The objects of a type, in the order of their creation."""
        return tuple(item for item in self._objects if item.type == type_token)

    def one(self, type_token: str, attribute: str, value: object) -> CloudObject:
        """The object of that type whose attribute has that value. Raises LiveError."""
        for item in self.all(type_token):
            if item.get(attribute) == value:
                return item
        raise LiveError(f"the stack has no {type_token} whose {attribute} is {value}")

    def value_of(self, reference: str) -> str:
        """What a task definition's `valueFrom` stands for. Raises LiveError.

        Secrets are named by their ARN, whole or without the six characters that Secrets Manager
        adds (ECS developer guide, "Pass Secrets Manager secrets"); parameters by ARN.
        """
        service = reference.split(":")[2] if reference.startswith("arn:") else "ssm"
        if service == "ssm":
            for item in self.all(PARAMETER):
                if reference in (item.get("arn"), item.get("name")):
                    return str(item.get("insecureValue") or item.get("value"))
            raise LiveError(f"no parameter of the stack is called {reference}")
        arns = {str(item.get("arn")) for item in self.all(SECRET)}
        named = {arn for arn in arns if reference in (arn, arn.rpartition("-")[0])}
        for version in reversed(self.all(SECRET_VERSION)):
            if version.get("secretId") in named and "AWSCURRENT" in version.get("versionStages"):
                return str(version.get("secretString"))
        raise LiveError(f"no secret of the stack with a current version is called {reference}")


class Addresses:
    """Loopback addresses, one for each host name, so that every port is the stack's own.

    Linux answers on all of 127.0.0.0/8 without set-up.
    """

    _LAST = 254

    def __init__(self, network: str) -> None:
        """`network`: the first three numbers, such as `127.77.3`."""
        self._network = network
        self._numbers: dict[str, int] = {}

    def of(self, host: str) -> str:
        """The address of a host, always the same for the same order of questions."""
        number = self._numbers.setdefault(host, len(self._numbers) + 1)
        if number > self._LAST:
            raise LiveError(f"more than {self._LAST} hosts on the network {self._network}.0/24")
        return f"{self._network}.{number}"

    @property
    def known(self) -> Mapping[str, str]:
        """Host name -> address."""
        return {host: self.of(host) for host in self._numbers}

    def resolved(self, text: str) -> str:
        """The text with known host names replaced: what name resolution does in the cloud.

        The longest first, for one name can be the beginning of another.
        """
        for host in sorted(self._numbers, key=len, reverse=True):
            text = text.replace(host, self.of(host))
        return text


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
        )
        for item in objects.all(SERVICE)
    )


def runs(objects: Objects) -> tuple[tuple[Process, ...], ...]:
    """The tasks that `pulumi up` had run once, in their order: function calls that name a task."""
    inputs = [json.loads(str(item.get("input"))) for item in objects.all(FUNCTION_CALL)]
    return tuple(
        task(objects, each["taskDefinition"]) for each in inputs if "taskDefinition" in each
    )


def task(objects: Objects, arn: str) -> tuple[Process, ...]:
    """The containers of a task definition. Raises LiveError."""
    definition = objects.one(TASK_DEFINITION, "arn", arn)
    containers = json.loads(str(definition.get("containerDefinitions")))
    return tuple(_process(objects, container) for container in containers)


def _process(objects: Objects, container: Mapping[str, Any]) -> Process:
    environment = {item["name"]: item["value"] for item in container.get("environment", ())}
    for item in container.get("secrets", ()):
        environment[item["name"]] = objects.value_of(item["valueFrom"])
    return Process(
        name=container["name"],
        image=container["image"],
        command=tuple(container.get("command", ())),
        environment=environment,
        working_directory=container.get("workingDirectory", ""),
        folders={
            mount["containerPath"]: mount["sourceVolume"]
            for mount in container.get("mountPoints", ())
        },
        ports=tuple(mapping["containerPort"] for mapping in container.get("portMappings", ())),
        health=_health(container.get("healthCheck")),
        stop_seconds=container.get("stopTimeout", DEFAULT_STOP_SECONDS),
    )


def _health(check: Mapping[str, Any] | None) -> Health | None:
    """Defaults: ECS API reference, HealthCheck."""
    if check is None:
        return None
    command: Sequence[str] = check["command"]
    if command[0] != "CMD":
        raise LiveError(f"a health check must begin with CMD, not {command[0]}")
    return Health(
        command=tuple(command[1:]),
        interval_seconds=check.get("interval", 30),
        timeout_seconds=check.get("timeout", 5),
        retries=check.get("retries", 3),
        start_seconds=check.get("startPeriod", 0),
    )
