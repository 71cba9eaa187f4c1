"""What the simulated AWS refuses, each with the cloud's kind of words."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from sandbox.values import Value
from tests.sandbox.aws.estate import (
    ACCOUNT,
    Estate,
    Inputs,
    archive,
    containers,
    lifecycle_rule,
    log_bucket,
    policy,
    role,
    trust,
)
from tests.sandbox.engine import Refused

Case = tuple[str, str, Inputs, str]

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RECORD = "aws:route53/record:Record"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
CAPACITY = "aws:ecs/capacityProvider:CapacityProvider"
GROUP = "aws:autoscaling/group:Group"
FUNCTION = "aws:lambda/function:Function"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
QUEUE = "aws:sqs/queue:Queue"
BUDGET = "aws:budgets/budget:Budget"

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _forward(arn: str) -> list[Inputs]:
    return [{"type": "forward", "targetGroupArn": arn}]


BY_THEMSELVES: list[Case] = [
    # Networks
    ("a VPC larger than /16", VPC, {"cidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range"),
    ("a CIDR with host bits", VPC, {"cidrBlock": "10.0.0.1/16"}, "is no IPv4 network"),
    ("a subnet smaller than /28", SUBNET, {"cidrBlock": "10.0.9.0/29"}, "InvalidSubnet.Range"),
    ("a zone of another region", SUBNET, {"availabilityZone": "eu-west-1a"}, "can currently only"),
    (
        "a subnet outside its VPC",
        SUBNET,
        {"cidrBlock": "10.1.0.0/24"},
        "it is not in 10.0.0.0/16",
    ),
    (
        "a security group without a VPC's name",
        SECURITY_GROUP,
        {"vpcId": "vpc-0"},
        "InvalidVpcID.NotFound",
    ),
    ("a group called sg-", SECURITY_GROUP, {"name": "sg-it"}, "not beginning with sg-"),
    ("a port range upside down", INGRESS, {"fromPort": 444}, "Invalid TCP/UDP port range"),
    ("ports with all protocols", INGRESS, {"ipProtocol": "-1"}, "leave fromPort and toPort out"),
    ("TCP without ports", INGRESS, {"fromPort": None, "toPort": None}, "both from and to ports"),
    ("a rule with no source", INGRESS, {"cidrIpv4": None}, "one of cidrIpv4"),
    ("a rule with a bad CIDR", INGRESS, {"cidrIpv4": "10.0.0.1/8"}, "is malformed"),
    (
        "a rule for a group that is not there",
        INGRESS,
        {"cidrIpv4": None, "referencedSecurityGroupId": "sg-0"},
        "InvalidGroup.NotFound",
    ),
    (
        "a public NAT gateway without an address",
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": None},
        "MissingParameter",
    ),
    (
        "an endpoint of another region",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"serviceName": "com.amazonaws.eu-west-1.s3"},
        "InvalidServiceName",
    ),
    (
        "a gateway endpoint to SQS",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"serviceName": "com.amazonaws.us-east-1.sqs"},
        "does not match available service types",
    ),
    ("a type that does not exist", LAUNCH_TEMPLATE, {"instanceType": "m5.larg"}, "m5.large"),
    ("user data that is no base64", LAUNCH_TEMPLATE, {"userData": "#!/bin/sh"}, "Invalid BASE64"),
    (
        "user data above 16 KB",
        LAUNCH_TEMPLATE,
        {"userData": base64.b64encode(b"#" * 16385).decode()},
        "limited to 16384 bytes",
    ),
    (
        "an ARM type with an x86 image",
        LAUNCH_TEMPLATE,
        {"instanceType": "m7g.large"},
        "architecture 'arm64'",
    ),
    (
        "an image id of no shape",
        LAUNCH_TEMPLATE,
        {"imageId": "amazon-linux"},
        "InvalidAMIID.Malformed",
    ),
    (
        "an image parameter that is not there",
        LAUNCH_TEMPLATE,
        {"imageId": "resolve:ssm:/aws/service/ecs/optimized-ami/ubuntu/recommended/image_id"},
        "The parameter /aws/service/ecs/optimized-ami/ubuntu",
    ),
    ("fewer instances wanted than the least", GROUP, {"desiredCapacity": 0}, "must be between"),
    ("more at least than at most", GROUP, {"minSize": 4}, "Max bound, 3"),
    (
        "a launch template version that is not there",
        GROUP,
        {"launchTemplate": {"id": "lt-0", "version": "1"}},
        "InvalidLaunchTemplateId.NotFound",
    ),
    # IAM, keys, secrets, parameters
    ("a policy that is no JSON", ROLE_POLICY, {"policy": "{"}, "it is no JSON"),
    ("a misspelt key", ROLE_POLICY, {"policy": policy({**ALLOW, "Actions": "*"})}, "'Actions'"),
    (
        "an effect that is none",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Effect": "allow"})},
        "Allow or Deny",
    ),
    (
        "an action without a service",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Action": "Get"})},
        "prefaced by a vendor",
    ),
    (
        "a resource that is no ARN",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Resource": "q"})},
        "must be in ARN format",
    ),
    (
        "a permission with a principal",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Principal": "*"})},
        "should not specify a principal",
    ),
    (
        "a condition operator that is none",
        ROLE_POLICY,
        {"policy": policy({**ALLOW, "Condition": {"StringIs": {"a": "b"}}})},
        "'StringIs' does not exist",
    ),
    (
        "an old policy language",
        ROLE_POLICY,
        {"policy": json.dumps({"Version": "2012-10-18", "Statement": [ALLOW]})},
        "2012-10-17",
    ),
    (
        "a role for a service that is none",
        ROLE,
        {"assumeRolePolicy": trust("ecs-task")},
        '"SERVICE":"ecs-task.amazonaws.com"',
    ),
    (
        "a trust policy with a resource",
        ROLE,
        {"assumeRolePolicy": policy({**ALLOW, "Principal": "*"})},
        "prohibited field Resource",
    ),
    ("a role name of 65 characters", ROLE, {"name": "r" * 65}, "at most 64 are allowed"),
    (
        "a managed policy that does not exist",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"policyArn": "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"},
        "NoSuchEntity",
    ),
    (
        "a key nobody may administer",
        "aws:kms/key:Key",
        {
            "policy": policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            )
        },
        "will not allow you to update the key policy",
    ),
    (
        "a key gone in six days",
        "aws:kms/key:Key",
        {"deletionWindowInDays": 6},
        "below the minimum of 7",
    ),
    ("an alias of AWS", "aws:kms/alias:Alias", {"name": "alias/aws/letta"}, "alias/aws/"),
    (
        "a parameter above 4 KB",
        "aws:ssm/parameter:Parameter",
        {"value": "x" * 4097},
        "this tier holds 4096",
    ),
    # Data
    (
        "a database class that does not exist",
        DATABASE,
        {"instanceClass": "db.r5.lage"},
        "db.r5.large",
    ),
    (
        "a PostgreSQL version that does not exist",
        DATABASE,
        {"engineVersion": "16.99"},
        "Cannot find version 16.99",
    ),
    ("a retired PostgreSQL version", DATABASE, {"engineVersion": "9.6.24"}, "Cannot find version"),
    ("less room at most than now", DATABASE, {"maxAllocatedStorage": 100}, "Max storage size 100"),
    ("a password with an @", DATABASE, {"password": "p@ssword-long"}, "not a valid password"),
    ("a database without a password", DATABASE, {"password": None}, "a password must be provided"),
    ("gp3 with iops on a small volume", DATABASE, {"iops": 6000}, "storage size less than 400"),
    (
        "monitoring without a role",
        DATABASE,
        {"monitoringInterval": 60},
        "A MonitoringRoleARN value",
    ),
    (
        "advanced insights without history",
        DATABASE,
        {"databaseInsightsMode": "advanced"},
        "at least 465",
    ),
    ("backups for 36 days", DATABASE, {"backupRetentionPeriod": 36}, "above the maximum of 35"),
    (
        "a parameter group of another version",
        DATABASE,
        {"engineVersion": "17"},
        "DBParameterGroupFamily postgres16",
    ),
    (
        "a static parameter at once",
        "aws:rds/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "max_connections", "value": "500"}]},
        "immediate apply method for static parameter max_connections",
    ),
    (
        "a parameter with a unit",
        "aws:rds/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "work_mem", "value": "64MB"}]},
        "allowed values are: 64-2147483647",
    ),
    (
        "a family that does not exist",
        "aws:rds/parameterGroup:ParameterGroup",
        {"family": "postgres99"},
        "postgres16",
    ),
    (
        "a cache node that does not exist",
        CACHE,
        {"nodeType": "cache.t4g.huge"},
        "no cache node type",
    ),
    ("failover with nothing to fail over to", CACHE, {"numCacheClusters": 1}, "must be at least 2"),
    (
        "several zones without failover",
        CACHE,
        {"automaticFailoverEnabled": False},
        "automaticFailoverEnabled must be true",
    ),
    ("a cache password without TLS", CACHE, {"authToken": "x" * 20}, "transitEncryptionEnabled"),
    (
        "a Redis version that does not exist",
        CACHE,
        {"engineVersion": "8.0"},
        "Cannot find version 8.0 for redis",
    ),
    (
        "parameters of another engine",
        CACHE,
        {"engine": "valkey", "engineVersion": "8.0"},
        "family valkey8",
    ),
    (
        "an eviction policy that is none",
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "maxmemory-policy", "value": "lru"}]},
        "allkeys-lru",
    ),
    (
        "persistence set in a parameter group",
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "appendonly", "value": "yes"}]},
        "appendonly cannot be modified",
    ),
    ("a bucket in capital letters", BUCKET, {"bucket": "Letta"}, "lower-case letters"),
    ("a bucket like an address", BUCKET, {"bucket": "10.0.0.1"}, "not like an IP address"),
    (
        "infrequent access after 29 days",
        LIFECYCLE,
        {"rules": [lifecycle_rule({"days": 29, "storageClass": "STANDARD_IA"})]},
        "greater than or equal to 30",
    ),
    (
        "archive 29 days after infrequent access",
        LIFECYCLE,
        {
            "rules": [
                lifecycle_rule(
                    {"days": 30, "storageClass": "STANDARD_IA"},
                    {"days": 59, "storageClass": "GLACIER"},
                )
            ]
        },
        "30 days more than for 'STANDARD_IA'",
    ),
    (
        "an end before the archive",
        LIFECYCLE,
        {
            "rules": [
                lifecycle_rule({"days": 90, "storageClass": "GLACIER"}, expiration={"days": 90})
            ]
        },
        "must be greater than 90",
    ),
    ("a rule that does nothing", LIFECYCLE, {"rules": [lifecycle_rule()]}, "At least one action"),
    (
        "a key with AES256",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "AES256",
                        "kmsMasterKeyId": "alias/it",
                    }
                }
            ]
        },
        "is not applicable",
    ),
    (
        "a bucket's policy about another bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        {"policy": policy({**ALLOW, "Principal": "*", "Resource": "arn:aws:s3:::other/*"})},
        "Policy has invalid resource",
    ),
    # Load balancing, certificates, names
    ("an idle limit above 4000 s", BALANCER, {"idleTimeout": 4001}, "above the maximum of 4000"),
    ("a name of 33 characters", BALANCER, {"name": "b" * 33}, "at most 32 are allowed"),
    ("a name that begins with internal-", BALANCER, {"name": "internal-b"}, "internal-"),
    (
        "a log bucket that is not there",
        BALANCER,
        {"accessLogs": {"bucket": "nowhere", "enabled": True}},
        "NoSuchBucket",
    ),
    (
        "a check longer than its interval",
        TARGET_GROUP,
        {"healthCheck": {"interval": 5, "timeout": 5}},
        "greater than the timeout",
    ),
    ("a target group without a VPC", TARGET_GROUP, {"vpcId": None}, "vpcId"),
    (
        "HTTPS without a certificate",
        LISTENER,
        {"certificateArn": None},
        "A certificate must be specified",
    ),
    ("a certificate with HTTP", LISTENER, {"protocol": "HTTP"}, "HTTPS only"),
    (
        "a TLS policy that does not exist",
        LISTENER,
        {"sslPolicy": "ELBSecurityPolicy-TLS13"},
        "SSLPolicyNotFound",
    ),
    (
        "a target group that is not there",
        LISTENER,
        {"defaultActions": _forward("arn:aws:x")},
        "TargetGroupNotFound",
    ),
    (
        "a condition of no kind",
        "aws:lb/listenerRule:ListenerRule",
        {"conditions": [{}]},
        "a condition is one of",
    ),
    (
        "a domain that is none",
        "aws:acm/certificate:Certificate",
        {"domainName": "letta"},
        "fully qualified",
    ),
    (
        "a record of another domain",
        RECORD,
        {"name": "letta.example.org"},
        "is not permitted in zone example.com",
    ),
    ("a record without a time to live", RECORD, {"ttl": None}, "it needs ttl"),
    ("a record in no zone", RECORD, {"zoneId": "Z0"}, "NoSuchHostedZone"),
    (
        "an alias to no load balancer",
        RECORD,
        {
            "records": None,
            "ttl": None,
            "type": "A",
            "aliases": [
                {
                    "name": "b-1.us-east-1.elb.amazonaws.com",
                    "zoneId": "Z0",
                    "evaluateTargetHealth": True,
                }
            ],
        },
        "does not lie within the target zone",
    ),
    # Containers
    ("a Fargate size that does not exist", TASK, {"memory": "3584"}, "1024 CPU, 3584 memory"),
    ("Fargate CPU units that do not exist", TASK, {"cpu": "1000"}, "1000 is no size of Fargate"),
    ("Fargate without a size", TASK, {"cpu": None}, "be defined at the task"),
    ("Fargate on a bridge", TASK, {"networkMode": "bridge"}, "only supports network mode 'awsvpc'"),
    ("logs on Fargate without a role", TASK, {"executionRoleArn": None}, "execution role ARN"),
    (
        "a misspelt container key",
        TASK,
        {"containerDefinitions": containers(memoryMb=1)},
        "memoryMb",
    ),
    (
        "a secret that is not there",
        TASK,
        {
            "containerDefinitions": containers(
                secrets=[
                    {
                        "name": "A",
                        "valueFrom": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:none",
                    }
                ]
            )
        },
        "unable to pull secrets",
    ),
    (
        "a log group that is not there",
        TASK,
        {
            "containerDefinitions": containers(
                logConfiguration={
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "none",
                        "awslogs-region": "us-east-1",
                        "awslogs-stream-prefix": "a",
                    },
                }
            )
        },
        "The specified log group does not exist: none",
    ),
    (
        "a deployment that can never begin",
        SERVICE,
        {"deploymentMaximumPercent": 100},
        "block deployments",
    ),
    (
        "no network for awsvpc",
        SERVICE,
        {"networkConfiguration": None},
        "Network Configuration must be provided",
    ),
    (
        "a grace period without a load balancer",
        SERVICE,
        {"loadBalancers": None},
        "Health check grace period",
    ),
    ("both a launch type and a strategy", SERVICE, {"launchType": "EC2"}, "it conflicts with"),
    (
        "capacity that the cluster does not have",
        SERVICE,
        {"capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
        "was not found",
    ),
    ("a provider called ecs", CAPACITY, {"name": "ecs-workers"}, "not beginning with aws"),
    (
        "a default strategy of others",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {"defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT"}]},
        "not associated with the cluster",
    ),
    (
        "more at least than at most",
        "aws:appautoscaling/target:Target",
        {"minCapacity": 11},
        "Maximum capacity cannot be less",
    ),
    (
        "scaling of a service that is not there",
        "aws:appautoscaling/target:Target",
        {"resourceId": "service/a/b"},
        "ECS service doesn't exist",
    ),
    (
        "a policy for no target",
        "aws:appautoscaling/policy:Policy",
        {"resourceId": "service/a/b"},
        "No scalable target registered",
    ),
    (
        "a CPU target above 100",
        "aws:appautoscaling/policy:Policy",
        {
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 101,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
            }
        },
        "no percentage",
    ),
    (
        "steps for target tracking",
        "aws:appautoscaling/policy:Policy",
        {"policyType": "StepScaling"},
        "a policy of type StepScaling",
    ),
    # Functions
    ("a runtime that does not exist", FUNCTION, {"runtime": "python3.99"}, "python3.13"),
    ("a runtime that is retired", FUNCTION, {"runtime": "python3.6"}, "no longer supported"),
    (
        "a function without a handler",
        FUNCTION,
        {"handler": None},
        "handler and runtime must be set",
    ),
    (
        "a handler that is not in the archive",
        FUNCTION,
        {"handler": "main.handler"},
        "Unable to import module 'main'",
    ),
    (
        "a variable of Lambda's",
        FUNCTION,
        {"environment": {"variables": {"AWS_REGION": "x"}}},
        "reserved keys",
    ),
    ("fifteen minutes and a second", FUNCTION, {"timeout": 901}, "above the maximum of 900"),
    (
        "a call of no function",
        "aws:lambda/invocation:Invocation",
        {"functionName": "none"},
        "ResourceNotFoundException",
    ),
    (
        "a call with no JSON",
        "aws:lambda/invocation:Invocation",
        {"input": "run"},
        "no JSON",
    ),
    # Messages and monitoring
    (
        "invisible for more than twelve hours",
        QUEUE,
        {"visibilityTimeoutSeconds": 43201},
        "above the maximum of 43200",
    ),
    (
        "kept for fifteen days",
        QUEUE,
        {"messageRetentionSeconds": 1296000},
        "above the maximum of 1209600",
    ),
    ("a FIFO name without FIFO", QUEUE, {"name": "jobs.fifo"}, "ends in .fifo"),
    (
        "dead letters without a count",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:1:q"})},
        "maxReceiveCount",
    ),
    (
        "dead letters to no queue",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        {
            "redrivePolicy": json.dumps(
                {
                    "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:none",
                    "maxReceiveCount": 5,
                }
            )
        },
        "NonExistentQueue",
    ),
    (
        "mail to no address",
        "aws:sns/topicSubscription:TopicSubscription",
        {"endpoint": "operator"},
        "is not an e-mail address",
    ),
    ("logs kept for 31 days", LOG_GROUP, {"retentionInDays": 31}, "31 is not allowed"),
    ("a period of 90 seconds", ALARM, {"period": 90}, "90 is no period"),
    (
        "an alarm over two days",
        ALARM,
        {"period": 600, "evaluationPeriods": 288},
        "across more than 86400",
    ),
    ("an alarm without a statistic", ALARM, {"statistic": None}, "statistic or extendedStatistic"),
    (
        "an alarm to no topic",
        ALARM,
        {"alarmActions": [f"arn:aws:sns:us-east-1:{ACCOUNT}:none"]},
        "NotFound",
    ),
    (
        "a filter that counts words",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {"metricTransformation": {"name": "N", "namespace": "Letta", "value": "one"}},
        "neither a number",
    ),
    (
        "a dashboard of 25 columns",
        "aws:cloudwatch/dashboard:Dashboard",
        {
            "dashboardBody": json.dumps(
                {"widgets": [{"type": "text", "properties": {"markdown": "x"}, "width": 25}]}
            )
        },
        "reaches over the 24 columns",
    ),
    ("a budget of nothing", BUDGET, {"limitAmount": "0"}, "must be greater than 0"),
    (
        "a warning to nobody",
        BUDGET,
        {
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                }
            ]
        },
        "at least one subscriber",
    ),
]


@pytest.mark.parametrize(
    ("token", "changes", "words"),
    [case[1:] for case in BY_THEMSELVES],
    ids=[f"{case[1].rpartition(':')[2]}: {case[0]}" for case in BY_THEMSELVES],
)
def test_a_bad_resource_is_refused(token: str, changes: Inputs, words: str, estate: Estate) -> None:
    assert words in estate.refusal(token, changes)


def _in_one_zone(estate: Estate) -> Inputs:
    return {"subnets": [estate.subnet("a", 1), estate.subnet("a2"[0], 1)]}


def _twice(token: str) -> Callable[[Estate], Inputs]:
    def changes(estate: Estate) -> Inputs:
        estate.make(token)
        return {}

    return changes


def _unissued(estate: Estate) -> Inputs:
    arn = estate.make("aws:acm/certificate:Certificate", "new", domainName="new.example.com").id
    return {"certificateArn": arn, "port": 8443}


def _unvalidated(estate: Estate) -> Inputs:
    arn = estate.make("aws:acm/certificate:Certificate", "new", domainName="new.example.com").id
    return {"certificateArn": arn, "validationRecordFqdns": None}


def _closed_log_bucket(estate: Estate) -> Inputs:
    bucket = estate.make(BUCKET, "closed").id
    return {"accessLogs": {"bucket": bucket, "enabled": True}}


def _encrypted_log_bucket(estate: Estate) -> Inputs:
    bucket = log_bucket(estate)
    estate.make(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "access-log",
        bucket=bucket,
    )
    return {"name": "encrypted", "accessLogs": {"bucket": bucket, "enabled": True}}


def _target_group_of_nobody(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP, "lonely").id
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _other_container(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP).id
    balanced = {"targetGroupArn": group, "containerName": "letta", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _other_port(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP).id
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 80}
    return {"loadBalancers": [balanced]}


def _task_of(**changes: Value) -> Callable[[Estate], Inputs]:
    def changed(estate: Estate) -> Inputs:
        return {"taskDefinition": estate.make(TASK, "other", **changes).outputs["arn"]}

    return changed


def _instance_targets(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP, "by-instance", targetType="instance").id
    estate.make(LISTENER, "second", port=8443, defaultActions=_forward(group))
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _without_value(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret", "it-empty").id
    definitions = containers(secrets=[{"name": "A", "valueFrom": secret}])
    return _task_of(containerDefinitions=definitions)(estate)


def _unreadable(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret", "other").id
    estate.make("aws:secretsmanager/secretVersion:SecretVersion", "other", secretId=secret)
    definitions = containers(secrets=[{"name": "A", "valueFrom": secret}])
    return _task_of(containerDefinitions=definitions)(estate)


def _unprotected_group(estate: Estate) -> Inputs:
    arn = estate.make(GROUP, "open", protectFromScaleIn=False).outputs["arn"]
    return {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": arn,
            "managedScaling": {"status": "ENABLED"},
            "managedTerminationProtection": "ENABLED",
        }
    }


def _zone_without_the_type(estate: Estate) -> Inputs:
    return {"vpcZoneIdentifiers": [estate.subnet("e", 5)]}


def _closed_key(estate: Estate) -> Inputs:
    key = estate.make(
        "aws:kms/key:Key",
        "closed",
        policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ),
    )
    return {"kmsKeyId": key.outputs["arn"]}


def _key_of_another_group(estate: Estate) -> Inputs:
    key = estate.make(
        "aws:kms/key:Key",
        "narrow",
        policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": "kms:*",
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:other"
                        )
                    }
                },
            },
        ),
    )
    return {"kmsKeyId": key.outputs["arn"]}


def _open_policy(estate: Estate) -> Inputs:
    bucket = estate.get(BUCKET, "arn")
    estate.make("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    return {"policy": policy({**ALLOW, "Principal": "*", "Resource": f"{bucket}/*"})}


def _replica_of_a_server_without_backups(estate: Estate) -> Inputs:
    source = estate.make(DATABASE, "careless", backupRetentionPeriod=0)
    new = ("allocatedStorage", "dbName", "engine", "engineVersion", "password", "username")
    return {
        **dict.fromkeys(new),
        "maxAllocatedStorage": None,
        "parameterGroupName": None,
        "replicateSourceDb": source.outputs["identifier"],
        "skipFinalSnapshot": True,
    }


def _role_for_others(name: str) -> Callable[[Estate], Inputs]:
    def changes(estate: Estate) -> Inputs:
        return {name: role(estate, "rds").outputs["arn"]}

    return changes


AMONG_OTHERS: list[tuple[str, str, Callable[[Estate], Inputs], str]] = [
    ("a subnet that overlaps another", SUBNET, _twice(SUBNET), "InvalidSubnet.Conflict"),
    (
        "a second internet gateway",
        "aws:ec2/internetGateway:InternetGateway",
        _twice("aws:ec2/internetGateway:InternetGateway"),
        "Resource.AlreadyAssociated",
    ),
    (
        "a second route to the same place",
        "aws:ec2/route:Route",
        _twice("aws:ec2/route:Route"),
        "RouteAlreadyExists",
    ),
    (
        "a second route table",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        _twice("aws:ec2/routeTableAssociation:RouteTableAssociation"),
        "Resource.AlreadyAssociated",
    ),
    ("the same rule again", INGRESS, _twice(INGRESS), "InvalidPermission.Duplicate"),
    (
        "an address that is taken",
        "aws:ec2/natGateway:NatGateway",
        _twice("aws:ec2/natGateway:NatGateway"),
        "Resource.AlreadyAssociated",
    ),
    (
        "a zone without the type",
        GROUP,
        _zone_without_the_type,
        "not supported in your requested Availability Zone (us-east-1e)",
    ),
    (
        "databases in one zone",
        "aws:rds/subnetGroup:SubnetGroup",
        lambda e: {"subnetIds": [e.subnet("a", 1)]},
        "DBSubnetGroupDoesNotCoverEnoughAZs",
    ),
    (
        "a replica without backups",
        DATABASE,
        _replica_of_a_server_without_backups,
        "Automated backups are not enabled",
    ),
    ("a load balancer in one zone", BALANCER, _in_one_zone, "two different Availability Zones"),
    (
        "a log bucket that ELB cannot write to",
        BALANCER,
        _closed_log_bucket,
        "Access Denied for bucket",
    ),
    ("a log bucket with a key", BALANCER, _encrypted_log_bucket, "SSE-S3 only"),
    ("a second listener at a port", LISTENER, _twice(LISTENER), "DuplicateListener"),
    (
        "a second rule of a priority",
        "aws:lb/listenerRule:ListenerRule",
        _twice("aws:lb/listenerRule:ListenerRule"),
        "PriorityInUse",
    ),
    ("a certificate that is not issued", LISTENER, _unissued, "UnsupportedCertificate"),
    (
        "a validation without records",
        "aws:acm/certificateValidation:CertificateValidation",
        _unvalidated,
        "PENDING_VALIDATION",
    ),
    ("a second record of a name", RECORD, _twice(RECORD), "it already exists"),
    (
        "a public policy where that is blocked",
        "aws:s3/bucketPolicy:BucketPolicy",
        _open_policy,
        "public policies are blocked",
    ),
    ("a key that logs cannot use", LOG_GROUP, _closed_key, "not allowed to be used with Arn"),
    (
        "a key for another log group",
        LOG_GROUP,
        _key_of_another_group,
        "not allowed to be used with Arn",
    ),
    ("a group without scale-in protection", CAPACITY, _unprotected_group, "protectFromScaleIn"),
    (
        "a second provider of a group",
        CAPACITY,
        _twice(CAPACITY),
        "already being used by another capacity provider",
    ),
    (
        "a task role for another service",
        TASK,
        _role_for_others("taskRoleArn"),
        "proper trust relationship",
    ),
    (
        "a function role for another service",
        FUNCTION,
        _role_for_others("role"),
        "cannot be assumed by Lambda",
    ),
    (
        "a profile of a role for others",
        "aws:iam/instanceProfile:InstanceProfile",
        lambda e: {"role": role(e, "rds").id},
        "does not trust ec2.amazonaws.com",
    ),
    (
        "a target group without a listener",
        SERVICE,
        _target_group_of_nobody,
        "does not have an associated load balancer",
    ),
    (
        "a container that is not in the task",
        SERVICE,
        _other_container,
        "The container letta does not exist",
    ),
    ("a port that the container has not", SERVICE, _other_port, "did not have a container port 80"),
    ("instances as targets of awsvpc tasks", SERVICE, _instance_targets, "it must be ip"),
    (
        "a task larger than the instances",
        SERVICE,
        _task_of(cpu="4096", memory="16384"),
        "no container instance met all of its requirements",
    ),
    (
        "an ARM task on Intel instances",
        SERVICE,
        _task_of(runtimePlatform={"cpuArchitecture": "ARM64"}),
        "the task is for arm64",
    ),
    ("a secret without a value", SERVICE, _without_value, "AWSCURRENT"),
    (
        "a secret that the role may not read",
        SERVICE,
        _unreadable,
        "not authorized to perform secretsmanager:GetSecretValue",
    ),
]


@pytest.mark.parametrize(
    ("token", "changes", "words"),
    [case[1:] for case in AMONG_OTHERS],
    ids=[f"{case[1].rpartition(':')[2]}: {case[0]}" for case in AMONG_OTHERS],
)
def test_a_resource_that_does_not_fit_the_others_is_refused(
    token: str, changes: Callable[[Estate], Inputs], words: str, estate: Estate
) -> None:
    assert words in estate.refusal(token, changes(estate))


def test_an_archive_with_the_handlers_file_is_accepted(estate: Estate) -> None:
    files = archive({"run_once.py": "def handler(event, context): ..."})
    assert estate.refusal(FUNCTION, {"code": files, "handler": "run_once.handler"}) == ""


def test_a_service_scaled_beyond_its_bounds_is_refused_on_update_too(estate: Estate) -> None:
    target = estate.make("aws:appautoscaling/target:Target")
    answer = estate.engine.check(target.type, "it", {**target.inputs, "maxCapacity": 1})
    assert "Maximum capacity cannot be less" in answer.failures[0][1]


def test_an_update_does_not_collide_with_the_object_itself(estate: Estate) -> None:
    listener = estate.make(LISTENER)
    changed = {**listener.inputs, "tags": {"a": "b"}}
    assert estate.engine.update(listener, changed).outputs["tags"] == {"a": "b"}


def test_storage_cannot_be_made_smaller(estate: Estate) -> None:
    database = estate.make(DATABASE)
    smaller = {**database.inputs, "allocatedStorage": 100, "maxAllocatedStorage": None}
    smaller.pop("maxAllocatedStorage")
    with pytest.raises(Refused, match="storage cannot be made smaller"):
        estate.engine.update(database, smaller)


def test_a_major_upgrade_must_be_allowed(estate: Estate) -> None:
    database = estate.make(DATABASE, "plain", parameterGroupName="default.postgres16")
    newer = {**database.inputs, "engineVersion": "17", "parameterGroupName": "default.postgres17"}
    with pytest.raises(Refused, match="AllowMajorVersionUpgrade"):
        estate.engine.update(database, newer)


def test_a_database_with_deletion_protection_stays(estate: Estate) -> None:
    database = estate.make(DATABASE, "kept", deletionProtection=True)
    with pytest.raises(Refused, match="Cannot delete protected DB Instance"):
        estate.engine.delete(database)


def test_a_security_group_stays_while_something_carries_it(estate: Estate) -> None:
    estate.make(CACHE)
    group = estate.make(SECURITY_GROUP)
    with pytest.raises(Refused, match="DependencyViolation"):
        estate.engine.delete(group)


def test_every_change_of_a_task_is_a_new_revision_beside_the_old(estate: Estate) -> None:
    first = estate.make(TASK)
    diff = estate.engine.diff(first, {**first.inputs, "memory": "4096"})
    assert (diff.replaces, diff.delete_before_replace) == (["memory"], False)
    second = estate.make(TASK, "again", memory="4096")
    assert (first.outputs["revision"], second.outputs["revision"]) == (1, 2)


def test_containers_that_differ_in_spelling_alone_are_no_change(estate: Estate) -> None:
    first = estate.make(TASK)
    [container] = json.loads(first.inputs["containerDefinitions"])
    respelt = json.dumps([{**container, "cpu": 0, "environment": []}], indent=2)
    assert (
        estate.engine.diff(first, {**first.inputs, "containerDefinitions": respelt}).changes == {}
    )


def test_a_launch_template_counts_its_versions(estate: Estate) -> None:
    template = estate.make(LAUNCH_TEMPLATE)
    changed = estate.engine.update(template, {**template.inputs, "instanceType": "m5.xlarge"})
    assert (template.outputs["latestVersion"], changed.outputs["latestVersion"]) == (1, 2)
    assert changed.outputs["defaultVersion"] == 2


def test_an_alias_is_named_after_its_resource_with_the_prefix(estate: Estate) -> None:
    alias = estate.make("aws:kms/alias:Alias")
    assert alias.outputs["name"].startswith("alias/it-")


def test_a_replica_takes_after_its_source(estate: Estate) -> None:
    source = estate.make(DATABASE)
    replica = estate.engine.create(
        DATABASE,
        "replica",
        {
            "instanceClass": "db.r5.large",
            "replicateSourceDb": source.outputs["identifier"],
            "skipFinalSnapshot": True,
            "storageEncrypted": True,
        },
    )
    same = ("engine", "engineVersionActual", "username", "allocatedStorage", "kmsKeyId")
    assert all(replica.outputs[name] == source.outputs[name] for name in same)
