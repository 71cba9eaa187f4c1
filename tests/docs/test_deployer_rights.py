"""The deployer may do what the stacks need, by statements that IAM can apply."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.components.aws.deployment import FARGATE, deployed
from tests.components.aws.mock_cloud import Run

_INGRESS = {"domain": "letta.example.com", "hosted_zone": "example.com"}
_LARGE = {"ingress": {**_INGRESS, "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]}}}
STACKS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "small": ("small", {"budget": 200, "monitoring": {"alarm_emails": ["a@example.com"]}}),
    "medium": (
        "medium",
        {
            "savings": {
                "logs_endpoint": True,
                "night": {"begins": "22:00", "ends": "06:00"},
            }
        },
    ),
    "medium-fargate": (
        "medium",
        {"api": FARGATE, "worker": {**FARGATE, "memory_gib": 4, "capacity": "spot"}},
    ),
    "large": ("large", _LARGE),
    "large-vllm-nodes": (
        "large",
        {
            **_LARGE,
            "llm": {
                "hosting": "vllm",
                "vllm": {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge"},
            },
        },
    ),
}
"""Stacks that between them create every type of resource."""

RIGHTS: Mapping[str, str] = {
    "acm/certificate:Certificate": (
        "acm: RequestCertificate DescribeCertificate ListTagsForCertificate DeleteCertificate "
        "AddTagsToCertificate"
    ),
    "acm/certificateValidation:CertificateValidation": "acm: DescribeCertificate",
    "appautoscaling/policy:Policy": (
        "application-autoscaling: PutScalingPolicy DescribeScalingPolicies DeleteScalingPolicy"
    ),
    "appautoscaling/scheduledAction:ScheduledAction": (
        "application-autoscaling: PutScheduledAction DescribeScheduledActions DeleteScheduledAction"
    ),
    "appautoscaling/target:Target": (
        "application-autoscaling: RegisterScalableTarget DescribeScalableTargets "
        "DeregisterScalableTarget TagResource ListTagsForResource"
    ),
    "autoscaling/group:Group": (
        "autoscaling: CreateAutoScalingGroup DescribeAutoScalingGroups UpdateAutoScalingGroup "
        "DeleteAutoScalingGroup CreateOrUpdateTags StartInstanceRefresh; "
        "ec2: RunInstances CreateTags; iam: PassRole CreateServiceLinkedRole"
    ),
    "budgets/budget:Budget": "budgets: ModifyBudget ViewBudget TagResource ListTagsForResource",
    "cloudwatch/logGroup:LogGroup": (
        "logs: CreateLogGroup DescribeLogGroups DeleteLogGroup PutRetentionPolicy "
        "AssociateKmsKey TagResource ListTagsForResource"
    ),
    "cloudwatch/logMetricFilter:LogMetricFilter": (
        "logs: PutMetricFilter DescribeMetricFilters DeleteMetricFilter"
    ),
    "cloudwatch/metricAlarm:MetricAlarm": (
        "cloudwatch: PutMetricAlarm DescribeAlarms DeleteAlarms TagResource ListTagsForResource"
    ),
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        "ec2: DescribeSecurityGroups RevokeSecurityGroupIngress RevokeSecurityGroupEgress "
        "CreateTags"
    ),
    "ec2/eip:Eip": "ec2: AllocateAddress DescribeAddresses ReleaseAddress CreateTags",
    "ec2/internetGateway:InternetGateway": (
        "ec2: CreateInternetGateway AttachInternetGateway DescribeInternetGateways "
        "DetachInternetGateway DeleteInternetGateway CreateTags"
    ),
    "ec2/launchTemplate:LaunchTemplate": (
        "ec2: CreateLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate "
        "DescribeLaunchTemplates DescribeLaunchTemplateVersions DeleteLaunchTemplate CreateTags"
    ),
    "ec2/natGateway:NatGateway": (
        "ec2: CreateNatGateway DescribeNatGateways DeleteNatGateway CreateTags"
    ),
    "ec2/placementGroup:PlacementGroup": (
        "ec2: CreatePlacementGroup DescribePlacementGroups DeletePlacementGroup CreateTags"
    ),
    "ec2/routeTable:RouteTable": (
        "ec2: CreateRouteTable CreateRoute DescribeRouteTables DeleteRoute DeleteRouteTable "
        "CreateTags"
    ),
    "ec2/routeTableAssociation:RouteTableAssociation": (
        "ec2: AssociateRouteTable DescribeRouteTables DisassociateRouteTable"
    ),
    "ec2/securityGroup:SecurityGroup": (
        "ec2: CreateSecurityGroup DescribeSecurityGroups RevokeSecurityGroupEgress "
        "DeleteSecurityGroup CreateTags"
    ),
    "ec2/subnet:Subnet": (
        "ec2: CreateSubnet DescribeSubnets ModifySubnetAttribute DeleteSubnet CreateTags"
    ),
    "ec2/vpc:Vpc": (
        "ec2: CreateVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute DeleteVpc CreateTags"
    ),
    "ec2/vpcEndpoint:VpcEndpoint": (
        "ec2: CreateVpcEndpoint DescribeVpcEndpoints DescribePrefixLists DeleteVpcEndpoints "
        "CreateTags; route53: AssociateVPCWithHostedZone"
    ),
    "ecs/capacityProvider:CapacityProvider": (
        "ecs: CreateCapacityProvider DescribeCapacityProviders DeleteCapacityProvider TagResource"
    ),
    "ecs/cluster:Cluster": (
        "ecs: CreateCluster DescribeClusters DeleteCluster TagResource; "
        "iam: CreateServiceLinkedRole"
    ),
    "ecs/clusterCapacityProviders:ClusterCapacityProviders": (
        "ecs: PutClusterCapacityProviders DescribeClusters"
    ),
    "ecs/service:Service": (
        "ecs: CreateService DescribeServices UpdateService DeleteService TagResource; iam: PassRole"
    ),
    "ecs/taskDefinition:TaskDefinition": (
        "ecs: RegisterTaskDefinition DescribeTaskDefinition DeregisterTaskDefinition TagResource; "
        "iam: PassRole"
    ),
    "eks/accessEntry:AccessEntry": (
        "eks: CreateAccessEntry DescribeAccessEntry DeleteAccessEntry TagResource"
    ),
    "eks/accessPolicyAssociation:AccessPolicyAssociation": (
        "eks: AssociateAccessPolicy ListAssociatedAccessPolicies DisassociateAccessPolicy"
    ),
    "eks/addon:Addon": (
        "eks: CreateAddon DescribeAddon UpdateAddon DescribeUpdate DeleteAddon TagResource "
        "CreatePodIdentityAssociation DescribePodIdentityAssociation DeletePodIdentityAssociation; "
        "iam: PassRole GetRole"
    ),
    "eks/cluster:Cluster": (
        "eks: CreateCluster DescribeCluster UpdateClusterConfig UpdateClusterVersion "
        "DescribeUpdate DeleteCluster TagResource; "
        "iam: PassRole CreateServiceLinkedRole; kms: DescribeKey CreateGrant"
    ),
    "eks/nodeGroup:NodeGroup": (
        "eks: CreateNodegroup DescribeNodegroup UpdateNodegroupConfig UpdateNodegroupVersion "
        "DescribeUpdate DeleteNodegroup TagResource; ec2: RunInstances CreateTags "
        "DescribeLaunchTemplateVersions DescribeSubnets; "
        "iam: PassRole GetRole ListAttachedRolePolicies CreateServiceLinkedRole"
    ),
    "eks/podIdentityAssociation:PodIdentityAssociation": (
        "eks: CreatePodIdentityAssociation DescribePodIdentityAssociation "
        "DeletePodIdentityAssociation TagResource; iam: PassRole GetRole"
    ),
    "elasticache/parameterGroup:ParameterGroup": (
        "elasticache: CreateCacheParameterGroup ModifyCacheParameterGroup "
        "DescribeCacheParameterGroups DescribeCacheParameters DeleteCacheParameterGroup "
        "AddTagsToResource ListTagsForResource"
    ),
    "elasticache/replicationGroup:ReplicationGroup": (
        "elasticache: CreateReplicationGroup DescribeReplicationGroups DescribeCacheClusters "
        "ModifyReplicationGroup IncreaseReplicaCount DecreaseReplicaCount DeleteReplicationGroup "
        "AddTagsToResource ListTagsForResource; iam: CreateServiceLinkedRole"
    ),
    "elasticache/subnetGroup:SubnetGroup": (
        "elasticache: CreateCacheSubnetGroup DescribeCacheSubnetGroups ModifyCacheSubnetGroup "
        "DeleteCacheSubnetGroup AddTagsToResource ListTagsForResource"
    ),
    "iam/instanceProfile:InstanceProfile": (
        "iam: CreateInstanceProfile AddRoleToInstanceProfile GetInstanceProfile "
        "RemoveRoleFromInstanceProfile DeleteInstanceProfile TagInstanceProfile PassRole"
    ),
    "iam/role:Role": (
        "iam: CreateRole GetRole ListRolePolicies ListAttachedRolePolicies "
        "ListInstanceProfilesForRole UpdateAssumeRolePolicy DeleteRole TagRole"
    ),
    "iam/rolePolicy:RolePolicy": "iam: PutRolePolicy GetRolePolicy DeleteRolePolicy",
    "iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam: AttachRolePolicy ListAttachedRolePolicies DetachRolePolicy"
    ),
    "kms/alias:Alias": "kms: CreateAlias ListAliases UpdateAlias DeleteAlias",
    "kms/key:Key": (
        "kms: CreateKey DescribeKey GetKeyPolicy PutKeyPolicy GetKeyRotationStatus "
        "EnableKeyRotation ListResourceTags TagResource ScheduleKeyDeletion"
    ),
    "lambda/function:Function": (
        "lambda: CreateFunction GetFunction GetFunctionCodeSigningConfig ListVersionsByFunction "
        "UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction TagResource; iam: PassRole"
    ),
    "lambda/invocation:Invocation": "lambda: InvokeFunction",
    "lb/listener:Listener": (
        "elasticloadbalancing: CreateListener DescribeListeners DescribeListenerAttributes "
        "ModifyListener DeleteListener AddTags DescribeTags"
    ),
    "lb/listenerRule:ListenerRule": (
        "elasticloadbalancing: CreateRule DescribeRules ModifyRule SetRulePriorities DeleteRule "
        "AddTags DescribeTags"
    ),
    "lb/loadBalancer:LoadBalancer": (
        "elasticloadbalancing: CreateLoadBalancer DescribeLoadBalancers "
        "DescribeLoadBalancerAttributes ModifyLoadBalancerAttributes DeleteLoadBalancer AddTags "
        "DescribeTags; ec2: DescribeNetworkInterfaces; iam: CreateServiceLinkedRole"
    ),
    "lb/targetGroup:TargetGroup": (
        "elasticloadbalancing: CreateTargetGroup DescribeTargetGroups "
        "DescribeTargetGroupAttributes ModifyTargetGroup ModifyTargetGroupAttributes "
        "DeleteTargetGroup AddTags DescribeTags"
    ),
    "rds/instance:Instance": (
        "rds: CreateDBInstance CreateDBInstanceReadReplica DescribeDBInstances ModifyDBInstance "
        "DeleteDBInstance CreateDBSnapshot AddTagsToResource ListTagsForResource; "
        "iam: PassRole CreateServiceLinkedRole; kms: DescribeKey CreateGrant"
    ),
    "rds/parameterGroup:ParameterGroup": (
        "rds: CreateDBParameterGroup DescribeDBParameterGroups DescribeDBParameters "
        "ModifyDBParameterGroup DeleteDBParameterGroup AddTagsToResource ListTagsForResource"
    ),
    "rds/subnetGroup:SubnetGroup": (
        "rds: CreateDBSubnetGroup DescribeDBSubnetGroups ModifyDBSubnetGroup DeleteDBSubnetGroup "
        "AddTagsToResource ListTagsForResource"
    ),
    "route53/record:Record": (
        "route53: ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets"
    ),
    "s3/bucket:Bucket": (
        "s3: CreateBucket ListBucket DeleteBucket PutBucketTagging GetBucketTagging"
    ),
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3: PutLifecycleConfiguration GetLifecycleConfiguration"
    ),
    "s3/bucketOwnershipControls:BucketOwnershipControls": (
        "s3: PutBucketOwnershipControls GetBucketOwnershipControls"
    ),
    "s3/bucketPolicy:BucketPolicy": "s3: PutBucketPolicy GetBucketPolicy DeleteBucketPolicy",
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "s3: PutBucketPublicAccessBlock GetBucketPublicAccessBlock"
    ),
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3: PutEncryptionConfiguration GetEncryptionConfiguration"
    ),
    "s3/bucketVersioning:BucketVersioning": "s3: PutBucketVersioning GetBucketVersioning",
    "scheduler/schedule:Schedule": (
        "scheduler: CreateSchedule GetSchedule UpdateSchedule DeleteSchedule; iam: PassRole"
    ),
    "secretsmanager/secret:Secret": (
        "secretsmanager: CreateSecret DescribeSecret GetResourcePolicy DeleteSecret TagResource; "
        "kms: GenerateDataKey Decrypt"
    ),
    "secretsmanager/secretVersion:SecretVersion": (
        "secretsmanager: PutSecretValue GetSecretValue DescribeSecret UpdateSecretVersionStage; "
        "kms: GenerateDataKey Decrypt"
    ),
    "sns/topic:Topic": (
        "sns: CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic TagResource "
        "ListTagsForResource"
    ),
    "sns/topicPolicy:TopicPolicy": "sns: SetTopicAttributes GetTopicAttributes",
    "sns/topicSubscription:TopicSubscription": (
        "sns: Subscribe GetSubscriptionAttributes Unsubscribe"
    ),
    "sqs/queue:Queue": (
        "sqs: CreateQueue GetQueueAttributes SetQueueAttributes DeleteQueue TagQueue ListQueueTags"
    ),
    "sqs/redriveAllowPolicy:RedriveAllowPolicy": "sqs: SetQueueAttributes GetQueueAttributes",
    "ssm/parameter:Parameter": (
        "ssm: PutParameter GetParameter GetParameters DescribeParameters DeleteParameter "
        "AddTagsToResource ListTagsForResource"
    ),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "ec2: AuthorizeSecurityGroupEgress DescribeSecurityGroupRules ModifySecurityGroupRules "
        "RevokeSecurityGroupEgress CreateTags"
    ),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "ec2: AuthorizeSecurityGroupIngress DescribeSecurityGroupRules ModifySecurityGroupRules "
        "RevokeSecurityGroupIngress CreateTags"
    ),
    "wafv2/webAcl:WebAcl": (
        "wafv2: CreateWebACL GetWebACL UpdateWebACL DeleteWebACL TagResource ListTagsForResource"
    ),
    "wafv2/webAclAssociation:WebAclAssociation": (
        "wafv2: AssociateWebACL GetWebACLForResource DisassociateWebACL; "
        "elasticloadbalancing: SetWebACL"
    ),
    "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        "wafv2: PutLoggingConfiguration GetLoggingConfiguration DeleteLoggingConfiguration; "
        "logs: CreateLogDelivery DeleteLogDelivery PutResourcePolicy DescribeResourcePolicies"
    ),
}
"""Type of `aws` -> what creating, reading, changing and deleting it takes (Service Authorization
Reference, "Actions, resources, and condition keys", with the dependent actions named there; WAF
developer guide, "Permissions for logging"; EKS user guide, "Service-linked roles"). All that can
bear tags is tagged, with the stack's default tags."""

