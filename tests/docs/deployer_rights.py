"""What the deployer of a stack on AWS must be allowed to do, by type of resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.components.aws.deployment import FARGATE

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
