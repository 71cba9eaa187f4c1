"""Access: policy documents as data, and the roles that bear them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam

from components.aws.place import Place

VERSION = "2012-10-17"

UNSCOPABLE = frozenset(
    {
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeAddresses",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcs",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        "ecs:DiscoverPollEndpoint",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    }
)
"""Actions that this package grants on every resource, because they take none (Service
Authorization Reference, "Actions defined by Amazon EC2", "… EC2 Auto Scaling", "… Elastic
Container Service", "… Elastic Load Balancing V2")."""

Condition = Mapping[str, Mapping[str, pulumi.Input[str]]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is allowed, on what, and when."""

    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...]
    """ARNs made from names that are known at preview, so that policies can read them."""
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role that is there, with its rights, for whoever uses one of these outputs."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    planned_name: pulumi.Output[str]
    """The name, known at preview; waits for nothing."""
    planned_arn: pulumi.Output[str]
    """The ARN as it follows from the role's name, known at preview; waits for nothing."""


def tasks(place: Place) -> str:
    """Trust in ECS tasks of this account and no other (ECS developer guide, "Task execution IAM
    role", confused deputy)."""
    return trust(
        "ecs-tasks.amazonaws.com",
        {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": place.arn("ecs", "*")},
        },
    )


def trust(
    service: str,
    condition: Condition | None = None,
    *,
    actions: tuple[str, ...] = ("sts:AssumeRole",),
) -> str:
    """The document by which a service of AWS may take a role."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions[0] if len(actions) == 1 else list(actions),
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": VERSION, "Statement": [statement]})


def document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """The statements as JSON."""
    return pulumi.Output.json_dumps(
        {"Version": VERSION, "Statement": [_statement(each) for each in statements]}
    )


def _statement(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
    }
    return {**found, "Condition": statement.condition} if statement.condition else found


def role(
    parent: pulumi.Resource,
    name: str,
    place: Place,
    trusted: str,
    statements: Sequence[Statement],
) -> Role:
    """Make a role that is trusted with these statements and nothing else."""
    opts = pulumi.ResourceOptions(parent=parent)
    made = iam.Role(name, assume_role_policy=trusted, opts=opts)
    policy = iam.RolePolicy(name, role=made.name, policy=document(statements), opts=opts)
    return _with_rights(made, place, [policy.id])


def service_role(
    parent: pulumi.Resource,
    name: str,
    place: Place,
    trusted: str,
    policies: Sequence[str],
    statements: Sequence[Statement] = (),
) -> Role:
    """Make a role for a program of AWS's own, with AWS's own policies for it, by name, and what
    else the statements say."""
    opts = pulumi.ResourceOptions(parent=parent)
    made = iam.Role(name, assume_role_policy=trusted, opts=opts)
    attached = [
        iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('/')[2]}",
            role=made.name,
            policy_arn=f"arn:{place.partition}:iam::aws:policy/{policy}",
            opts=opts,
        ).id
        for policy in policies
    ]
    if statements:
        own = iam.RolePolicy(name, role=made.name, policy=document(statements), opts=opts)
        attached.append(own.id)
    return _with_rights(made, place, attached)


def _with_rights(made: iam.Role, place: Place, rights: Sequence[pulumi.Output[str]]) -> Role:
    def armed(output: pulumi.Output[str]) -> pulumi.Output[str]:
        return pulumi.Output.all(output, *rights).apply(lambda values: str(values[0]))

    return Role(
        arn=armed(made.arn),
        name=armed(made.name),
        planned_name=made.name,
        planned_arn=made.name.apply(
            lambda named: f"arn:{place.partition}:iam::{place.account}:role/{named}"
        ),
    )


def write_logs(group_arns: Sequence[pulumi.Input[str]]) -> Statement:
    """The right to write to log groups."""
    return Statement(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=tuple(pulumi.Output.concat(arn, ":*") for arn in group_arns),
    )