LOOKUPS: Mapping[str, str] = {
    "ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": "ec2: DescribeInstanceTypeOfferings",
    "iam/getSessionContext:getSessionContext": "iam: GetRole",
    "index/getAvailabilityZones:getAvailabilityZones": "ec2: DescribeAvailabilityZones",
    "index/getCallerIdentity:getCallerIdentity": "sts: GetCallerIdentity",
    "index/getPartition:getPartition": "",
    "index/getRegion:getRegion": "",
    "route53/getZone:getZone": "route53: ListHostedZones GetHostedZone ListTagsForResource",
}
"""Function of `aws` -> what it takes, from the same source."""

_POLICIES = sorted((Path(__file__).parents[2] / "docs" / "aws").glob("deployer-*.json"))


@functools.cache
def _statements() -> tuple[dict[str, Any], ...]:
    return tuple(
        statement
        for path in _POLICIES
        for statement in json.loads(path.read_text(encoding="utf-8"))["Statement"]
    )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _granted() -> set[str]:
    return {action for statement in _statements() for action in statement["Action"]}


def _actions(row: str) -> set[str]:
    """`service: Action Action; service: Action` as IAM writes them."""
    parts = (part.partition(": ") for part in row.split("; ") if part)
    return {f"{service}:{action}" for service, _, names in parts for action in names.split()}


