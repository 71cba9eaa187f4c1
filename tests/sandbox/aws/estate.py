"""A small deployment out of one good resource of every AWS type, made as far as a test needs it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY, Value, plain
from tests.sandbox.engine import Engine, Refused, Resource

Inputs: TypeAlias = dict[str, Any]
Recipe: TypeAlias = "Callable[[Estate], Inputs]"

GOOD: dict[str, Recipe] = {}
"""Type token to the inputs of a good resource of that type."""

ACCOUNT = "123456789012"
ZONE = "Z0EXAMPLE0000SANDBOX"
IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"


def good(token: str) -> Callable[[Recipe], Recipe]:
    """Enter the inputs of a good resource."""

    def enter(recipe: Recipe) -> Recipe:
        GOOD[token] = recipe
        return recipe

    return enter


class Estate:
    """The resources of one test, in the order in which they were made."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[tuple[str, str], Resource] = {}

    def make(self, token: str, name: str = "it", /, **changes: Value) -> Resource:
        """The good resource of that type and name, made once; `changes` lie over its inputs."""
        if (token, name) not in self.made:
            inputs = {**GOOD[token](self), **changes}
            self.made[token, name] = self.engine.create(token, name, inputs)
        return self.made[token, name]

    def get(self, token: str, attribute: str, name: str = "it") -> Value:
        """An output of the good resource."""
        resource = self.make(token, name)
        return resource.id if attribute == "id" else plain(resource.outputs[attribute])

    def refusal(self, token: str, changes: Mapping[str, Any]) -> str:
        """What Check or Create says to the good resource with these changes (None leaves out)."""
        inputs = {**GOOD[token](self), **changes}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        answer = self.engine.check(token, "bad", inputs)
        if answer.failures:
            return "; ".join(f"{name}: {reason}" for name, reason in answer.failures)
        try:
            self.engine.create(token, "bad", inputs)
        except Refused as refused:
            return str(refused)
        return ""

    def subnet(self, letter: str, number: int) -> str:
        """The id of a subnet in that zone."""
        return self.make(
            "aws:ec2/subnet:Subnet",
            f"subnet-{letter}",
            availabilityZone=f"us-east-1{letter}",
            cidrBlock=f"10.0.{number}.0/24",
        ).id

    @property
    def subnets(self) -> list[str]:
        """Two subnets in two zones."""
        return [self.subnet("a", 1), self.subnet("b", 2)]


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str) -> str:
    """The trust policy of a role for a service."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def role(estate: Estate, service: str) -> Resource:
    """A role for a service."""
    return estate.make("aws:iam/role:Role", f"role-{service}", assumeRolePolicy=trust(service))


def containers(**changes: Value) -> str:
    """A container definition with one container."""
    container = {
        "name": "app",
        "image": "letta/letta:0.16.4",
        "essential": True,
        "portMappings": [{"containerPort": 8283}],
        "memory": 512,
        **changes,
    }
    return json.dumps([{key: value for key, value in container.items() if value is not None}])


def archive(files: Mapping[str, str]) -> dict[str, Any]:
    """An archive of text files as it comes over the wire."""
    assets = {
        name: {SIGNATURE_KEY: ASSET_SIGNATURE, "text": text, "hash": str(hash(text))}
        for name, text in files.items()
    }
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "assets": assets, "hash": "0"}


# Networks


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


# Keys, secrets, parameters, roles


@good("aws:kms/key:Key")
def _(estate: Estate) -> Inputs:
    return {
        "enableKeyRotation": True,
        "policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"
                        )
                    }
                },
            },
        ),
    }


@good("aws:kms/alias:Alias")
def _(estate: Estate) -> Inputs:
    return {"targetKeyId": estate.make("aws:kms/key:Key").id}


@good("aws:secretsmanager/secret:Secret")
def _(estate: Estate) -> Inputs:
    return {"kmsKeyId": estate.get("aws:kms/key:Key", "arn")}


@good("aws:secretsmanager/secretVersion:SecretVersion")
def _(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret").id
    return {"secretId": secret, "secretString": "of no worth"}


@good("aws:ssm/parameter:Parameter")
def _(estate: Estate) -> Inputs:
    return {"type": "String", "value": "cache.example.com"}


@good("aws:iam/role:Role")
def _(estate: Estate) -> Inputs:
    return {"assumeRolePolicy": trust("ecs-tasks")}


@good("aws:iam/rolePolicy:RolePolicy")
def _(estate: Estate) -> Inputs:
    return {
        "role": estate.make("aws:iam/role:Role").id,
        "policy": policy(
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:it-*",
            }
        ),
    }


@good("aws:iam/policy:Policy")
def _(estate: Estate) -> Inputs:
    queues = f"arn:aws:sqs:us-east-1:{ACCOUNT}:*"
    return {"policy": policy({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queues})}


@good("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
def _(estate: Estate) -> Inputs:
    return {
        "role": estate.make("aws:iam/role:Role").id,
        "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    }


@good("aws:iam/instanceProfile:InstanceProfile")
def _(estate: Estate) -> Inputs:
    return {"role": role(estate, "ec2").id}


# Data


@good("aws:rds/subnetGroup:SubnetGroup")
def _(estate: Estate) -> Inputs:
    return {"subnetIds": estate.subnets}


@good("aws:rds/parameterGroup:ParameterGroup")
def _(estate: Estate) -> Inputs:
    return {
        "family": "postgres16",
        "parameters": [
            {"name": "shared_buffers", "value": "524288", "applyMethod": "pending-reboot"},
            {"name": "work_mem", "value": "65536"},
        ],
    }


@good("aws:rds/instance:Instance")
def _(estate: Estate) -> Inputs:
    return {
        "allocatedStorage": 200,
        "maxAllocatedStorage": 400,
        "backupRetentionPeriod": 7,
        "dbName": "letta",
        "dbSubnetGroupName": estate.make("aws:rds/subnetGroup:SubnetGroup").id,
        "engine": "postgres",
        "engineVersion": "16",
        "finalSnapshotIdentifier": "letta-final-1",
        "instanceClass": "db.r5.large",
        "parameterGroupName": estate.make("aws:rds/parameterGroup:ParameterGroup").id,
        "password": "of-no-worth-at-all",
        "storageEncrypted": True,
        "storageType": "gp3",
        "username": "letta_admin",
        "vpcSecurityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:elasticache/subnetGroup:SubnetGroup")
def _(estate: Estate) -> Inputs:
    return {"subnetIds": estate.subnets}


@good("aws:elasticache/parameterGroup:ParameterGroup")
def _(estate: Estate) -> Inputs:
    return {
        "family": "redis7",
        "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    }


@good("aws:elasticache/replicationGroup:ReplicationGroup")
def _(estate: Estate) -> Inputs:
    return {
        "description": "of a test",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.t4g.medium",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "parameterGroupName": estate.make("aws:elasticache/parameterGroup:ParameterGroup").id,
        "subnetGroupName": estate.make("aws:elasticache/subnetGroup:SubnetGroup").id,
        "securityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:s3/bucket:Bucket")
def _(estate: Estate) -> Inputs:
    return {}


@good("aws:s3/bucketVersioning:BucketVersioning")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "versioningConfiguration": {"status": "Enabled"}}


def _bucket(estate: Estate) -> Inputs:
    return {"bucket": estate.make("aws:s3/bucket:Bucket").id}


@good("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
def _(estate: Estate) -> Inputs:
    default = {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": estate.get("aws:kms/key:Key", "arn"),
    }
    rule = {"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}
    return {**_bucket(estate), "rules": [rule]}


@good("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
def _(estate: Estate) -> Inputs:
    return {
        **_bucket(estate),
        "rules": [lifecycle_rule({"days": 30, "storageClass": "STANDARD_IA"})],
    }


def lifecycle_rule(*transitions: Inputs, **changes: Value) -> Inputs:
    """A lifecycle rule with these transitions."""
    return {
        "id": "cool",
        "status": "Enabled",
        "filter": {},
        "transitions": list(transitions),
        **changes,
    }


@good("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "blockPublicPolicy": True}


@good("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "rule": {"objectOwnership": "BucketOwnerEnforced"}}


@good("aws:s3/bucketPolicy:BucketPolicy")
def _(estate: Estate) -> Inputs:
    bucket = estate.get("aws:s3/bucket:Bucket", "arn")
    return {
        **_bucket(estate),
        "policy": policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    }


@good("aws:s3/bucketLogging:BucketLogging")
def _(estate: Estate) -> Inputs:
    target = estate.make("aws:s3/bucket:Bucket", "log").id
    return {**_bucket(estate), "targetBucket": target, "targetPrefix": "s3/"}


# Load balancing and names


def log_bucket(estate: Estate) -> str:
    """A bucket that ELB may write to."""
    bucket = estate.make("aws:s3/bucket:Bucket", "access-log")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket.outputs['arn']}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    estate.make(
        "aws:s3/bucketPolicy:BucketPolicy",
        "access-log",
        bucket=bucket.id,
        policy=policy(statement),
    )
    return bucket.id


@good("aws:lb/loadBalancer:LoadBalancer")
def _(estate: Estate) -> Inputs:
    return {
        "subnets": estate.subnets,
        "securityGroups": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
        "idleTimeout": 900,
        "accessLogs": {"bucket": log_bucket(estate), "enabled": True},
    }


@good("aws:lb/targetGroup:TargetGroup")
def _(estate: Estate) -> Inputs:
    return {
        "vpcId": estate.make("aws:ec2/vpc:Vpc").id,
        "targetType": "ip",
        "port": 8283,
        "protocol": "HTTP",
        "healthCheck": {"path": "/v1/health/", "matcher": "200", "interval": 30, "timeout": 5},
    }


@good("aws:lb/listener:Listener")
def _(estate: Estate) -> Inputs:
    estate.make("aws:acm/certificateValidation:CertificateValidation")
    return {
        "loadBalancerArn": estate.make("aws:lb/loadBalancer:LoadBalancer").id,
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "certificateArn": estate.make("aws:acm/certificate:Certificate").id,
        "defaultActions": [
            {"type": "forward", "targetGroupArn": estate.make("aws:lb/targetGroup:TargetGroup").id}
        ],
    }


@good("aws:lb/listenerRule:ListenerRule")
def _(estate: Estate) -> Inputs:
    group = estate.make("aws:lb/targetGroup:TargetGroup", "worker").id
    return {
        "listenerArn": estate.make("aws:lb/listener:Listener").id,
        "priority": 10,
        "actions": [{"type": "forward", "targetGroupArn": group}],
        "conditions": [{"pathPattern": {"values": ["/v1/jobs/*"]}}],
    }


@good("aws:acm/certificate:Certificate")
def _(estate: Estate) -> Inputs:
    return {"domainName": "letta.example.com", "validationMethod": "DNS"}


@good("aws:acm/certificateValidation:CertificateValidation")
def _(estate: Estate) -> Inputs:
    certificate = estate.make("aws:acm/certificate:Certificate")
    [option] = certificate.outputs["domainValidationOptions"]
    record = estate.make(
        "aws:route53/record:Record",
        "validation",
        name=option["resourceRecordName"],
        type=option["resourceRecordType"],
        records=[option["resourceRecordValue"]],
    )
    return {
        "certificateArn": certificate.id,
        "validationRecordFqdns": [record.outputs["fqdn"]],
    }


@good("aws:route53/zone:Zone")
def _(estate: Estate) -> Inputs:
    return {"name": "letta.test"}


@good("aws:route53/record:Record")
def _(estate: Estate) -> Inputs:
    return {
        "zoneId": ZONE,
        "name": "letta.example.com",
        "type": "TXT",
        "ttl": 60,
        "records": ["of a test"],
    }


# Containers


@good("aws:ecs/cluster:Cluster")
def _(estate: Estate) -> Inputs:
    return {"settings": [{"name": "containerInsights", "value": "enabled"}]}


@good("aws:ecs/capacityProvider:CapacityProvider")
def _(estate: Estate) -> Inputs:
    return {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": estate.get("aws:autoscaling/group:Group", "arn"),
            "managedScaling": {"status": "ENABLED", "targetCapacity": 100},
            "managedTerminationProtection": "ENABLED",
        }
    }


@good("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
def _(estate: Estate) -> Inputs:
    return {
        "clusterName": estate.get("aws:ecs/cluster:Cluster", "name"),
        "capacityProviders": [
            estate.get("aws:ecs/capacityProvider:CapacityProvider", "name"),
            "FARGATE",
        ],
    }


@good("aws:ecs/taskDefinition:TaskDefinition")
def _(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret")
    estate.make("aws:secretsmanager/secretVersion:SecretVersion")
    estate.make("aws:iam/rolePolicy:RolePolicy")
    options = {
        "awslogs-group": estate.make("aws:cloudwatch/logGroup:LogGroup").id,
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "api",
    }
    partial = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{secret.outputs['name']}"
    return {
        "family": "letta-api",
        "cpu": "1024",
        "memory": "3072",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["EC2", "FARGATE"],
        "executionRoleArn": estate.get("aws:iam/role:Role", "arn"),
        "containerDefinitions": containers(
            logConfiguration={"logDriver": "awslogs", "options": options},
            secrets=[{"name": "LETTA_PG_URI", "valueFrom": partial}],
        ),
    }


@good("aws:ecs/service:Service")
def _(estate: Estate) -> Inputs:
    estate.make("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    estate.make("aws:lb/listener:Listener")
    return {
        "cluster": estate.make("aws:ecs/cluster:Cluster").id,
        "taskDefinition": estate.make("aws:ecs/taskDefinition:TaskDefinition").outputs["arn"],
        "desiredCount": 2,
        "healthCheckGracePeriodSeconds": 300,
        "capacityProviderStrategies": [
            {
                "capacityProvider": estate.get("aws:ecs/capacityProvider:CapacityProvider", "name"),
                "weight": 1,
            }
        ],
        "networkConfiguration": {
            "subnets": estate.subnets,
            "securityGroups": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
        },
        "loadBalancers": [
            {
                "targetGroupArn": estate.make("aws:lb/targetGroup:TargetGroup").id,
                "containerName": "app",
                "containerPort": 8283,
            }
        ],
    }


def _scaled(estate: Estate) -> Inputs:
    cluster = estate.get("aws:ecs/cluster:Cluster", "name")
    service = estate.get("aws:ecs/service:Service", "name")
    return {
        "resourceId": f"service/{cluster}/{service}",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
    }


@good("aws:appautoscaling/target:Target")
def _(estate: Estate) -> Inputs:
    return {**_scaled(estate), "minCapacity": 2, "maxCapacity": 10}


@good("aws:appautoscaling/policy:Policy")
def _(estate: Estate) -> Inputs:
    estate.make("aws:appautoscaling/target:Target")
    return {
        **_scaled(estate),
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 65,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
    }


@good("aws:lambda/function:Function")
def _(estate: Estate) -> Inputs:
    return {
        "role": role(estate, "lambda").outputs["arn"],
        "runtime": "python3.13",
        "handler": "index.handler",
        "code": archive({"index.py": "def handler(event, context): ..."}),
        "timeout": 900,
    }


@good("aws:lambda/invocation:Invocation")
def _(estate: Estate) -> Inputs:
    return {
        "functionName": estate.make("aws:lambda/function:Function").id,
        "input": "{}",
        "triggers": {"revision": "1"},
    }


@good("aws:lambda/permission:Permission")
def _(estate: Estate) -> Inputs:
    return {
        "function": estate.make("aws:lambda/function:Function").id,
        "action": "lambda:InvokeFunction",
        "principal": "sns.amazonaws.com",
    }


# Messages and monitoring


@good("aws:sqs/queue:Queue")
def _(estate: Estate) -> Inputs:
    return {"visibilityTimeoutSeconds": 900}


@good("aws:sqs/queuePolicy:QueuePolicy")
def _(estate: Estate) -> Inputs:
    queue = estate.make("aws:sqs/queue:Queue")
    return {
        "queueUrl": queue.id,
        "policy": policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue.outputs["arn"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    }


@good("aws:sqs/redrivePolicy:RedrivePolicy")
def _(estate: Estate) -> Inputs:
    dead = estate.get("aws:sqs/queue:Queue", "arn", "dead")
    return {
        "queueUrl": estate.make("aws:sqs/queue:Queue").id,
        "redrivePolicy": json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}),
    }


@good("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
def _(estate: Estate) -> Inputs:
    source = estate.get("aws:sqs/queue:Queue", "arn")
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [source]}
    return {
        "queueUrl": estate.make("aws:sqs/queue:Queue", "dead").id,
        "redriveAllowPolicy": json.dumps(allowed),
    }


@good("aws:sns/topic:Topic")
def _(estate: Estate) -> Inputs:
    return {"kmsMasterKeyId": estate.make("aws:kms/key:Key").id}


@good("aws:sns/topicPolicy:TopicPolicy")
def _(estate: Estate) -> Inputs:
    topic = estate.make("aws:sns/topic:Topic").id
    return {
        "arn": topic,
        "policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
            }
        ),
    }


@good("aws:sns/topicSubscription:TopicSubscription")
def _(estate: Estate) -> Inputs:
    topic = estate.make("aws:sns/topic:Topic").id
    return {"topic": topic, "protocol": "email", "endpoint": "operator@example.com"}


@good("aws:cloudwatch/logGroup:LogGroup")
def _(estate: Estate) -> Inputs:
    return {"retentionInDays": 30, "kmsKeyId": estate.get("aws:kms/key:Key", "arn")}


@good("aws:cloudwatch/metricAlarm:MetricAlarm")
def _(estate: Estate) -> Inputs:
    return {
        "namespace": "AWS/RDS",
        "metricName": "DatabaseConnections",
        "statistic": "Maximum",
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 100,
        "period": 60,
        "evaluationPeriods": 5,
        "alarmActions": [estate.make("aws:sns/topic:Topic").id],
    }


@good("aws:cloudwatch/logMetricFilter:LogMetricFilter")
def _(estate: Estate) -> Inputs:
    return {
        "logGroupName": estate.make("aws:cloudwatch/logGroup:LogGroup").id,
        "pattern": '"Failed to initialize Redis"',
        "metricTransformation": {"name": "NoRedis", "namespace": "Letta", "value": "1"},
    }


@good("aws:cloudwatch/dashboard:Dashboard")
def _(estate: Estate) -> Inputs:
    widget = {"type": "text", "properties": {"markdown": "# Letta"}, "width": 24}
    return {"dashboardName": "letta", "dashboardBody": json.dumps({"widgets": [widget]})}


@good("aws:budgets/budget:Budget")
def _(estate: Estate) -> Inputs:
    return {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "900",
        "limitUnit": "USD",
        "notifications": [
            {
                "comparisonOperator": "GREATER_THAN",
                "notificationType": "FORECASTED",
                "threshold": 100,
                "thresholdType": "PERCENTAGE",
                "subscriberSnsTopicArns": [estate.make("aws:sns/topic:Topic").id],
            }
        ],
    }
