"""Type tokens of the resources that facts are read from."""

from __future__ import annotations

ACL = "alicloud:alb/listenerAclAttachment:ListenerAclAttachment"
ACL_ENTRIES = "alicloud:alb/aclEntryAttachment:AclEntryAttachment"
ACL_LIST = "alicloud:alb/acl:Acl"
ADDRESS = "alicloud:ecs/eipAddress:EipAddress"
ATTACHMENT = "alicloud:ess/albServerGroupAttachment:AlbServerGroupAttachment"
AUTOSCALER = "alicloud:cs/autoscalingConfig:AutoscalingConfig"
BACKUP_POLICY = "alicloud:rds/backupPolicy:BackupPolicy"
BUCKET = "alicloud:oss/bucket:Bucket"
BUCKET_BLOCK = "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION = "alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption"
BUCKET_POLICY = "alicloud:oss/bucketPolicy:BucketPolicy"
BUCKET_VERSIONING = "alicloud:oss/bucketVersioning:BucketVersioning"
CACHE = "alicloud:kvstore/instance:Instance"
CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"
DATABASE = "alicloud:rds/instance:Instance"
KEY = "alicloud:kms/key:Key"
LISTENER = "alicloud:alb/listener:Listener"
LOAD_BALANCER = "alicloud:alb/loadBalancer:LoadBalancer"
LOG_ALERT = "alicloud:log/alert:Alert"
LOG_STORE = "alicloud:log/store:Store"
NAT = "alicloud:vpc/natGateway:NatGateway"
NODE_POOL = "alicloud:cs/nodePool:NodePool"
POLICY = "alicloud:ram/policy:Policy"
QUEUE = "alicloud:message/serviceQueue:ServiceQueue"
REPLICA = "alicloud:rds/readOnlyInstance:ReadOnlyInstance"
ROLE = "alicloud:ram/role:Role"
RULE = "alicloud:alb/rule:Rule"
SECURITY_GROUP = "alicloud:ecs/securityGroup:SecurityGroup"
SECURITY_RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule"
SERVER_GROUP = "alicloud:alb/serverGroup:ServerGroup"
SWITCH = "alicloud:vpc/switch:Switch"

POLICY_ATTACHMENTS = (
    "alicloud:ram/rolePolicyAttachment:RolePolicyAttachment",
    "alicloud:ram/userPolicyAttachment:UserPolicyAttachment",
)
"""What gives a role, or a user, the rights of a policy."""