def _stacks() -> Iterator[Run[Any]]:
    for tier, values in STACKS.values():
        yield deployed(tier, **values)


@functools.cache
def _reference() -> dict[str, Any]:
    """The Service Authorization Reference, by service, in lower case."""
    file = resources.files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _common(one: str, other: str) -> bool:
    """Whether some text fits both patterns, in which `*` stands for any."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _common(one[1:], other) or _common(one, other[1:])
    if other[0] == "*":
        return _common(other, one)
    return one[0] == other[0] and _common(one[1:], other[1:])


def _fits(resource: str, action: str) -> bool:
    """Whether a statement on `resource` can ever apply to the action."""
    service, _, name = action.partition(":")
    reference = _reference()[service]
    kinds = _listed(reference["Actions"][name.lower()].get("Resources", []))
    if resource == "*":
        return True
    formats = (
        each for kind in kinds for each in reference["Resources"][kind.lower()]["ARNFormats"]
    )
    wanted = re.sub(r"\$\{\w+\}", "x", resource).split(":", 5)
    for arn in formats:
        of = re.sub(r"\$\{\w+\}", "x", arn).replace(".*", "*").split(":", 5)
        if wanted[2] == of[2] and _common(wanted[5], of[5]):
            return True
    return False


def test_every_type_that_a_stack_creates_has_its_rights_stated() -> None:
    created = {
        each.type.removeprefix("aws:")
        for run in _stacks()
        for each in run.resources
        if each.type.startswith("aws:")
    }
    assert created == RIGHTS.keys()


def test_every_lookup_of_a_stack_has_its_rights_stated() -> None:
    called = {name.removeprefix("aws:") for run in _stacks() for name in run.calls}
    assert called == LOOKUPS.keys()


@pytest.mark.parametrize("kind", [*RIGHTS, *LOOKUPS])
def test_the_deployer_has_the_rights(kind: str) -> None:
    assert _actions({**RIGHTS, **LOOKUPS}[kind]) <= _granted()


def test_the_deployer_has_no_service_that_nothing_needs() -> None:
    needed = set().union(*map(_actions, (*RIGHTS.values(), *LOOKUPS.values())))
    services = {action.partition(":")[0] for action in needed}
    assert {action.partition(":")[0] for action in _granted()} == services


def test_every_action_exists_and_applies_to_the_resources_it_is_granted_on() -> None:
    useless = [
        (statement["Sid"], action)
        for statement in _statements()
        for action in statement["Action"]
        if not any(_fits(resource, action) for resource in _listed(statement["Resource"]))
    ]
    assert useless == []


def test_every_resource_that_is_named_serves_an_action() -> None:
    idle = [
        (statement["Sid"], resource)
        for statement in _statements()
        for resource in _listed(statement["Resource"])
        if not any(_fits(resource, action) for action in statement["Action"])
    ]
    assert idle == []


def test_every_service_that_takes_a_role_may_be_handed_one() -> None:
    trusted = set()
    for role in itertools.chain.from_iterable(run.all(":Role") for run in _stacks()):
        for statement in json.loads(role.inputs["assumeRolePolicy"])["Statement"]:
            trusted |= set(_listed(statement["Principal"]["Service"]))
    handed = set()
    for statement in _statements():
        if "iam:PassRole" in statement["Action"]:
            handed |= set(statement["Condition"]["StringEquals"]["iam:PassedToService"])
    assert handed == trusted
