"""Container definitions, which ECS refuses when they are malformed.

Shape from botocore's model of the API; what goes together from the parameter descriptions of
`RegisterTaskDefinition` in the ECS API reference and "Task definition parameters" in the developer
guide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sandbox import paths
from sandbox.aws.cloud import AwsCloud
from sandbox.aws.shapes import shape
from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.validation import Typing
from sandbox.values import Value

_PROPERTY: Final = "containerDefinitions"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_MIN_MEMORY_MIB: Final = 6
_MAX_PORT: Final = 65535
_MAX_FARGATE_STOP_SECONDS: Final = 120
_CONDITIONS: Final = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
_HEALTH_LIMITS: Final = {
    "interval": (5, 300),
    "timeout": (2, 120),
    "retries": (1, 10),
    "startPeriod": (0, 300),
}
# Parameters that a task on Fargate must not have (developer guide, "Task definition parameters for
# Fargate").
_NOT_ON_FARGATE: Final = (
    "linuxParameters.devices",
    "linuxParameters.maxSwap",
    "linuxParameters.sharedMemorySize",
    "linuxParameters.swappiness",
    "linuxParameters.tmpfs",
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "extraHosts",
    "links",
    "privileged",
)
_FARGATE_CAPABILITIES: Final = frozenset({"SYS_PTRACE"})

Container = Mapping[str, Value]


def definitions(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Everything wrong with the containers of a task definition, by themselves and together."""
    document = paths.load_json(properties[_PROPERTY])
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        yield _problem("ClientException: it must be a JSON list of container objects")
        return
    if not document:
        yield _problem("ClientException: Container list cannot be empty: give at least one")
        return
    shaped = list(_shape_reasons(document))
    for reason in shaped or _reasons(document, properties):
        yield _problem(f"ClientException: {reason}")


def _problem(reason: str) -> Problem:
    return Problem(_PROPERTY, reason)


def _shape_reasons(document: Sequence[Container]) -> Iterator[str]:
    schema = shape("container_definition.json")
    for index, container in enumerate(document):
        typing = Typing(schema, strict=True)
        typing.properties(container, (index,))
        yield from (problem.reason for problem in typing.problems)
        # The API's model marks neither as required; the service does require them.
        for name in ("name", "image"):
            if not container.get(name):
                yield f"[{index}]: Container.{name} should not be null or empty: it is missing"


def _reasons(document: Sequence[Container], properties: Properties) -> Iterator[str]:
    yield from _name_reasons(document)
    if all(container.get("essential") is False for container in document):
        yield "no container is essential: leave `essential` out of at least one"
    yield from _memory_reasons(document, properties)
    yield from _port_reasons(document, properties["networkMode"] or "bridge")
    yield from _order_reasons(document)
    on_fargate = "FARGATE" in (properties["requiresCompatibilities"] or ())
    volumes = {volume["name"] for volume in properties["volumes"] or ()}
    for container in document:
        name = container["name"]
        for reason in (
            *_environment_reasons(container),
            *_health_reasons(container),
            *_log_reasons(container, on_fargate=on_fargate),
            *_volume_reasons(container, volumes),
            *(_fargate_reasons(container) if on_fargate else ()),
        ):
            yield f"container {name!r}: {reason}"


def _name_reasons(document: Sequence[Container]) -> Iterator[str]:
    names = Counter(container["name"] for container in document)
    for name, count in names.items():
        if count > 1:
            yield f"Container name must be unique: {count} containers are called {name!r}"
        if not _NAME.fullmatch(name):
            yield (
                f"the container name {name!r} is not allowed: use up to 255 letters, digits, "
                "hyphens and underscores"
            )


def _memory_reasons(document: Sequence[Container], properties: Properties) -> Iterator[str]:
    task = _whole(properties["memory"])
    for container in document:
        name = container["name"]
        hard, soft = container.get("memory"), container.get("memoryReservation")
        if task is None and not hard and not soft:
            yield (
                f"Invalid setting for container {name!r}: at least one of 'memory' or "
                "'memoryReservation' must be specified, as the task has no memory"
            )
        for value in (hard, soft):
            if value is not None and value < _MIN_MEMORY_MIB:
                yield f"container {name!r} has {value} MiB: at least {_MIN_MEMORY_MIB} are needed"
        if hard and soft and soft > hard:
            yield f"container {name!r} reserves {soft} MiB, more than its limit of {hard}"
    for what, limit in (("memory", task), ("cpu", _whole(properties["cpu"]))):
        total = sum(container.get(what) or 0 for container in document)
        if limit is not None and total > limit:
            yield (
                f"the containers' {what} adds up to {total}, more than the task's {limit}: lower "
                "theirs, or raise the task's"
            )


def _whole(value: Value) -> int | None:
    """The task's CPU units or MiB; other notations ("1 vCPU") are left to the check of sizes."""
    return int(value) if isinstance(value, str) and value.isdigit() else None


