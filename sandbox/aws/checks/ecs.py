"""Clusters, capacity, and what a task definition needs around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.aws import catalog
from sandbox import paths
from sandbox.aws.checks import iam, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

CAPACITY_PROVIDER: Final = "aws:ecs/capacityProvider:CapacityProvider"
_GROUP: Final = "aws:autoscaling/group:Group"
_STORED: Final = "aws:secretsmanager/secret:Secret"
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_MIB_PER_GIB: Final = 1024
_UNITS_PER_VCPU: Final = 1024
_DEFAULTS: Final[Mapping[str, Any]] = {"cpu": 0, "essential": True}
"""What ECS fills into a container that leaves it out."""


def default_strategy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The default strategy uses only providers of the cluster."""
    held = properties["capacityProviders"] or []
    for strategy in properties["defaultCapacityProviderStrategies"] or []:
        if strategy["capacityProvider"] not in held:
            yield Problem(
                "defaultCapacityProviderStrategies",
                "InvalidParameterException: The default capacity provider strategy cannot contain "
                f"a capacity provider that is not associated with the cluster: "
                f"{strategy['capacityProvider']}",
            )


def group_fits_termination_protection(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Managed termination protection needs scale-in protection and managed scaling."""
    provider = properties["autoScalingGroupProvider"] or {}
    if provider.get("managedTerminationProtection") != "ENABLED":
        return
    if (provider.get("managedScaling") or {}).get("status") != "ENABLED":
        yield Problem(
            "autoScalingGroupProvider",
            "ClientException: Managed termination protection can only be enabled with managed "
            "scaling: set managedScaling.status to ENABLED",
        )
    group = cloud.find(_GROUP, "arn", provider["autoScalingGroupArn"])
    if group and not group.get("protectFromScaleIn"):
        yield Problem(
            "autoScalingGroupProvider",
            "ClientException: The managed termination protection setting for the capacity provider "
            f"is invalid. To enable it, the Auto Scaling group {group.id} must have instance "
            "protection from scale in enabled: set protectFromScaleIn",
        )


def group_has_no_other_provider(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An Auto Scaling group belongs to one capacity provider."""
    arn = properties.get("autoScalingGroupProvider.autoScalingGroupArn")
    for other in neighbours.others(CAPACITY_PROVIDER, properties, cloud):
        if arn and other.get("autoScalingGroupProvider.autoScalingGroupArn") == arn:
            yield Problem(
                "autoScalingGroupProvider",
                "ClientException: The specified Auto Scaling group ARN is already being used by "
                f"another capacity provider: {other.label}",
            )


def group_has_no_weights(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """ECS counts instances, and a weighted group does not."""
    arn = properties.get("autoScalingGroupProvider.autoScalingGroupArn")
    group = cloud.find(_GROUP, "arn", arn) if arn else None
    weighted = "mixedInstancesPolicy.launchTemplate.overrides[0].weightedCapacity"
    if group and group.get(weighted):
        yield Problem(
            "autoScalingGroupProvider",
            "ClientException: The specified Auto Scaling group has instance weights, which a "
            f"capacity provider does not support: leave weightedCapacity out of {group.label}",
        )


def same_containers(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two container definitions differ in nothing that ECS would see."""
    before = _normal(old.get("containerDefinitions"))
    return before is not None and before == _normal(new.get("containerDefinitions"))


def _normal(text: str | None) -> Any:  # noqa: ANN401 - JSON
    document = paths.load_json(text)
    if not isinstance(document, list):
        return None
    containers = [_normal_container(item) for item in document if isinstance(item, dict)]
    return sorted(containers, key=lambda item: str(item.get("name")))


def _normal_container(container: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in container.items()
        if value not in (None, [], {}) and value != _DEFAULTS.get(key)
    }
    for key in ("environment", "secrets"):
        if key in kept:
            kept[key] = sorted(kept[key], key=lambda item: json.dumps(item, sort_keys=True))
    return kept


def task_size(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A task for Fargate has one of its sizes, the mode awsvpc, and a role to start with."""
    for name in ("cpu", "memory"):
        if properties[name] is not None and _amount(properties[name]) is None:
            yield Problem(
                name,
                f"ClientException: Invalid '{name}' setting for task: {properties[name]!r}; "
                "write a whole number",
            )
            return
    if "FARGATE" not in (properties["requiresCompatibilities"] or []):
        return
    cpu, memory = _amount(properties["cpu"]), _amount(properties["memory"])
    if cpu is None or memory is None:
        yield Problem(
            "cpu",
            "ClientException: Fargate requires that 'cpu' and 'memory' be defined at the task "
            "level",
        )
    elif not catalog.fargate_size_valid(cpu, memory):
        yield Problem("cpu", _no_such_size(cpu, memory))
    if properties["networkMode"] != "awsvpc":
        yield Problem(
            "networkMode",
            "ClientException: Fargate only supports network mode 'awsvpc', not "
            f"{properties['networkMode'] or 'bridge'!r}",
        )
    if not properties["executionRoleArn"] and _needs_execution_role(properties):
        yield Problem(
            "executionRoleArn",
            "ClientException: Fargate requires task definition to have execution role ARN to "
            "support log driver awslogs and secrets",
        )


def _no_such_size(cpu: int, memory: int) -> str:
    if cpu not in catalog.FARGATE_SIZES:
        known = ", ".join(str(size) for size in catalog.FARGATE_SIZES)
        return (
            f"ClientException: Invalid 'cpu' setting for task: {cpu} is no size of Fargate: {known}"
        )
    sizes = catalog.FARGATE_SIZES[cpu]
    return (
        "ClientException: No Fargate configuration exists for given values: "
        f"{cpu} CPU, {memory} memory; with {cpu} CPU units the memory is {sizes[0]} to "
        f"{sizes[-1]} MiB, of {', '.join(str(size) for size in sizes[:4])}"
        f"{' …' if len(sizes) > 4 else ''}"
    )


def _amount(text: str | None) -> int | None:
    """`1024`, `1 vCPU`, `.5 vcpu` and `2 GB` in CPU units and MiB; None for anything else."""
    match = re.fullmatch(r"(?i)(\d*\.?\d+)\s*(vcpu|gb)?", (text or "").strip())
    if match is None or (not match[2] and "." in match[1]):
        return None
    return int(float(match[1]) * (_UNITS_PER_VCPU if match[2] else 1))


def _needs_execution_role(properties: Properties) -> bool:
    return any(
        container.get("secrets")
        or (container.get("logConfiguration") or {}).get("logDriver") == "awslogs"
        for container in containers(properties["containerDefinitions"])
    )


def containers(text: str) -> list[dict[str, Any]]:
    """The containers of a task definition; none when it is malformed, which others report."""
    document = paths.load_json(text)
    return [item for item in document if isinstance(item, dict)] if document else []


def secrets_exist(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Every `valueFrom` names a secret or a parameter that there is."""
    for container in containers(properties["containerDefinitions"]):
        for secret in container.get("secrets") or []:
            if not reference_exists(secret["valueFrom"], cloud):
                yield Problem(
                    "containerDefinitions",
                    "ResourceInitializationError: unable to pull secrets: "
                    f"{secret['name']} of container {container['name']!r} has the valueFrom "
                    f"{secret['valueFrom']}, and there is no such secret or parameter",
                )


def reference_exists(value_from: str, cloud: AwsCloud) -> bool:
    """Whether there is a secret or parameter of that ARN, a parameter of that name, or a secret of
    that ARN without its last six characters."""
    if ":secretsmanager:" in value_from:
        return secret_arn(value_from, cloud) is not None
    if ":ssm:" in value_from:
        return cloud.find(_PARAMETER, "arn", value_from) is not None
    return cloud.find(_PARAMETER, "name", value_from) is not None


def secret_arn(value_from: str, cloud: AwsCloud) -> str | None:
    """The whole ARN of the secret that a `valueFrom` names, a JSON key and version left out."""
    given = ":".join(value_from.split(":")[:7])
    return next(
        (
            secret.get("arn")
            for secret in cloud.all(_STORED)
            if given in (secret.get("arn"), secret.get("arn")[: -len("-abcdef")])
        ),
        None,
    )


def log_groups_exist(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Every awslogs group exists, unless the driver is to make it."""
    for container in containers(properties["containerDefinitions"]):
        options = (container.get("logConfiguration") or {}).get("options") or {}
        group = options.get("awslogs-group")
        if not group or str(options.get("awslogs-create-group")).lower() == "true":
            continue
        if cloud.find(_LOG_GROUP, "name", group) is None:
            yield Problem(
                "containerDefinitions",
                "ResourceInitializationError: failed to validate logger args: "
                f"The specified log group does not exist: {group} of container "
                f"{container['name']!r}",
            )


def roles_trust_tasks(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Both roles of a task must be for tasks."""
    for name in ("executionRoleArn", "taskRoleArn"):
        arn = properties[name]
        if arn and not iam.trusts(cloud, arn, "ecs-tasks"):
            yield Problem(
                name,
                f"ClientException: ECS was unable to assume the role '{arn}'. Please verify that "
                "the role being passed has the proper trust relationship: allow sts:AssumeRole to "
                "ecs-tasks.amazonaws.com",
            )
