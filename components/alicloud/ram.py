"""RAM: roles and users of the stack, and what each may do."""

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
CUSTOM = "Custom"
STACK_TAG = "letta:stack"
"""Tag of every resource of a stack (`infra/stack.py`)."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something that a role may do."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    """Known at preview, so that rules can read them."""
    condition: Mapping[str, Mapping[str, str]] | None = None


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


def may_use_key(place: Place, actions: Sequence[str]) -> Statement:
    """Use of the stack's key, by its tag: its id is the cloud's to choose."""
    return Statement(
        actions=actions,
        resources=(place.arn("kms", "key/*", place.region),),
        condition={"StringEquals": {f"kms:tag/{STACK_TAG}": place.tags[STACK_TAG]}},
    )


def role(
    parent: pulumi.Resource,
    name: str,
    place: Place,
    trust: str,
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
    attached = ram.RolePolicyAttachment(
        name,
        role_name=made.role_name,
        policy_name=_policy(parent, name, place, statements),
        policy_type=CUSTOM,
        opts=child,
    )
    return Role(arn=place.role(named), ready=attached)


def user_key(
    parent: pulumi.Resource, name: str, place: Place, statements: Sequence[Statement]
) -> tuple[ram.AccessKey, pulumi.Resource]:
    """Make a user who has no password, and a key of theirs; with what gives it its rights."""
    child = pulumi.ResourceOptions(parent=parent)
    user = ram.User(
        name,
        name=place.unique(name),
        display_name=place.unique(name),
        comments=f"Key of {name}",
        tags=place.tags,
        opts=child,
    )
    attached = ram.UserPolicyAttachment(
        name,
        user_name=user.name,
        policy_name=_policy(parent, name, place, statements),
        policy_type=CUSTOM,
        opts=child,
    )
    key = ram.AccessKey(
        name,
        user_name=user.name,
        status="Active",
        opts=pulumi.ResourceOptions(parent=parent, additional_secret_outputs=["secret"]),
    )
    return key, attached


def _policy(
    parent: pulumi.Resource, name: str, place: Place, statements: Sequence[Statement]
) -> pulumi.Output[str]:
    written: list[Mapping[str, Any]] = [
        {
            "Action": list(each.actions),
            "Effect": "Allow",
            "Resource": list(each.resources),
            **({"Condition": each.condition} if each.condition else {}),
        }
        for each in statements
    ]
    policy = ram.Policy(
        name,
        policy_name=place.unique(name),
        policy_document=pulumi.Output.json_dumps({"Statement": written, "Version": VERSION}),
        description=f"What {name} may do",
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.policy_name