def _port_reasons(document: Sequence[Container], network_mode: str) -> Iterator[str]:
    taken: dict[tuple[int, str], str] = {}
    for container in document:
        name = container["name"]
        for mapping in container.get("portMappings") or ():
            inside, host = mapping.get("containerPort"), mapping.get("hostPort")
            protocol = mapping.get("protocol", "tcp")
            if inside is None and not mapping.get("containerPortRange"):
                yield f"container {name!r}: a port mapping has no containerPort"
            for port in (inside, host):
                if port is not None and not 0 <= port <= _MAX_PORT:
                    yield f"container {name!r}: the port {port} is not in 0 to {_MAX_PORT}"
            if protocol not in ("tcp", "udp"):
                yield f"container {name!r}: the protocol {protocol!r} is neither tcp nor udp"
            shared = network_mode in ("awsvpc", "host")
            if shared and host not in (None, 0, inside):
                yield (
                    f"container {name!r}: with network mode {network_mode} the hostPort {host} "
                    f"must be the containerPort {inside}, or left out"
                )
            port = inside if shared else host
            if port and (holder := taken.setdefault((port, protocol), name)) != name:
                yield f"containers {holder!r} and {name!r} both want port {port}/{protocol}"
        if network_mode == "none" and container.get("portMappings"):
            yield f"container {name!r}: network mode none has no port mappings"


def _order_reasons(document: Sequence[Container]) -> Iterator[str]:
    by_name = {container["name"]: container for container in document}
    for container in document:
        name = container["name"]
        for dependency in container.get("dependsOn") or ():
            wanted, condition = dependency["containerName"], dependency["condition"]
            other = by_name.get(wanted)
            if other is None or wanted == name:
                yield f"container {name!r} depends on {wanted!r}, which is no other container"
            elif condition not in _CONDITIONS:
                yield f"container {name!r}: the condition {condition!r} is none of {_CONDITIONS}"
            elif condition == "HEALTHY" and not other.get("healthCheck"):
                yield f"container {name!r} waits until {wanted!r} is HEALTHY: it has no healthCheck"
            elif condition in ("COMPLETE", "SUCCESS") and other.get("essential", True):
                yield (
                    f"container {name!r} waits until {wanted!r} has ended ({condition}): that one "
                    "is essential, so the task would end with it"
                )
        for link in container.get("links") or ():
            if link.partition(":")[0] not in by_name:
                yield f"container {name!r} is linked to {link!r}, which is no container"
    if circle := _circle(by_name):
        yield f"the containers depend on each other in a circle: {' -> '.join(circle)}"


def _circle(by_name: Mapping[str, Container]) -> list[str]:
    finished: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in finished or name not in by_name:
            return []
        for dependency in by_name[name].get("dependsOn") or ():
            if found := visit(dependency["containerName"], [*way, name]):
                return found
        finished.add(name)
        return []

    return next((found for name in by_name if (found := visit(name, []))), [])


def _environment_reasons(container: Container) -> Iterator[str]:
    variables = [item.get("name") for item in container.get("environment") or ()]
    secrets = [item["name"] for item in container.get("secrets") or ()]
    for name, count in Counter([*variables, *secrets]).items():
        if count > 1:
            yield f"the variable {name!r} is set {count} times: keep one"
    for secret in container.get("secrets") or ():
        if not secret["valueFrom"]:
            yield f"the secret {secret['name']!r} has an empty valueFrom: give an ARN"


def _health_reasons(container: Container) -> Iterator[str]:
    health = container.get("healthCheck") or {}
    command = health.get("command")
    if command is not None and (not command or command[0] not in ("CMD", "CMD-SHELL", "NONE")):
        yield "a health check's command begins with CMD, CMD-SHELL or NONE"
    for name, (least, most) in _HEALTH_LIMITS.items():
        value = health.get(name)
        if value is not None and not least <= value <= most:
            yield f"the health check's {name} {value} is not in {least} to {most}"


def _log_reasons(container: Container, *, on_fargate: bool) -> Iterator[str]:
    logging = container.get("logConfiguration") or {}
    if logging.get("logDriver") != "awslogs":
        return
    options = logging.get("options") or {}
    needed = ["awslogs-group", "awslogs-region"]
    needed += ["awslogs-stream-prefix"] if on_fargate else []
    for name in needed:
        if not options.get(name):
            yield f"Log driver awslogs requires options: {name}"


def _volume_reasons(container: Container, volumes: set[str]) -> Iterator[str]:
    for mount in container.get("mountPoints") or ():
        source = mount.get("sourceVolume")
        if source not in volumes:
            yield f"Unknown volume {source!r}: the task has {', '.join(sorted(volumes)) or 'none'}"


def _fargate_reasons(container: Container) -> Iterator[str]:
    for path in _NOT_ON_FARGATE:
        if paths.get(dict(container), path):
            yield f"{path} is not supported on Fargate"
    added = set(paths.get(dict(container), "linuxParameters.capabilities.add") or ())
    for capability in sorted(added - _FARGATE_CAPABILITIES):
        yield f"the capability {capability} cannot be added on Fargate"
    stop = container.get("stopTimeout")
    if stop is not None and stop > _MAX_FARGATE_STOP_SECONDS:
        yield f"stopTimeout {stop} is above {_MAX_FARGATE_STOP_SECONDS}, the most on Fargate"
