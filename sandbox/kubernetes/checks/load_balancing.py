"""Pods as targets of load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items

_TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"


def target_group_exists(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """The target group must be there, with the same type of targets."""
    spec = properties["spec"]
    arn = spec.get("targetGroupARN")
    if arn is None:
        return
    group = cloud.find(_TARGET_GROUP, "arn", arn)
    if group is None:
        yield Problem(
            "spec",
            f"spec.targetGroupARN: TargetGroupNotFound: there is no target group {arn!r}: take the "
            "arn of one",
        )
        return
    kind = group.get("targetType") or "instance"
    if kind != spec.get("targetType", kind):
        yield Problem(
            "spec",
            f"spec.targetType: {spec['targetType']!r}, but the target group has {kind!r}: give "
            "both the same",
        )


def service_exists(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The Service must be there, with that port."""
    name, port = get(object_, "spec.serviceRef.name"), get(object_, "spec.serviceRef.port")
    service = cloud.named("core/v1:Service", get(object_, "metadata.namespace"), name)
    if service is None:
        yield Problem("spec", f'spec.serviceRef.name: services "{name}" not found')
        return
    ports = items(service.outputs, "spec.ports")
    known = [get(one, key) for one in ports for key in ("port", "name") if get(one, key)]
    if port not in known:
        yield Problem(
            "spec",
            f"spec.serviceRef.port: {port!r} is no port of Service {name}: use one of "
            f"{', '.join(map(str, known))}",
        )
