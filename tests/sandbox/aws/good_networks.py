"""Good resources: networks and instances."""

from __future__ import annotations

import base64

from tests.sandbox.aws.estate import IMAGE, Estate, Inputs, good, role


@good("aws:ec2/vpc:Vpc")
def _(estate: Estate) -> Inputs:
    return {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}


@good("aws:ec2/subnet:Subnet")
def _(estate: Estate) -> Inputs:
    return {
        "vpcId": estate.make("aws:ec2/vpc:Vpc").id,
        "cidrBlock": "10.0.9.0/24",
        "availabilityZone": "us-east-1c",
    }


@good("aws:ec2/internetGateway:InternetGateway")
def _(estate: Estate) -> Inputs:
    return {"vpcId": estate.make("aws:ec2/vpc:Vpc").id}


@good("aws:ec2/eip:Eip")
def _(estate: Estate) -> Inputs:
    return {"domain": "vpc"}


@good("aws:ec2/natGateway:NatGateway")
def _(estate: Estate) -> Inputs:
    return {
        "subnetId": estate.subnet("a", 1),
        "allocationId": estate.make("aws:ec2/eip:Eip", "nat").id,
    }


@good("aws:ec2/eipAssociation:EipAssociation")
def _(estate: Estate) -> Inputs:
    return {
        "allocationId": estate.make("aws:ec2/eip:Eip").id,
        "instanceId": estate.make("aws:ec2/instance:Instance").id,
    }


@good("aws:ec2/routeTable:RouteTable")
def _(estate: Estate) -> Inputs:
    return {"vpcId": estate.make("aws:ec2/vpc:Vpc").id}


@good("aws:ec2/route:Route")
def _(estate: Estate) -> Inputs:
    return {
        "routeTableId": estate.make("aws:ec2/routeTable:RouteTable").id,
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": estate.make("aws:ec2/internetGateway:InternetGateway").id,
    }


@good("aws:ec2/routeTableAssociation:RouteTableAssociation")
def _(estate: Estate) -> Inputs:
    return {
        "routeTableId": estate.make("aws:ec2/routeTable:RouteTable").id,
        "subnetId": estate.subnet("a", 1),
    }


@good("aws:ec2/securityGroup:SecurityGroup")
def _(estate: Estate) -> Inputs:
    return {"vpcId": estate.make("aws:ec2/vpc:Vpc").id, "description": "of a test"}


@good("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
def _(estate: Estate) -> Inputs:
    return {"vpcId": estate.make("aws:ec2/vpc:Vpc").id}


@good("aws:ec2/vpcEndpoint:VpcEndpoint")
def _(estate: Estate) -> Inputs:
    return {
        "vpcId": estate.make("aws:ec2/vpc:Vpc").id,
        "serviceName": "com.amazonaws.us-east-1.s3",
        "routeTableIds": [estate.make("aws:ec2/routeTable:RouteTable").id],
    }


@good("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
def _(estate: Estate) -> Inputs:
    return {
        "securityGroupId": estate.make("aws:ec2/securityGroup:SecurityGroup").id,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "0.0.0.0/0",
    }


@good("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
def _(estate: Estate) -> Inputs:
    return {
        "securityGroupId": estate.make("aws:ec2/securityGroup:SecurityGroup").id,
        "ipProtocol": "-1",
        "cidrIpv4": "0.0.0.0/0",
    }


@good("aws:ec2/placementGroup:PlacementGroup")
def _(estate: Estate) -> Inputs:
    return {"strategy": "cluster"}


@good("aws:ec2/launchTemplate:LaunchTemplate")
def _(estate: Estate) -> Inputs:
    return {
        "imageId": f"resolve:ssm:{IMAGE}",
        "instanceType": "m5.large",
        "iamInstanceProfile": {"arn": estate.get("aws:iam/instanceProfile:InstanceProfile", "arn")},
        "userData": base64.b64encode(b"#!/bin/sh").decode(),
        "updateDefaultVersion": True,
        "vpcSecurityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:ec2/instance:Instance")
def _(estate: Estate) -> Inputs:
    return {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t3.medium",
        "subnetId": estate.subnet("a", 1),
        "vpcSecurityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:ec2/flowLog:FlowLog")
def _(estate: Estate) -> Inputs:
    return {
        "vpcId": estate.make("aws:ec2/vpc:Vpc").id,
        "trafficType": "REJECT",
        "logDestination": estate.get("aws:cloudwatch/logGroup:LogGroup", "arn"),
        "iamRoleArn": role(estate, "vpc-flow-logs").outputs["arn"],
    }


@good("aws:autoscaling/group:Group")
def _(estate: Estate) -> Inputs:
    template = estate.make("aws:ec2/launchTemplate:LaunchTemplate").id
    return {
        "minSize": 1,
        "maxSize": 3,
        "vpcZoneIdentifiers": estate.subnets,
        "launchTemplate": {"id": template, "version": "$Latest"},
        "protectFromScaleIn": True,
        "tags": [{"key": "Name", "value": "api", "propagateAtLaunch": True}],
    }
