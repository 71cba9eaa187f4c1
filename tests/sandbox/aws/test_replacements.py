"""What CloudFormation can set only at creation is replaced by the tables too.

CloudFormation's schemas (in cfn-lint) and the Pulumi provider describe the same APIs by different
names: `RENAMED` and `RENAMED_HERE` say where. `DIFFERENT` says where the provider has a way without
a new object.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from sandbox.packages import package

TYPES = {
    "aws:acm/certificate:Certificate": "CertificateManager::Certificate",
    "aws:appautoscaling/policy:Policy": "ApplicationAutoScaling::ScalingPolicy",
    "aws:appautoscaling/target:Target": "ApplicationAutoScaling::ScalableTarget",
    "aws:autoscaling/group:Group": "AutoScaling::AutoScalingGroup",
    "aws:cloudwatch/dashboard:Dashboard": "CloudWatch::Dashboard",
    "aws:cloudwatch/logGroup:LogGroup": "Logs::LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "Logs::MetricFilter",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "CloudWatch::Alarm",
    "aws:ec2/eip:Eip": "EC2::EIP",
    "aws:ec2/eipAssociation:EipAssociation": "EC2::EIPAssociation",
    "aws:ec2/flowLog:FlowLog": "EC2::FlowLog",
    "aws:ec2/launchTemplate:LaunchTemplate": "EC2::LaunchTemplate",
    "aws:ec2/natGateway:NatGateway": "EC2::NatGateway",
    "aws:ec2/route:Route": "EC2::Route",
    "aws:ec2/routeTable:RouteTable": "EC2::RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "EC2::SubnetRouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup": "EC2::SecurityGroup",
    "aws:ec2/subnet:Subnet": "EC2::Subnet",
    "aws:ec2/vpc:Vpc": "EC2::VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "EC2::VPCEndpoint",
    "aws:ecs/capacityProvider:CapacityProvider": "ECS::CapacityProvider",
    "aws:ecs/cluster:Cluster": "ECS::Cluster",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (
        "ECS::ClusterCapacityProviderAssociations"
    ),
    "aws:ecs/service:Service": "ECS::Service",
    "aws:ecs/taskDefinition:TaskDefinition": "ECS::TaskDefinition",
    "aws:eks/accessEntry:AccessEntry": "EKS::AccessEntry",
    "aws:eks/addon:Addon": "EKS::Addon",
    "aws:eks/cluster:Cluster": "EKS::Cluster",
    "aws:eks/nodeGroup:NodeGroup": "EKS::Nodegroup",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "EKS::PodIdentityAssociation",
    "aws:elasticache/parameterGroup:ParameterGroup": "ElastiCache::ParameterGroup",
    "aws:elasticache/replicationGroup:ReplicationGroup": "ElastiCache::ReplicationGroup",
    "aws:elasticache/subnetGroup:SubnetGroup": "ElastiCache::SubnetGroup",
    "aws:iam/instanceProfile:InstanceProfile": "IAM::InstanceProfile",
    "aws:iam/policy:Policy": "IAM::ManagedPolicy",
    "aws:iam/role:Role": "IAM::Role",
    "aws:iam/rolePolicy:RolePolicy": "IAM::RolePolicy",
    "aws:kms/alias:Alias": "KMS::Alias",
    "aws:lambda/function:Function": "Lambda::Function",
    "aws:lambda/permission:Permission": "Lambda::Permission",
    "aws:lb/listener:Listener": "ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer": "ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "ElasticLoadBalancingV2::TargetGroup",
    "aws:rds/instance:Instance": "RDS::DBInstance",
    "aws:rds/parameterGroup:ParameterGroup": "RDS::DBParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup": "RDS::DBSubnetGroup",
    "aws:route53/zone:Zone": "Route53::HostedZone",
    "aws:s3/bucket:Bucket": "S3::Bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "S3::BucketPolicy",
    "aws:secretsmanager/secret:Secret": "SecretsManager::Secret",
    "aws:sns/topic:Topic": "SNS::Topic",
    "aws:sqs/queue:Queue": "SQS::Queue",
    "aws:ssm/parameter:Parameter": "SSM::Parameter",
    "aws:wafv2/webAcl:WebAcl": "WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "WAFv2::WebACLAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        "WAFv2::LoggingConfiguration"
    ),
}

RENAMED = {
    "AliasName": "name",
    "AlarmName": "name",
    "AutoScalingGroupName": "name",
    "BucketName": "bucket",
    "BucketNamePrefix": "bucketPrefix",
    "CacheParameterGroupFamily": "family",
    "CacheSubnetGroupName": "subnetGroupName",
    "Cluster": "cluster",
    "DBInstanceIdentifier": "identifier",
    "DBName": "dbName",
    "DBParameterGroupName": "name",
    "DBSubnetGroupName": "dbSubnetGroupName",
    "DeliverLogsPermissionArn": "iamRoleArn",
    "EIP": "publicIp",
    "FilterName": "name",
    "FunctionName": "name",
    "GroupDescription": "description",
    "GroupName": "name",
    "InstanceProfileName": "name",
    "LaunchTemplateName": "name",
    "LogGroupName": "name",
    "ManagedPolicyName": "name",
    "MasterUsername": "username",
    "NodeRole": "nodeRoleArn",
    "NodegroupName": "nodeGroupName",
    "PolicyName": "name",
    "PreferredCacheClusterAZs": "preferredCacheClusterAzs",
    "PrincipalOrgID": "principalOrgId",
    "PrivateIpAddress": "privateIp",
    "QueueName": "name",
    "Role": "iamRole",
    "RoleName": "name",
    "Scheme": "internal",
    "ServiceName": "name",
    "TopicName": "name",
    "Type": "loadBalancerType",
    "WebACLArn": "webAclArn",
}

RENAMED_HERE = {
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "LogGroupName"): "logGroupName",
    ("aws:ec2/eipAssociation:EipAssociation", "PrivateIpAddress"): "privateIpAddress",
    ("aws:ec2/flowLog:FlowLog", "LogGroupName"): "logDestination",
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "ServiceName"): "serviceName",
    ("aws:ecs/capacityProvider:CapacityProvider", "ClusterName"): "cluster",
    ("aws:ecs/cluster:Cluster", "ClusterName"): "name",
    ("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "Cluster"): "clusterName",
    ("aws:eks/nodeGroup:NodeGroup", "Subnets"): "subnetIds",
    ("aws:elasticache/subnetGroup:SubnetGroup", "CacheSubnetGroupName"): "name",
    ("aws:iam/rolePolicy:RolePolicy", "RoleName"): "role",
    ("aws:lambda/permission:Permission", "FunctionName"): "function",
    ("aws:rds/subnetGroup:SubnetGroup", "DBSubnetGroupName"): "name",
}

DIFFERENT = {
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", "RouteTableId"): (
        "ReplaceRouteTableAssociation changes it in place"
    ),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "DnsOptions"): "ModifyVpcEndpoint changes it in place",
    ("aws:elasticache/replicationGroup:ReplicationGroup", "PreferredCacheClusterAZs"): (
        "the provider's schema has no ForceNew on it"
    ),
    ("aws:rds/instance:Instance", "DBInstanceIdentifier"): "ModifyDBInstance renames it",
    ("aws:rds/instance:Instance", "DBSubnetGroupName"): "ModifyDBInstance moves it",
}


@cache
def _index() -> dict[str, str]:
    found: dict[str, str] = _load("providers/us-east-1.json")
    return found


def _load(path: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((files("cfnlint") / "data" / "schemas" / path).read_text(encoding="utf-8"))


def _only_at_creation(cloudformation: str) -> set[str]:
    schema = _load(f"resources/{_index()[f'AWS::{cloudformation}']}.json")
    return {path.split("/")[2] for path in schema.get("createOnlyProperties", [])}


@pytest.mark.parametrize("token", sorted(TYPES))
def test_what_is_set_only_at_creation_forces_a_new_object(token: str) -> None:
    kind = package("aws").resource(token)
    assert kind.table.replace is not None
    replaced = {path.partition(".")[0] for path in kind.table.replace.properties}
    missing = []
    for name in _only_at_creation(TYPES[token]):
        if (token, name) in DIFFERENT:
            continue
        usual = RENAMED.get(name, name[0].lower() + name[1:])
        pulumi_name = RENAMED_HERE.get((token, name), usual)
        if pulumi_name in kind.schema.inputs and pulumi_name not in replaced:
            missing.append(name)
    assert missing == []


def test_no_exception_is_out_of_date() -> None:
    for token, name in (*DIFFERENT, *RENAMED_HERE):
        assert name in _only_at_creation(TYPES[token]), (token, name)
