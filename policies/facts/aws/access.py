"""What policy documents allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.model import Grant
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_IDENTITY_POLICIES = (
    (types.POLICY, "policy"),
    (types.ROLE_POLICY, "policy"),
)
"""Documents that say what their bearer may do, and to which resources."""
_RESOURCE_POLICIES = (
    (types.ROLE, "assumeRolePolicy"),
    (types.KEY, "policy"),
    (types.BUCKET_POLICY, "policy"),
    (types.TOPIC_POLICY, "policy"),
    (types.QUEUE_POLICY, "policy"),
)
"""Documents that are part of what they are about, and say who may do what with it."""

SERVICE_POLICIES = frozenset(
    {
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "CloudWatchAgentServerPolicy",
        "service-role/AmazonEBSCSIDriverPolicy",
        "service-role/AmazonRDSEnhancedMonitoringRole",
    }
)
"""Policies that AWS writes for one program of its own and changes with that program's versions,
which are AWS's too: control plane, kubelet, and the add-ons for network, volumes, metrics and
database monitoring (AWS managed policy reference). Nothing of the stack's own bears them."""

UNSCOPABLE_ACTIONS = frozenset(
    {
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeTags",
        "ec2:DescribeVpcs",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        "ecr:GetAuthorizationToken",
        "ecs:DescribeTaskDefinition",
        "ecs:DiscoverPollEndpoint",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
)
"""Actions that take no resource (Service Authorization Reference: those without resource types)."""


def grants(graph: Graph) -> tuple[Grant, ...]:
    """Everything that the stack's policies allow."""
    return tuple(_all(graph))


def _all(graph: Graph) -> Iterator[Grant]:
    for kind, name in _IDENTITY_POLICIES:
        for resource in graph.of(kind):
            yield from _document(resource, resource.root, name, about_itself=False)
    for kind, name in _RESOURCE_POLICIES:
        for resource in graph.of(kind):
            yield from _document(resource, resource.root, name, about_itself=True)
    for role in graph.of(types.ROLE):
        if not role.root.left_out("inlinePolicies"):
            yield from _inline(role)
    for attachment in graph.of(types.POLICY_ATTACHMENT):
        if not graph.referred(attachment, "policyArn", types.POLICY):
            yield _foreign(attachment)


def _inline(role: Resource) -> Iterator[Grant]:
    entries: Any = derived(tuple, role.root.nodes("inlinePolicies"))
    if not isinstance(entries, tuple):
        yield entries
        return
    for entry in entries:
        yield from _document(role, entry, "policy", about_itself=False)


def _document(resource: Resource, node: Node, name: str, *, about_itself: bool) -> Iterator[Grant]:
    statements: Any = derived(lambda text: _statements(node, name, text), node.text(name))
    if not isinstance(statements, tuple):
        yield statements
        return
    for statement in statements:
        if statement.text("Effect") == "Allow":
            yield _grant(resource, statement, about_itself=about_itself)


def _statements(node: Node, name: str, text: str) -> tuple[Node, ...]:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or "Statement" not in parsed:
        return node.unreadable(name, "policy document")  # type: ignore[no-any-return]
    found = parsed["Statement"]
    return tuple(
        Node(node.resource, statement, f"{name}.Statement[{index}]")
        for index, statement in enumerate(found if isinstance(found, list) else [found])
    )


def _grant(resource: Resource, statement: Node, *, about_itself: bool) -> Grant:
    actions = statement.texts("Action")
    return Grant(
        name=resource.name,
        urn=resource.urn,
        actions=actions,
        everything_but=statement.given("NotAction") or statement.given("NotResource"),
        resources=() if about_itself else statement.texts("Resource"),
        unscopable=tuple(action for action in actions if action in UNSCOPABLE_ACTIONS),
        anyone=_anyone(statement),
        foreign="",
    )


def _anyone(statement: Node) -> bool:
    if statement.given("Condition"):
        return False
    kinds = ("AWS", "Service", "Federated", "CanonicalUser")
    if any(statement.given(f"Principal.{kind}") for kind in kinds):
        return "*" in statement.texts("Principal.AWS")
    return statement.text("Principal") == "*"


def _foreign(attachment: Resource) -> Grant:
    arn = attachment.root.text("policyArn")
    name = derived(lambda text: text.partition(":policy/")[2] or text, arn)
    return Grant(
        name=attachment.name,
        urn=attachment.urn,
        actions=(),
        everything_but=False,
        resources=(),
        unscopable=(),
        anyone=False,
        foreign=derived(lambda text: "" if text in SERVICE_POLICIES else text, name),
    )
