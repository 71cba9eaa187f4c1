"""Types for which Alibaba Cloud bills nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_NETWORK = "parts of a network are free; what passes through is billed elsewhere"
_RIGHTS = "rights are free"
_BALANCER = "billed with its load balancer"
_BUCKET = "a setting of its bucket"
_DATABASE = "billed with its server"
_CLUSTER = "billed with its cluster"
_ALARM = "alarms are free as long as they are told by mail"
_LOGS = "billed with the store of its lines"

FREE: Mapping[str, str] = {
    "alicloud:alb/acl:Acl": _BALANCER,
    "alicloud:alb/aclEntryAttachment:AclEntryAttachment": _BALANCER,
    "alicloud:alb/listener:Listener": _BALANCER,
    "alicloud:alb/listenerAclAttachment:ListenerAclAttachment": _BALANCER,
    "alicloud:alb/rule:Rule": _BALANCER,
    "alicloud:alb/serverGroup:ServerGroup": _BALANCER,
    "alicloud:cms/alarm:Alarm": _ALARM,
    "alicloud:cms/alarmContact:AlarmContact": _ALARM,
    "alicloud:cms/alarmContactGroup:AlarmContactGroup": _ALARM,
    "alicloud:cs/autoscalingConfig:AutoscalingConfig": _CLUSTER,
    "alicloud:cs/kubernetesPermission:KubernetesPermission": _RIGHTS,
    "alicloud:dns/alidnsRecord:AlidnsRecord": "records of a domain are free",
    "alicloud:ecs/eipAssociation:EipAssociation": _NETWORK,
    "alicloud:ecs/securityGroup:SecurityGroup": _NETWORK,
    "alicloud:ecs/securityGroupRule:SecurityGroupRule": _NETWORK,
    "alicloud:ess/albServerGroupAttachment:AlbServerGroupAttachment": _BALANCER,
    "alicloud:kms/alias:Alias": "billed with its key",
    "alicloud:kms/key:Key": "the master key of a region is free, and a KMS instance is paid for "
    "with all its keys",
    "alicloud:log/alert:Alert": _ALARM,
    "alicloud:log/logTailAttachment:LogTailAttachment": _LOGS,
    "alicloud:log/logTailConfig:LogTailConfig": _LOGS,
    "alicloud:log/machineGroup:MachineGroup": _LOGS,
    "alicloud:log/project:Project": _LOGS,
    "alicloud:log/resourceRecord:ResourceRecord": _ALARM,
    "alicloud:log/storeIndex:StoreIndex": _LOGS,
    "alicloud:oss/bucketAcl:BucketAcl": _BUCKET,
    "alicloud:oss/bucketHttpsConfig:BucketHttpsConfig": _BUCKET,
    "alicloud:oss/bucketPolicy:BucketPolicy": _BUCKET,
    "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock": _BUCKET,
    "alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption": _BUCKET,
    "alicloud:oss/bucketVersioning:BucketVersioning": _BUCKET,
    "alicloud:ram/accessKey:AccessKey": _RIGHTS,
    "alicloud:ram/policy:Policy": _RIGHTS,
    "alicloud:ram/role:Role": _RIGHTS,
    "alicloud:ram/rolePolicyAttachment:RolePolicyAttachment": _RIGHTS,
    "alicloud:ram/user:User": _RIGHTS,
    "alicloud:ram/userPolicyAttachment:UserPolicyAttachment": _RIGHTS,
    "alicloud:rds/account:Account": _RIGHTS,
    "alicloud:rds/backupPolicy:BackupPolicy": _DATABASE,
    "alicloud:rds/database:Database": _DATABASE,
    "alicloud:vpc/network:Network": _NETWORK,
    "alicloud:vpc/snatEntry:SnatEntry": _NETWORK,
    "alicloud:vpc/switch:Switch": _NETWORK,
    **dict.fromkeys(
        (
            "random:index/randomBytes:RandomBytes",
            "random:index/randomId:RandomId",
            "random:index/randomPassword:RandomPassword",
            "random:index/randomString:RandomString",
        ),
        "a value in the engine's state",
    ),
}
