"""Scaling of services."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from sandbox.aws.checks import services
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_TARGET: Final = "aws:appautoscaling/target:Target"
_CONFIGURATIONS: Final = {
    "PredictiveScaling": "predictiveScalingPolicyConfiguration",
    "StepScaling": "stepScalingPolicyConfiguration",
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
}


def bounds(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The lower bound is not above the upper one."""
    least, most = properties["minCapacity"], properties["maxCapacity"]
    if least > most:
        yield Problem(
            "minCapacity",
            "ValidationException: Maximum capacity cannot be less than minimum capacity: "
            f"{most} is less than {least}",
        )


def resource_id(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A service is named service/<cluster name>/<service name>."""
    given = properties["resourceId"]
    if not re.fullmatch(r"service/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+", given):
        yield Problem(
            "resourceId",
            f"ValidationException: Unsupported service namespace, resource type or scalable "
            f"dimension: {given!r}; write service/<cluster name>/<service name>",
        )


def service_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """There is nothing to scale without the service."""
    if not services.exists(properties["resourceId"], cloud):
        yield Problem(
            "resourceId",
            f"ValidationException: ECS service doesn't exist: {properties['resourceId']}",
        )


def policy_has_its_configuration(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A policy has the configuration of its type and no other."""
    kind = properties["policyType"]
    for name, configuration in _CONFIGURATIONS.items():
        if (name == kind) != bool(properties[configuration]):
            yield Problem(
                configuration,
                f"ValidationException: a policy of type {kind} "
                f"{'needs it' if name == kind else 'does not take it'}",
            )
    tracking = properties["targetTrackingScalingPolicyConfiguration"] or {}
    predefined = tracking.get("predefinedMetricSpecification") or {}
    custom = tracking.get("customizedMetricSpecification")
    if tracking and bool(predefined) == bool(custom):
        yield Problem(
            "targetTrackingScalingPolicyConfiguration",
            "ValidationException: give predefinedMetricSpecification or "
            "customizedMetricSpecification, and only one of them",
        )
    metric, value = predefined.get("predefinedMetricType", ""), tracking.get("targetValue", 1)
    if metric.endswith("Utilization") and not 0 < value <= 100:
        yield Problem(
            "targetTrackingScalingPolicyConfiguration",
            f"ValidationException: the target value {value} is no percentage above 0 up to 100",
        )
    if metric == "ALBRequestCountPerTarget" and not predefined.get("resourceLabel"):
        yield Problem(
            "targetTrackingScalingPolicyConfiguration",
            "ValidationException: ALBRequestCountPerTarget needs a resourceLabel",
        )


def target_is_registered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A policy belongs to a scalable target."""
    registered = any(
        target.get("resourceId") == properties["resourceId"]
        and target.get("scalableDimension") == properties["scalableDimension"]
        for target in cloud.all(_TARGET)
    )
    if not registered:
        yield Problem(
            "resourceId",
            "ObjectNotFoundException: No scalable target registered for service namespace: "
            f"{properties['serviceNamespace']}, resource ID: {properties['resourceId']}, scalable "
            f"dimension: {properties['scalableDimension']}",
        )


def alarm_arns(properties: Properties, cloud: AwsCloud) -> list[str]:
    """Target tracking makes two alarms of its own."""
    if properties["policyType"] != "TargetTrackingScaling":
        return []
    digest = hashlib.sha256(f"{properties['name']}".encode()).hexdigest()
    prefix = f"arn:{cloud.partition}:cloudwatch:{cloud.region}:{cloud.account}:alarm:"
    return [
        f"{prefix}TargetTracking-{properties['resourceId']}-{alarm}-{digest[:8]}"
        for alarm in ("AlarmHigh", "AlarmLow")
    ]
