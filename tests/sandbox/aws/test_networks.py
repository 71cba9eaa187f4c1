"""What AWS refuses of networks and instances, and what a change of them means."""

from __future__ import annotations

import base64

import pytest

from tests.sandbox.aws.cases import Case, each, twice
from tests.sandbox.aws.estate import Estate, Inputs
from tests.sandbox.engine import Refused

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
GROUP = "aws:autoscaling/group:Group"


def _zone_without_the_type(estate: Estate) -> Inputs:
    return {"vpcZoneIdentifiers": [estate.subnet("e", 5)]}


def _other_vpc(estate: Estate) -> str:
    return estate.make(VPC, "other", cidrBlock="10.1.0.0/16").id


def _other_group(estate: Estate) -> str:
    return estate.make(SECURITY_GROUP, "other", vpcId=_other_vpc(estate)).id


def _gateway_of_another_vpc(estate: Estate) -> Inputs:
    gateway = "aws:ec2/internetGateway:InternetGateway"
    return {"gatewayId": estate.make(gateway, "other", vpcId=_other_vpc(estate)).id}


CASES = [
    Case(
        "a VPC larger than /16",
        VPC,
        {"cidrBlock": "10.0.0.0/8"},
        "InvalidVpc.Range",
    ),
    Case(
        "a CIDR with host bits",
        VPC,
        {"cidrBlock": "10.0.0.1/16"},
        "is no IPv4 network",
    ),
    Case(
        "a subnet smaller than /28",
        SUBNET,
        {"cidrBlock": "10.0.9.0/29"},
        "InvalidSubnet.Range",
    ),
    Case(
        "a zone of another region",
        SUBNET,
        {"availabilityZone": "eu-west-1a"},
        "can currently only",
    ),
    Case(
        "a subnet outside its VPC",
        SUBNET,
        {"cidrBlock": "10.1.0.0/24"},
        "it is not in 10.0.0.0/16",
    ),
    Case(
        "a security group without a VPC's name",
        SECURITY_GROUP,
        {"vpcId": "vpc-0"},
        "InvalidVpcID.NotFound",
    ),
    Case(
        "a group called sg-",
        SECURITY_GROUP,
        {"name": "sg-it"},
        "not beginning with sg-",
    ),
    Case(
        "a port range upside down",
        INGRESS,
        {"fromPort": 444},
        "Invalid TCP/UDP port range",
    ),
    Case(
        "ports with all protocols",
        INGRESS,
        {"ipProtocol": "-1"},
        "leave fromPort and toPort out",
    ),
    Case(
        "TCP without ports",
        INGRESS,
        {"fromPort": None, "toPort": None},
        "both from and to ports",
    ),
    Case(
        "a rule with no source",
        INGRESS,
        {"cidrIpv4": None},
        "one of cidrIpv4",
    ),
    Case(
        "a rule with a bad CIDR",
        INGRESS,
        {"cidrIpv4": "10.0.0.1/8"},
        "is malformed",
    ),
    Case(
        "a rule for a group that is not there",
        INGRESS,
        {"cidrIpv4": None, "referencedSecurityGroupId": "sg-0"},
        "InvalidGroup.NotFound",
    ),
    Case(
        "a public NAT gateway without an address",
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": None},
        "MissingParameter",
    ),
    Case(
        "an endpoint of another region",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"serviceName": "com.amazonaws.eu-west-1.s3"},
        "InvalidServiceName",
    ),
    Case(
        "a gateway endpoint to SQS",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"serviceName": "com.amazonaws.us-east-1.sqs"},
        "does not match available service types",
    ),
    Case(
        "a route to no network",
        "aws:ec2/route:Route",
        {"destinationCidrBlock": "0.0.0.0/33"},
        "is no network",
    ),
    Case(
        "a flow log without a role",
        "aws:ec2/flowLog:FlowLog",
        {"iamRoleArn": None},
        "DeliverLogsPermissionArn",
    ),
    Case(
        "a type that does not exist",
        LAUNCH_TEMPLATE,
        {"instanceType": "m5.larg"},
        "m5.large",
    ),
    Case(
        "user data that is no base64",
        LAUNCH_TEMPLATE,
        {"userData": "#!/bin/sh"},
        "Invalid BASE64",
    ),
    Case(
        "user data above 16 KB",
        LAUNCH_TEMPLATE,
        {"userData": base64.b64encode(b"#" * 16385).decode()},
        "limited to 16384 bytes",
    ),
    Case(
        "an ARM type with an x86 image",
        LAUNCH_TEMPLATE,
        {"instanceType": "m7g.large"},
        "architecture 'arm64'",
    ),
    Case(
        "an image id of no shape",
        LAUNCH_TEMPLATE,
        {"imageId": "amazon-linux"},
        "InvalidAMIID.Malformed",
    ),
    Case(
        "an image parameter that is not there",
        LAUNCH_TEMPLATE,
        {"imageId": "resolve:ssm:/aws/service/ecs/optimized-ami/ubuntu/recommended/image_id"},
        "The parameter /aws/service/ecs/optimized-ami/ubuntu",
    ),
    Case(
        "fewer instances wanted than the least",
        GROUP,
        {"desiredCapacity": 0},
        "must be between",
    ),
    Case(
        "more at least than at most",
        GROUP,
        {"minSize": 4},
        "Max bound, 3",
    ),
    Case(
        "a launch template version that is not there",
        GROUP,
        {"launchTemplate": {"id": "lt-0", "version": "1"}},
        "InvalidLaunchTemplateId.NotFound",
    ),
    Case(
        "a subnet that overlaps another",
        SUBNET,
        twice(SUBNET),
        "InvalidSubnet.Conflict",
    ),
    Case(
        "a second internet gateway",
        "aws:ec2/internetGateway:InternetGateway",
        twice("aws:ec2/internetGateway:InternetGateway"),
        "Resource.AlreadyAssociated",
    ),
    Case(
        "a second route to the same place",
        "aws:ec2/route:Route",
        twice("aws:ec2/route:Route"),
        "RouteAlreadyExists",
    ),
    Case(
        "a second route table",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        twice("aws:ec2/routeTableAssociation:RouteTableAssociation"),
        "Resource.AlreadyAssociated",
    ),
    Case(
        "the same rule again",
        INGRESS,
        twice(INGRESS),
        "InvalidPermission.Duplicate",
    ),
    Case(
        "an address that is taken",
        "aws:ec2/natGateway:NatGateway",
        twice("aws:ec2/natGateway:NatGateway"),
        "Resource.AlreadyAssociated",
    ),
    Case(
        "a zone without the type",
        GROUP,
        _zone_without_the_type,
        "not supported in your requested Availability Zone (us-east-1e)",
    ),
    Case(
        "a gateway of another VPC",
        "aws:ec2/route:Route",
        _gateway_of_another_vpc,
        "belong to different networks",
    ),
    Case(
        "an instance in a zone without its type",
        "aws:ec2/instance:Instance",
        lambda e: {"subnetId": e.subnet("e", 5)},
        "not supported in your requested Availability Zone",
    ),
    Case(
        "a group of another VPC in a rule",
        INGRESS,
        lambda e: {"cidrIpv4": None, "referencedSecurityGroupId": _other_group(e)},
        "belong to different networks",
    ),
    Case(
        "the same way out again",
        EGRESS,
        twice(EGRESS),
        "InvalidPermission.Duplicate",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_a_security_group_stays_while_something_carries_it(estate: Estate) -> None:
    estate.make(CACHE)
    group = estate.make(SECURITY_GROUP)
    with pytest.raises(Refused, match="DependencyViolation"):
        estate.engine.delete(group)


def test_a_launch_template_counts_its_versions(estate: Estate) -> None:
    template = estate.make(LAUNCH_TEMPLATE)
    changed = estate.engine.update(template, {**template.inputs, "instanceType": "m5.xlarge"})
    assert (template.outputs["latestVersion"], changed.outputs["latestVersion"]) == (1, 2)
    assert changed.outputs["defaultVersion"] == 2
