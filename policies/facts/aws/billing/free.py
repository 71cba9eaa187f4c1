"""Types for which AWS bills nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_NETWORK = "parts of a network are free; what passes through is billed elsewhere"
_RIGHTS = "rights are free"
_SETTING = "a setting of what is billed itself"
_MACHINES = "billed with its machines"
_COPIES = "billed with what its copies run on"
_BALANCER = "billed with its load balancer"
_BUCKET = "billed with its bucket"
_SCALING = "moves what is billed itself"

FREE: Mapping[str, str] = {
    "aws:acm/certificateValidation:CertificateValidation": "waits for a certificate",
    "aws:appautoscaling/policy:Policy": _SCALING,
    "aws:appautoscaling/scheduledAction:ScheduledAction": _SCALING,
    "aws:autoscaling/lifecycleHook:LifecycleHook": _SCALING,
    "aws:autoscaling/policy:Policy": _SCALING,
    "aws:autoscaling/tag:Tag": _MACHINES,
    "aws:budgets/budget:Budget": "budgets are free; actions of theirs are a type of their own",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _RIGHTS,
    "aws:cloudwatch/logStream:LogStream": "billed with its log group",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _NETWORK,
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": _NETWORK,
    "aws:ec2/eipAssociation:EipAssociation": "billed with the address",
    "aws:ec2/internetGateway:InternetGateway": _NETWORK,
    "aws:ec2/keyPair:KeyPair": _RIGHTS,
    "aws:ec2/launchTemplate:LaunchTemplate": _MACHINES,
    "aws:ec2/networkAcl:NetworkAcl": _NETWORK,
    "aws:ec2/networkAclRule:NetworkAclRule": _NETWORK,
    "aws:ec2/networkInterface:NetworkInterface": _NETWORK,
    "aws:ec2/placementGroup:PlacementGroup": _MACHINES,
    "aws:ec2/route:Route": _NETWORK,
    "aws:ec2/routeTable:RouteTable": _NETWORK,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _NETWORK,
    "aws:ec2/securityGroup:SecurityGroup": _NETWORK,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _NETWORK,
    "aws:ec2/subnet:Subnet": _NETWORK,
    "aws:ec2/volumeAttachment:VolumeAttachment": "billed with the volume",
    "aws:ec2/vpc:Vpc": _NETWORK,
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": _NETWORK,
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": _NETWORK,
    "aws:ecs/capacityProvider:CapacityProvider": _MACHINES,
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": _COPIES,
    "aws:ecs/taskDefinition:TaskDefinition": _COPIES,
    "aws:eks/accessEntry:AccessEntry": _RIGHTS,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _RIGHTS,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _RIGHTS,
    "aws:elasticache/parameterGroup:ParameterGroup": _SETTING,
    "aws:elasticache/subnetGroup:SubnetGroup": _SETTING,
    "aws:elasticache/user:User": _RIGHTS,
    "aws:elasticache/userGroup:UserGroup": _RIGHTS,
    "aws:iam/group:Group": _RIGHTS,
    "aws:iam/groupPolicy:GroupPolicy": _RIGHTS,
    "aws:iam/instanceProfile:InstanceProfile": _RIGHTS,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _RIGHTS,
    "aws:iam/policy:Policy": _RIGHTS,
    "aws:iam/role:Role": _RIGHTS,
    "aws:iam/rolePolicy:RolePolicy": _RIGHTS,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _RIGHTS,
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": _RIGHTS,
    "aws:iam/user:User": _RIGHTS,
    "aws:iam/userPolicy:UserPolicy": _RIGHTS,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": _RIGHTS,
    "aws:kms/alias:Alias": "billed with its key",
    "aws:kms/grant:Grant": _RIGHTS,
    "aws:kms/keyPolicy:KeyPolicy": _RIGHTS,
    "aws:lambda/invocation:Invocation": "billed with its function",
    "aws:lambda/permission:Permission": _RIGHTS,
    "aws:lb/listener:Listener": _BALANCER,
    "aws:lb/listenerCertificate:ListenerCertificate": _BALANCER,
    "aws:lb/listenerRule:ListenerRule": _BALANCER,
    "aws:lb/targetGroup:TargetGroup": _BALANCER,
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": _BALANCER,
    "aws:rds/optionGroup:OptionGroup": _SETTING,
    "aws:rds/parameterGroup:ParameterGroup": _SETTING,
    "aws:rds/subnetGroup:SubnetGroup": _SETTING,
    "aws:route53/record:Record": "a zone that is not of the stack bills its queries",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _BUCKET,
    "aws:s3/bucketLogging:BucketLogging": "billed with the bucket that it fills",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": _RIGHTS,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _RIGHTS,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _BUCKET
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _BUCKET,
    "aws:secretsmanager/secretPolicy:SecretPolicy": _RIGHTS,
    "aws:secretsmanager/secretVersion:SecretVersion": "billed with its secret",
    "aws:sns/topicPolicy:TopicPolicy": _RIGHTS,
    "aws:sqs/queuePolicy:QueuePolicy": _RIGHTS,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _RIGHTS,
    "aws:sqs/redrivePolicy:RedrivePolicy": _SETTING,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _NETWORK,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _NETWORK,
    "aws:wafv2/webAclAssociation:WebAclAssociation": "billed with its firewall",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        "billed with the log group that it fills"
    ),
    **dict.fromkeys(
        (
            "random:index/randomBytes:RandomBytes",
            "random:index/randomId:RandomId",
            "random:index/randomInteger:RandomInteger",
            "random:index/randomPassword:RandomPassword",
            "random:index/randomPet:RandomPet",
            "random:index/randomShuffle:RandomShuffle",
            "random:index/randomString:RandomString",
            "random:index/randomUuid:RandomUuid",
        ),
        "a value in the engine's state",
    ),
}
