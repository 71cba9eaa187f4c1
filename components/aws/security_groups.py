"""Security groups and their rules, made from a table of flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
from pulumi_aws import ec2, vpc

from components.aws.flows import Flow, groups

ANYWHERE = "0.0.0.0/0"

_End = tuple[str, str | None, pulumi.Output[str] | None]
"""Suffix of the rule's name, address range, group id: one of the last two."""


def security_groups(
    parent: pulumi.Resource,
    name: str,
    vpc_id: pulumi.Output[str],
    flows: tuple[Flow, ...],
    allowed_cidrs: tuple[str, ...],
) -> Mapping[str, pulumi.Output[str]]:
    """Make the groups of the flows, and let through just these. Returns group -> id."""
    opts = pulumi.ResourceOptions(parent=parent)
    ids: dict[str, pulumi.Output[str]] = {}
    for group in groups(flows):
        label = f"{name}-{group.replace('_', '-')}"
        ids[group] = ec2.SecurityGroup(
            label,
            vpc_id=vpc_id,
            description=f"{group.replace('_', ' ')} of {name}",
            tags={"Name": label},
            opts=opts,
        ).id

    def ends(end: str) -> Iterator[_End]:
        if end in ids:
            yield "", None, ids[end]
        elif end == "internet":
            yield "", ANYWHERE, None
        else:
            for cidr in allowed_cidrs:
                yield f"-{cidr}", cidr, None

    for flow in flows:
        first, last = flow.ports
        if flow.target in ids:
            for suffix, cidr, group_id in ends(flow.source):
                vpc.SecurityGroupIngressRule(
                    f"{name}-{flow.slug}{suffix}-in",
                    security_group_id=ids[flow.target],
                    cidr_ipv4=cidr,
                    referenced_security_group_id=group_id,
                    ip_protocol="tcp",
                    from_port=first,
                    to_port=last,
                    description=flow.reason,
                    opts=opts,
                )
        if flow.source in ids:
            for suffix, cidr, group_id in ends(flow.target):
                vpc.SecurityGroupEgressRule(
                    f"{name}-{flow.slug}{suffix}-out",
                    security_group_id=ids[flow.source],
                    cidr_ipv4=cidr,
                    referenced_security_group_id=group_id,
                    ip_protocol="tcp",
                    from_port=first,
                    to_port=last,
                    description=flow.reason,
                    opts=opts,
                )
    return ids
