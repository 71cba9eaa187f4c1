"""RAM: roles of the stack, and what each may do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_alicloud import ram

from components.alicloud.place import Place

VERSION = "1"
"""Version of the language of policies (RAM user guide, "Policy elements")."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something that a role may do."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role and what gives it its rights."""

    arn: str
    """Resource name, known at preview."""
    ready: pulumi.Resource
    """There once the role has its rights."""


def of_service(service: str) -> str:
    """The document by which a service of the cloud takes a role on."""
    statement = {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"Service": [service]},
    }
    return json.dumps({"Statement": [statement], "Version": VERSION})


def role(
    parent: pulumi.Resource,
    name: str,
    place: Place,
    trust: pulumi.Input[str],
    statements: Sequence[Statement],
) -> Role:
    """Make a role whose name is the deployment's own. `trust`: who may take it on."""
    child = pulumi.ResourceOptions(parent=parent)
    named = place.unique(name)
    made = ram.Role(
        name,
        role_name=named,
        assume_role_policy_document=trust,
        description=f"Role of {name}",
        tags=place.tags,
        opts=child,
    )
    policy = ram.Policy(
        name,
        policy_name=named,
        policy_document=_document(statements),
        description=f"What the role of {name} may do",
        opts=child,
    )
    attached = ram.RolePolicyAttachment(
        name,
        role_name=made.role_name,
        policy_name=policy.policy_name,
        policy_type="Custom",
        opts=child,
    )
    return Role(arn=place.role(named), ready=attached)


def _document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    written: list[Mapping[str, Any]] = [
        {"Action": list(each.actions), "Effect": "Allow", "Resource": list(each.resources)}
        for each in statements
    ]
    return pulumi.Output.json_dumps({"Statement": written, "Version": VERSION})
