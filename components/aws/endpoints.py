"""Endpoints: private ways to services of AWS that bypass NAT and are billed by the hour."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import ec2, vpc

from components.aws.flows import HTTPS_PORT


def logs_endpoint(
    parent: pulumi.Resource,
    name: str,
    region: str,
    vpc_id: pulumi.Output[str],
    cidr: str,
    subnet_ids: Sequence[pulumi.Output[str]],
) -> None:
    """A way to CloudWatch Logs in each of the subnets, for all of the network.

    By its private name every client in the network is led here, so everything in the network's
    range is let in. Of the services that a stack calls, logs alone move gigabytes: endpoints for
    the others would cost more than the bytes that they spare NAT.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    label = f"{name}-logs"
    group = ec2.SecurityGroup(
        label,
        vpc_id=vpc_id,
        description=f"Endpoint for logs of {name}",
        tags={"Name": label},
        opts=opts,
    )
    vpc.SecurityGroupIngressRule(
        f"{label}-in",
        security_group_id=group.id,
        cidr_ipv4=cidr,
        ip_protocol="tcp",
        from_port=HTTPS_PORT,
        to_port=HTTPS_PORT,
        description="Logs of everything in the network",
        opts=opts,
    )
    ec2.VpcEndpoint(
        label,
        vpc_id=vpc_id,
        service_name=f"com.amazonaws.{region}.logs",
        vpc_endpoint_type="Interface",
        subnet_ids=list(subnet_ids),
        security_group_ids=[group.id],
        private_dns_enabled=True,
        tags={"Name": label},
        opts=opts,
    )
